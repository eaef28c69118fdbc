"""The brush: what is painted by mouse, finger and keys is read back as wishes."""

import numpy as np
from playwright.sync_api import expect

from moss.settings.wishes import wishes_from
from tests.ui.browser.player.helpers import SMALL, WISHES, asked, opened


def wished(page, pattern):
    return wishes_from(asked(page, pattern)["wishes"])


def holds(wishes, kind, second, hertz):
    """Whether the wishes say `kind` of a place; a later one wins."""
    said = [
        wish.kind
        for wish in wishes
        if wish.start_s <= second < wish.end_s and wish.low_hz <= hertz < wish.high_hz
    ]
    return said[-1:] == [kind]


def brush(page, name):
    if not page.locator(".moss-brush[open]").count():
        page.get_by_text("Paint what you wish for").click()
    page.get_by_role("button", name=name).click()


def on_screen(page, x, y):
    box = page.locator(".moss-screen").bounding_box()
    return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]


def test_a_stroke_of_the_mouse_becomes_wishes(player):
    top_hz, seconds = 11025, SMALL["duration_s"]
    brush(player, "Keep the music here")
    player.mouse.move(*on_screen(player, 0.25, 0.5))
    player.mouse.down()
    player.mouse.move(*on_screen(player, 0.75, 0.5), steps=3)
    player.mouse.up()
    wishes = wished(player, "music")
    for x in np.linspace(0.25, 0.75, 21):
        assert holds(wishes, "music", x * seconds, 0.5 * top_hz)
    for x, y in ((0.15, 0.5), (0.85, 0.5), (0.5, 0.6), (0.5, 0.4)):
        assert not holds(wishes, "music", x * seconds, y * top_hz)
    brush(player, "Show the picture here")
    player.mouse.click(*on_screen(player, 0.5, 0.5))
    wishes = wished(player, "picture")
    assert holds(wishes, "picture", 0.5 * seconds, 0.5 * top_hz)
    assert holds(wishes, "music", 0.3 * seconds, 0.5 * top_hz)
    player.get_by_role("button", name="Undo").click()
    assert {wish.kind for wish in wished(player, '"music[^p]*$')} == {"music"}
    player.get_by_role("button", name="Clear").click()
    assert wished(player, '""') == ()


def test_a_finger_paints_while_a_brush_is_held(phone, url):
    opened(phone, url)
    brush(phone, "Show the picture here")
    phone.touchscreen.tap(*on_screen(phone, 0.5, 0.25))
    wishes = wished(phone, "picture")
    assert holds(wishes, "picture", 0.5 * SMALL["duration_s"], 0.25 * 11025)
    assert phone.evaluate(
        "getComputedStyle(document.querySelector('.moss-screen')).touchAction"
    ) == ("none")


def test_the_keyboard_paints(player):
    player.get_by_text("Paint what you wish for").press("Enter")
    player.get_by_role("button", name="Keep the music here").press("Enter")
    canvas = player.get_by_role("application")
    canvas.focus()
    for _ in range(3):
        player.keyboard.press("Shift+ArrowLeft")
    player.keyboard.press("ArrowUp")
    player.keyboard.press(" ")
    column, row = 96 // 2 - 3 * 8, 48 // 2 + 1
    wishes = wished(player, "music")
    middle = (column + 0.5) / 96 * SMALL["duration_s"], (row + 0.5) / 48 * 11025
    assert holds(wishes, "music", *middle)
    assert not holds(wishes, "music", SMALL["duration_s"] / 2, 11025 / 2)
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    player.keyboard.press("Escape")
    expect(canvas).to_have_count(0)


def test_wishes_that_come_in_are_drawn_and_go_out_the_same(player):
    marks = "() => document.querySelector('.moss-marks').toDataURL()"
    bare = player.evaluate(marks)
    player.get_by_role("button", name="Wished").click()
    player.wait_for_function("bare => document.querySelector('.moss-marks').toDataURL() !== bare",
                             arg=bare)  # fmt: skip
    # A stroke that paints nothing new: erasing where nothing is.
    brush(player, "Erase")
    player.mouse.click(*on_screen(player, 0.1, 0.9))
    assert asked(player, "wishes") == {"wishes": WISHES}
