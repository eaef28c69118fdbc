"""Strokes of the mouse, a finger and the keys become pixels; each can be undone to the pixel.

Which pixels a stroke becomes is tested in Node; here, that hands, keys and controls reach it.
"""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.ui.browser.painter.roll import (
    COLUMNS_PER_S,
    blank,
    canvas,
    finger,
    freely,
    opened,
    pixels,
    press,
    put,
    row_of,
    same,
    stroke,
)

ROUNDABOUT = [(60, 10), (200, 40), (350, 41), (120, 80), (118, 60)]


@pytest.fixture
def roll(page, url):
    return opened(page, url)


def test_the_painting_grows_to_whole_seconds(roll):
    freely(roll)
    stroke(roll, (100, 5), (100, 130))
    wanted = blank(131)
    wanted[100, 5:131] = 255
    same(roll, wanted)
    expect(roll.locator(".moss-paint .length")).to_have_text("4 s painted")


def test_what_lies_beyond_the_screen_is_scrolled_to_and_painted_on(roll):
    freely(roll)
    for _ in range(2):
        press(roll, "Later")
    first = int(canvas(roll).get_attribute("data-first-column"))
    assert first > 150
    stroke(roll, (100, first + 200), (100, first + 210))
    wanted = blank(first + 211)
    wanted[100, first + 200 : first + 211] = 255
    same(roll, wanted)


def test_strength_is_brightness_and_light_adds_up(roll):
    freely(roll)
    put(roll, "strength", 60)
    stroke(roll, (200, 10), (200, 20))
    put(roll, "strength", 40)
    stroke(roll, (200, 15), (200, 30))
    wanted = blank()
    wanted[200, 10:31] = 102
    wanted[200, 10:21] = 153
    same(roll, wanted)


def test_size_is_rows(roll):
    freely(roll)
    put(roll, "size", 9)
    stroke(roll, (200, 30))
    painted = pixels(roll)
    assert list(np.flatnonzero(painted.any(axis=1))) == list(range(196, 205))
    np.testing.assert_array_equal(painted[196:205], painted[196:205][::-1])


def test_the_eraser_takes_away_what_it_passes(roll):
    freely(roll)
    stroke(roll, (200, 10), (200, 30))
    press(roll, "Eraser")
    put(roll, "size", 1)
    stroke(roll, (200, 15), (200, 20))
    put(roll, "strength", 50)
    stroke(roll, (200, 25), (200, 26))
    wanted = blank()
    wanted[200, 10:31] = 255
    wanted[200, 15:21] = 0
    wanted[200, 25:27] = 127
    same(roll, wanted)


def test_harmonics_are_a_kth_as_loud_at_k_times_the_frequency(roll):
    freely(roll)
    put(roll, "harmonics", 8)
    stroke(roll, (300, 10), (300, 20))
    wanted = blank()
    for k in range(1, 9):
        row = 300 - round(60 * np.log2(k))
        wanted[row, 10:21] = round(255 - 255 * np.log(k) / 12)
    assert np.count_nonzero(wanted.any(axis=1)) == 8
    same(roll, wanted)


def test_a_snapped_stroke_is_on_the_notes_of_its_scale(roll):
    for scale, key, semitones in (
        ("major", "D", (2, 4, 6, 7, 9, 11, 1)),
        ("whole tone", "C♯", (1, 3, 5, 7, 9, 11)),
    ):
        put(roll, "scale", scale)
        put(roll, "key", key)
        stroke(roll, (2, 10), (418, 100))
        painted = pixels(roll)
        notes = [420 - 5 * k for k in range(85) if (9 + k) % 12 in semitones]  # row 420 is an A
        assert sorted(np.flatnonzero(painted.any(axis=1))) == sorted(notes)
        # Each cell is on the note that is nearest to the straight line of the hand.
        rows, columns = np.nonzero(painted)
        hand = 2 + (columns - 10) * 416 / 90
        nearest = np.array(notes)[np.abs(hand[:, None] - np.array(notes)).argmin(axis=1)]
        assert np.abs(rows - nearest).max() <= 20
        assert set(columns) == set(range(10, 101))
        press(roll, "Clear")


def test_a_click_paints_one_division_and_a_drag_whole_ones(roll):
    put(roll, "snap-rhythm", True)
    for tempo, division, beats in ((97, "1/8", 1 / 2), (90, "1/8 triplet", 1 / 3)):
        put(roll, "tempo", tempo)
        put(roll, "division", division)
        edges = np.floor(np.arange(40) * 60 / tempo * beats * COLUMNS_PER_S + 0.5).astype(int)
        stroke(roll, (row_of(440), edges[2] + 1))
        stroke(roll, (row_of(880), edges[4] + 1), (row_of(880), edges[6]))
        last = edges[7]
        wanted = blank(last)
        wanted[row_of(440), edges[2] : edges[3]] = 255
        wanted[row_of(880), edges[4] : last] = 255
        same(roll, wanted)
        press(roll, "Clear")


