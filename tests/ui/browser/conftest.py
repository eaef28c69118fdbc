"""A real browser, Debian's chromium, and pages that fail their test if anything goes wrong."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from app import compute
from moss import ui
from moss.settings.blend import BlendSettings
from tests.small import SMALL
from tests.ui.browser.serving import served
from tests.ui.browser.watching import PATIENCE_MS, watched

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # containers run as root
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",  # a camera and a microphone that anybody has
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host is ever reached
)
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

# Far more seeding than anybody waits for: only a stop ends it.
ENDLESS = BlendSettings(**SMALL.as_dict() | {"audio_weights": 400, "descent_steps": 1000})

Launch = Callable[..., AbstractContextManager[BrowserContext]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the further cases of a browser test to `make test-all`: one says that it works."""
    first: set[str] = set()
    for item in items:
        if hasattr(item, "callspec") and item.path.is_relative_to(Path(__file__).parent):
            name = f"{item.path}::{item.originalname}"
            if name in first:
                item.add_marker(pytest.mark.soak)
            first.add(name)


# The package's, not the session's: the event loop it brings would be there in every later test.
@pytest.fixture(scope="package")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    """launch(*arguments, **options): Chromium without a window, for the length of a block.

    `arguments` are Chromium's, `options` Playwright's. Skips where there is no Chromium, fails
    there in CI.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("There is no chromium; on Debian and Ubuntu 'sudo apt install chromium' brings it.")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:

        @contextmanager
        def launched(*arguments: str, **options: object) -> Iterator[BrowserContext]:
            # A profile on the disk, unlike a page of no profile, keeps the code that it has
            # compiled: the page then opens in half the time.
            browser = playwright.chromium.launch_persistent_context(
                tmp_path_factory.mktemp("profile"),
                executable_path=path,
                args=[*ARGUMENTS, *arguments],
                **options,
            )
            try:
                yield browser
            finally:
                browser.close()

        yield launched


@pytest.fixture(scope="package")
def browser(launch: Launch) -> Iterator[BrowserContext]:
    """A browser whose pages are 1280 x 800."""
    with launch(**DESK) as browser:
        yield browser


@pytest.fixture(scope="package")
def phones_browser(launch: Launch) -> Iterator[BrowserContext]:
    """A browser whose pages are 390 x 844 and touched."""
    with launch(**PHONE) as browser:
        yield browser


@pytest.fixture(scope="package")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the whole page keeps copies of its results."""
    return tmp_path_factory.mktemp("home") / "results"


@pytest.fixture(scope="package")
def whole_page(results: Path) -> Iterator[str]:
    """The address of the whole page, whose quick preset is small and whose other one endless."""
    presets = {"quick": SMALL, "high-res": ENDLESS}
    with served(ui.build(compute=compute, presets=presets, results=results)) as url:
        yield url


@pytest.fixture(scope="package")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A picture and a track that the project does not bring."""
    folder = tmp_path_factory.mktemp("pair")
    picture = Image.new("L", (320, 200))
    ImageDraw.Draw(picture).ellipse((60, 30, 260, 170), fill=255)
    picture.save(folder / "disc.png")
    random, rate, seconds = np.random.default_rng(5), 22_050, 6
    time = np.arange(rate * seconds) / rate
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in (220, 277.2, 329.6, 880))
    waveform = 0.05 * chord + 0.02 * random.standard_normal(len(time))
    soundfile.write(folder / "chord.wav", waveform, rate)
    return folder / "disc.png", folder / "chord.wav"


def _expected(request: pytest.FixtureRequest) -> str | None:
    mark = request.node.get_closest_marker("console_errors")
    return mark.args[0] if mark else None


@pytest.fixture
def page(browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh, watched page of 1280 x 800."""
    with watched(browser, _expected(request)) as page:
        yield page


@pytest.fixture
def phone(phones_browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh, watched page on a phone of 390 x 844 that is touched."""
    with watched(phones_browser, _expected(request)) as page:
        yield page
