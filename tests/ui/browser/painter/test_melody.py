"""A melody is painted on the page, played, and heard: its pitches and when each note begins."""

import re
from io import BytesIO

import numpy as np
import pytest
import soundfile
from PIL import Image
from playwright.sync_api import expect

from tests.hearing import onset_s, pitch_hz
from tests.ui.browser.painter.roll import (
    COLUMNS_PER_S,
    canvas,
    pixels,
    press,
    put,
    row_of,
    stroke,
)
from tests.ui.browser.screenshots import shoot

# C major from 220 Hz to 1976 Hz, by MIDI's numbers, over eighths at 120 BPM; None is a rest.
MELODY = [57, 64, 60, None, 67, 72, 69, 76, None, 81, 84, 79, 88, None, 95, 91, 83, 77, 65]
EIGHTH_S = 0.25


@pytest.fixture
def roll(page, whole_page):
    page.goto(whole_page)
    page.get_by_role("tab", name="Paint").click()
    page.wait_for_selector(".moss-paint canvas[data-first-column]")
    canvas(page).scroll_into_view_if_needed()
    canvas(page).hover(position={"x": 1, "y": 1})
    return page


def played(page):
    """Press Play, and return the sound once it plays, (samples,), and its rate."""
    press(page, "Play")
    expect(page.locator(".moss-paint")).to_have_attribute("data-state", "playing")
    source = page.evaluate("document.querySelector('.moss-paint audio').src")
    return soundfile.read(BytesIO(page.request.get(source).body()))


def test_a_painted_melody_is_heard_as_it_is_painted(roll):
    put(roll, "scale", "major")
    put(roll, "snap-rhythm", True)
    notes = []
    for k, midi in enumerate(MELODY):
        if midi is None:
            continue
        hz = 440 * 2 ** ((midi - 69) / 12)
        # The hand is a little off, in pitch and in time.
        stroke(roll, (row_of(hz) + (-1) ** k * 2, int((k + 0.4) * EIGHTH_S * COLUMNS_PER_S)))
        notes.append((k, hz))
    sound, rate = played(roll)
    shoot(roll, "paint-page")
    assert len(sound) / rate == pytest.approx(5, abs=0.03)
    cents, late_ms = [], []
    for k, hz in notes:
        begin, end = (round(each * EIGHTH_S * rate) for each in (k, k + 1))
        middle = sound[begin + (end - begin) // 4 : end - (end - begin) // 4]
        cents.append(1200 * np.log2(pitch_hz(middle, rate, 100, 3000) / hz))
        late_ms.append(1000 * (onset_s(sound, rate, hz, begin, end) - k * EIGHTH_S))
    assert np.abs(cents).max() < 20, np.round(cents, 2)
    assert np.abs(late_ms).max() < 30, np.round(late_ms, 1)


@pytest.mark.soak
def test_the_playhead_goes_with_the_sound_and_stop_ends_it(roll):
    stroke(roll, (row_of(440), 10), (row_of(440), 200))
    played(roll)
    head = roll.locator(".moss-paint .playhead")
    first = head.bounding_box()["x"]
    roll.wait_for_function(
        "x => document.querySelector('.moss-paint .playhead').getBoundingClientRect().x > x + 30",
        arg=first,
    )
    press(roll, "Stop")
    expect(head).to_be_hidden()
    assert roll.evaluate("document.querySelector('.moss-paint audio').paused")
    # The same painting sounds again at once; to its end it plays alone.
    before = roll.evaluate("document.querySelector('.moss-paint audio').src")
    played(roll)
    assert roll.evaluate("document.querySelector('.moss-paint audio').src") == before
    expect(roll.locator(".moss-paint")).to_have_attribute("data-state", "idle")


def test_each_change_makes_a_new_sound(roll):
    stroke(roll, (row_of(440), 5), (row_of(440), 40))
    low, rate = played(roll)
    press(roll, "Undo")
    stroke(roll, (row_of(880), 5), (row_of(880), 40))
    high, _ = played(roll)
    cut = slice(rate // 4, 3 * rate // 4)
    assert pitch_hz(low[cut], rate, 100, 3000) == pytest.approx(440, rel=0.003)
    assert pitch_hz(high[cut], rate, 100, 3000) == pytest.approx(880, rel=0.003)


def test_the_painting_becomes_the_picture_of_a_blend(roll):
    stroke(roll, (row_of(440), 10), (row_of(880), 100))
    painted = pixels(roll)
    press(roll, "Use as the picture of a blend")
    picture = roll.locator("#moss-picture img")
    expect(picture).to_be_visible()
    expect(picture).to_have_attribute("src", re.compile("painting.png"))
    body = roll.request.get(roll.evaluate("document.querySelector('#moss-picture img').src")).body()
    with Image.open(BytesIO(body)) as image:
        np.testing.assert_array_equal(np.asarray(image), painted)
