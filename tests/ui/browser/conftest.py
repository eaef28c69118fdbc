"""A real browser, Debian's chromium, and pages that fail their test if anything goes wrong."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from moss import ui  # noqa: F401  it names gradio's folder before a test imports gradio
from tests.ui.browser.watching import PATIENCE_MS, watched

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # containers run as root
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",  # a camera and a microphone that anybody has
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host is ever reached
)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "console_errors(pattern): errors in the console that this test expects"
    )


# The package's, not the session's: the event loop it brings would be there in every later test.
@pytest.fixture(scope="package")
def browser():
    """Chromium without a window; skips where there is none, fails there in CI."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("There is no chromium; on Debian and Ubuntu 'sudo apt install chromium' brings it.")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


def _expected(request):
    mark = request.node.get_closest_marker("console_errors")
    return mark.args[0] if mark else None


@pytest.fixture
def page(browser, request):
    """A fresh, watched page of 1280 x 800."""
    with watched(browser, _expected(request), viewport={"width": 1280, "height": 800}) as page:
        yield page


@pytest.fixture
def phone(browser, request):
    """A fresh, watched page on a phone of 390 x 844 that is touched."""
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with watched(browser, _expected(request), **options) as page:
        yield page
