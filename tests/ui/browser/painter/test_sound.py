"""What becomes of a painting's sound: it waits its turn, it is taken home, it is seen."""

import re
import threading
from contextlib import closing, contextmanager

import gradio as gr
import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from moss.ui.components.live.live import LiveSpectrogram
from moss.ui.host.files import temp_root
from moss.ui.host.room import Room
from moss.ui.host.run import Host
from moss.ui.tabs.paint import PaintTab
from tests.hearing import pitch_hz
from tests.ui.browser.axe import violations
from tests.ui.browser.painter.roll import canvas, opened, press, row_of, stroke
from tests.ui.browser.screenshots import shoot
from tests.ui.browser.serving import served


@pytest.fixture(scope="module")
def host():
    return Host(lambda *_: iter(()), "cpu", None, Room(temp_root()))


@pytest.fixture(scope="module")
def url(host):
    with gr.Blocks(title="Paint", analytics_enabled=False) as blocks:
        PaintTab(host)
        LiveSpectrogram(drawer=True)
    with served(blocks) as url:
        yield url


@pytest.fixture
def roll(page, url):
    opened(page, url)
    stroke(page, (row_of(440), 10), (row_of(440), 100))
    return page


@contextmanager
def run_of_another(host):
    """Let another visitor's run be at work."""
    begun, over = threading.Event(), threading.Event()

    def work():
        begun.set()
        while not over.wait(0.01):
            yield None

    def run():
        with closing(host.turns.run("another", work)) as items:
            for _ in items:
                pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert begun.wait(20)
    try:
        yield
    finally:
        over.set()
        thread.join()


def in_state(page, state):
    expect(page.locator(".moss-paint")).to_have_attribute("data-state", state)


def test_how_many_come_before_is_told_until_the_turn_has_come(roll, host):
    doing = roll.locator(".moss-paint .doing")
    with run_of_another(host):
        press(roll, "Play")
        expect(doing).to_have_text("Waiting: 1 run before yours")
        expect(doing).to_have_attribute("role", "status")
        in_state(roll, "making")
        shoot(roll, "paint-waiting")
    in_state(roll, "playing")
    expect(doing).to_have_text("")


def test_who_stops_waiting_is_told_so_no_longer(roll, host):
    with run_of_another(host):
        press(roll, "Play")
        expect(roll.locator(".doing")).to_have_text(re.compile("^Waiting"))
        press(roll, "Stop")
        expect(roll.locator(".doing")).to_have_text("")
        in_state(roll, "idle")


def test_the_sound_is_taken_home_while_it_is_that_of_the_painting(roll):
    link = roll.get_by_role("link", name="Save WAV")
    expect(link).to_be_hidden()
    press(roll, "Play")
    in_state(roll, "playing")
    with roll.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "painting.wav"
    sound, rate = soundfile.read(download.value.path())
    assert pitch_hz(sound[rate // 2 : 2 * rate], rate, 100, 3000) == pytest.approx(440, rel=0.003)
    canvas(roll).hover()
    roll.mouse.wheel(100, 0)  # to look elsewhere changes nothing
    expect(link).to_be_visible()
    press(roll, "Undo")
    expect(link).to_be_hidden()
    expect(roll.get_by_role("button", name="See it")).to_be_hidden()


def test_the_sound_is_seen_in_the_drawer(roll):
    press(roll, "Play")
    in_state(roll, "playing")
    press(roll, "Stop")
    press(roll, "See it")
    drawer = roll.locator(".moss-live.drawer")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("Painting")
    in_state(roll, "playing")
    roll.wait_for_function("+document.querySelector('.moss-live.drawer').dataset.frames > 10")
    shoot(roll, "paint-see-it")
    in_state(roll, "idle")
    assert violations(roll, ".moss-paint") == []
    assert np.isfinite(roll.evaluate("document.querySelector('.moss-paint audio').duration"))
