"""The microphone, live: a file plays into it, so that what must be seen is known."""

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.ui.browser.live.helpers import crest, greys, heard, opened, row_of, setting, state, told

RATE = 48000
TONES_HZ = (440.0, 1234.5, 3000.0, 7040.0)
SWEEP_HZ, SWEEP_HZ_PER_S, SWEEP_S = 500, 400, 25
REMEMBER_CONTEXTS = """
window.contexts = [];
window.AudioContext = class extends window.AudioContext {
    constructor(...options) {
        super(...options);
        window.contexts.push(this);
    }
};
"""
# At each of so many frames of the screen: the view's frames and seconds, and the sound's own time.
# In the middle the page is busy for a third of a second, and draws nothing.
FOLLOW_FRAMES = """(view) => new Promise((resolve) => {
    const found = [];
    function look() {
        found.push([+view.dataset.frames, +view.dataset.seconds, contexts.at(-1).currentTime]);
        if (found.length === 60) {
            const start = performance.now();
            while (performance.now() - start < 333);
        }
        if (found.length === 120) resolve(found);
        else requestAnimationFrame(look);
    }
    requestAnimationFrame(look);
})"""


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    t = np.arange(20 * RATE) / RATE
    path = tmp_path_factory.mktemp("tones") / "tones.wav"
    soundfile.write(path, sum(0.2 * np.sin(2 * np.pi * hz * t) for hz in TONES_HZ), RATE)
    return f"--use-file-for-fake-audio-capture={path}"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    t = np.arange(SWEEP_S * RATE) / RATE
    path = tmp_path_factory.mktemp("sweep") / "sweep.wav"
    phase = 2 * np.pi * (SWEEP_HZ * t + SWEEP_HZ_PER_S * t**2 / 2)
    soundfile.write(path, 0.5 * np.sin(phase), RATE)
    return f"--use-file-for-fake-audio-capture={path}"


def listening(page, url):
    view = opened(page, url)
    setting(view, "colours", "gray")
    setting(view, "gain", "0")  # no tone is brighter than the brightest colour
    view.get_by_role("button", name="Microphone").click()
    state(view, "running")
    return view


def test_frames_come_with_those_of_the_screen_and_seconds_are_those_of_the_sound(
    hearing, tones, url
):
    with hearing(tones) as page:
        page.add_init_script(REMEMBER_CONTEXTS)
        view = listening(page, url)
        heard(view, 1)
        frames, seconds, sound = np.array(view.evaluate(FOLLOW_FRAMES)).T
        # The view draws whenever the screen does and something has sounded since.
        sounded = np.count_nonzero(np.diff(sound))
        print(f"{frames[-1] - frames[0]:.0f} frames drawn of {sounded} in which something sounded")
        assert sounded > 60
        # A busy machine draws some of them late.
        assert frames[-1] - frames[0] == pytest.approx(sounded, rel=0.1)
        # When it last drew, between the look before and this one, its clock and the sound's were
        # as far apart as ever, although the screen had stood still.
        earliest, latest = sound[:-1] - seconds[1:], sound[1:] - seconds[1:]
        assert earliest.max() <= latest.min() + 1e-6
        assert np.diff(sound).max() > 0.25


def test_a_tone_stands_at_its_frequency_on_both_axes(hearing, tones, url):
    with hearing(tones) as page:
        view = listening(page, url)
        heard(view, 2)
        for axis in ("linear", "log"):
            setting(view, "axis", axis)
            about = told(view)
            assert about["axis"] == axis
            picture = greys(view)
            column = picture[:, -100:].mean(1)
            for hertz in TONES_HZ:
                expected = row_of(hertz, about, len(column))
                around = slice(round(expected) - 12, round(expected) + 13)
                found = around.start + crest(column[around])
                print(f"{axis}: {hertz:g} Hz {found - expected:+.2f} pixels")
                assert abs(found - expected) <= 1
                assert column[around].max() > column.mean() + 50


def test_a_sweep_has_its_slope(hearing, sweep, url):
    with hearing(sweep) as page:
        view = listening(page, url)
        heard(view, 6)
        setting(view, "axis", "linear")
        about, picture = told(view), greys(view)
        height, width = picture.shape
        columns = np.arange(width - round(4 / float(about["secondsPerPixel"])), width)
        rows = np.array([crest(picture[:, x]) for x in columns])
        hertz = float(about["highHz"]) * (1 - (rows + 0.5) / height)
        per_pixel, start = np.polyfit(columns, hertz, 1)
        slope = per_pixel / float(about["secondsPerPixel"])
        left = np.abs(hertz - (start + per_pixel * columns)).max()
        print(f"{slope:.1f} Hz a second instead of {SWEEP_HZ_PER_S}; furthest off {left:.0f} Hz")
        assert slope == pytest.approx(SWEEP_HZ_PER_S, rel=0.03)
        # No column is out of line: time does not jump.
        assert left < 3 * float(about["highHz"]) / height


@pytest.mark.soak
def test_time_is_as_fast_as_the_speed_says(hearing, sweep, url):
    with hearing(sweep) as page:
        view = listening(page, url)
        for speed in ("50", "200"):
            setting(view, "speed", speed)
            assert float(told(view)["secondsPerPixel"]) == pytest.approx(1 / float(speed))
        heard(view, 4)
        picture = greys(view)
        columns = np.arange(picture.shape[1] - 400, picture.shape[1])
        rows = np.array([crest(picture[:, x]) for x in columns])
        hertz_per_row = float(told(view)["highHz"]) / picture.shape[0]
        slope = -np.polyfit(columns, rows, 1)[0] * hertz_per_row * 200
        assert slope == pytest.approx(SWEEP_HZ_PER_S, rel=0.05)


def test_the_microphone_is_asked_for_on_the_click_and_let_go_on_pause(hearing, tones, url):
    with hearing(tones) as page:
        view = opened(page, url)
        page.wait_for_timeout(500)
        assert page.evaluate("opened.length") == 0
        expect(view.get_by_label("Device")).to_be_hidden()
        view.get_by_role("button", name="Microphone").click()
        state(view, "running")
        assert page.evaluate("opened.length") == 1
        expect(view.get_by_label("Device")).to_be_visible()
        assert view.get_by_label("Device").locator("option").count() > 1
        view.get_by_role("button", name="Pause").click()
        state(view, "paused")
        assert page.evaluate("opened[0].getTracks().map(t => t.readyState)") == ["ended"]
        frames = told(view)["frames"]
        page.wait_for_timeout(300)
        assert told(view)["frames"] == frames
        view.get_by_role("button", name="Go on").click()
        state(view, "running")
        view.get_by_label("Device").select_option(index=1)
        page.wait_for_function("opened[2]?.active")
        assert page.evaluate("opened.map(s => s.active)") == [False, False, True]


def test_a_hidden_view_lets_the_microphone_go(hearing, tones, url):
    with hearing(tones) as page:
        view = opened(page, url)
        view.get_by_role("button", name="Microphone").click()
        state(view, "running")
        page.locator("#live").evaluate("e => { e.style.display = 'none'; }")
        state(view, "paused")
        assert page.evaluate("opened[0].active") is False


def test_a_denied_microphone_is_said_in_a_sentence(hearing, url):
    with hearing("--use-fake-ui-for-media-stream=deny") as page:
        view = opened(page, url)
        expect(view.get_by_role("alert")).to_have_text("")
        view.get_by_role("button", name="Microphone").click()
        expect(view.get_by_role("alert")).to_have_text(
            "This page may not hear the microphone; allow it in the browser, or choose a file "
            "instead."
        )
        state(view, "empty")
