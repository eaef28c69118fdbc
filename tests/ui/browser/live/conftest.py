"""Browsers whose microphone plays a file, and a page with nothing but the live view."""

from contextlib import contextmanager

import gradio as gr
import pytest

from moss.ui.components.live.live import LiveSpectrogram
from tests.ui.browser.conftest import DESK
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
def hearing(launch):
    """hearing(*arguments): a watched page of a chromium of its own that gets these as well."""

    @contextmanager
    def opened(*arguments):
        with launch(*arguments, **DESK) as browser, watched(browser) as page:
            page.add_init_script(WATCH_MICROPHONE)
            yield page

    return opened