def test_undo_and_redo_lead_to_exactly_the_same_pixels(roll):
    seen = [pixels(roll)]
    assert not seen[0].any()

    def then(*cells):
        stroke(roll, *cells)
        seen.append(pixels(roll))

    put(roll, "harmonics", 5)
    then((300, 10), (250, 90))
    put(roll, "size", 30)
    put(roll, "strength", 45)
    freely(roll)
    then((280, 15), (260, 150), (100, 20))
    press(roll, "Eraser")
    then((280, 40), (200, 60))
    press(roll, "Clear")
    seen.append(pixels(roll))
    assert len({each.tobytes() for each in seen}) == 4  # the last is as empty as the first
    for wanted in seen[-2::-1]:
        press(roll, "Undo")
        same(roll, wanted)
    expect(roll.locator(".moss-paint .undo")).to_be_disabled()
    for wanted in seen[1:]:
        press(roll, "Redo")
        same(roll, wanted)
    expect(roll.locator(".moss-paint .redo")).to_be_disabled()


def test_keys_undo_and_redo_where_the_painter_is_meant(roll):
    freely(roll)
    stroke(roll, (200, 10), (200, 20))
    one = pixels(roll)
    stroke(roll, (220, 10), (220, 20))
    two = pixels(roll)
    canvas(roll).hover(position={"x": 300, "y": 300})
    for keys, wanted in [
        ("Control+z", one),
        ("Control+z", blank()),
        ("Control+Shift+Z", one),
        ("Control+y", two),
        ("Control+z", one),
    ]:
        roll.keyboard.press(keys)
        same(roll, wanted)
        canvas(roll).hover(position={"x": 300, "y": 300})
    # Neither under the mouse nor focused, it is not the painter that is meant.
    roll.get_by_role("button", name="Elsewhere").click()
    roll.keyboard.press("Control+y")
    same(roll, one)
    # Focused it is, wherever the mouse is.
    canvas(roll).focus()
    roll.mouse.move(1, 1)
    roll.keyboard.press("Control+y")
    same(roll, two)


def test_keys_paint(roll):
    put(roll, "snap-rhythm", True)
    canvas(roll).focus()
    roll.keyboard.press("ArrowRight")
    roll.keyboard.press("ArrowUp")
    roll.keyboard.press("Space")
    told = roll.locator(".moss-paint .told").text_content()
    edges = np.floor(np.arange(3) * 0.25 * COLUMNS_PER_S + 0.5).astype(int)
    painted = pixels(roll)
    rows, columns = np.nonzero(painted)
    assert list(columns) == list(range(edges[1], edges[2]))
    assert len(set(rows)) == 1
    hertz = 7040 * 2 ** (-rows[0] / 60)
    assert f"{hertz:.0f} Hz, 0.26 s" in told


def test_a_finger_paints_what_the_mouse_paints(page, phone, url):
    for each, paint in ((page, stroke), (phone, finger)):
        opened(each, url)
        freely(each)
        put(each, "size", 12)
        put(each, "harmonics", 3)
        paint(each, *ROUNDABOUT)
        put(each, "snap-pitch", True)
        put(each, "snap-rhythm", True)
        paint(each, (300, 50), (280, 90))
    assert np.count_nonzero(pixels(page)) > 2000
    same(phone, pixels(page))


def test_a_finger_on_the_painting_does_not_scroll_the_page(phone, url):
    opened(phone, url)
    phone.evaluate("document.body.style.paddingBottom = '2000px'")
    before = phone.evaluate("scrollY")
    finger(phone, (350, 20), (300, 20), (100, 21), (20, 20))
    assert phone.evaluate("scrollY") == before
    assert np.count_nonzero(pixels(phone)) > 30


def test_a_phone_scrolls_through_time(phone, url):
    opened(phone, url)
    freely(phone)
    phone.locator(".moss-paint").get_by_role("button", name="Later").tap()
    first = int(canvas(phone).get_attribute("data-first-column"))
    assert first > 20
    finger(phone, (100, first + 60), (100, first + 70))
    painted = pixels(phone)
    assert list(np.flatnonzero(painted[100])) == list(range(first + 60, first + 71))
    assert painted.shape == blank(first + 71).shape
