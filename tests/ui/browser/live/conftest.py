"""Browsers whose microphone plays a file, and a page with nothing but the live view."""

import shutil
from contextlib import contextmanager

import gradio as gr
import pytest

from moss.ui.components.live.live import LiveSpectrogram
from tests.ui.browser.conftest import ARGUMENTS, NAMES
from tests.ui.browser.serving import served
from tests.ui.browser.watching import watched

# Passes every call on, and remembers what came of it.
WATCH_MICROPHONE = """
window.opened = [];
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    window.opened.push(null);
    const k = window.opened.length - 1;
    return (window.opened[k] = await real(wanted));
};
"""


@pytest.fixture(scope="package")
def url():
    with gr.Blocks(title="Live", analytics_enabled=False) as blocks:
        LiveSpectrogram(elem_id="live")
        LiveSpectrogram(drawer=True, elem_id="drawer")
    with served(blocks) as url:
        yield url


@pytest.fixture
def hearing(browser):
    """hearing(*arguments): a watched page of a chromium of its own that gets these as well."""

    @contextmanager
    def launched(*arguments):
        path = next(filter(None, map(shutil.which, NAMES)))
        chromium = browser.browser_type.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        try:
            with watched(chromium, viewport={"width": 1280, "height": 800}) as page:
                page.add_init_script(WATCH_MICROPHONE)
                yield page
        finally:
            chromium.close()

    return launched
