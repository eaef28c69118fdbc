"""How the painter looks: for everybody, on a phone, and which notes it names."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.browser.axe import violations
from tests.ui.browser.painter.roll import canvas, freely, opened, put, row_of, stroke
from tests.ui.browser.screenshots import shoot

TWO_OCTAVES = [262, 294, 330, 349, 392, 440, 494, 523, 587, 659, 698, 784]


def painted(page, url, columns):
    """Open the painter and paint a melody with harmonics, a slide and a cloud."""
    opened(page, url)
    put(page, "scale", "major")
    put(page, "snap-rhythm", True)
    put(page, "harmonics", 6)
    for k, hz in enumerate(TWO_OCTAVES):
        if 11 * k + 2 < columns:
            stroke(page, (row_of(hz), 11 * k + 2))
    freely(page)
    put(page, "harmonics", 1)
    put(page, "size", 40)
    put(page, "strength", 55)
    stroke(page, (380, 10), (330, columns - 10))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_kept_out(page, url, theme):
    painted(page, f"{url}/?__theme={theme}", 200)
    assert violations(page, "#painter") == []
    shoot(page, f"paint-{theme}")


def test_a_phone_is_wide_enough(phone, url):
    painted(phone, url, 90)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(phone, "#painter") == []
    shoot(phone, "paint-phone")


def test_a_phone_shows_the_roll_first_and_fingers_find_every_tool(phone, url):
    opened(phone, url)
    painter = phone.locator(".moss-paint")
    assert canvas(phone).bounding_box()["y"] - painter.bounding_box()["y"] < 260
    shoot(phone, "paint-phone-empty")
    expect(phone.locator(".moss-paint .scale")).to_be_hidden()
    phone.locator(".moss-paint .grids > summary").tap()
    expect(phone.locator(".moss-paint .scale")).to_be_visible()
    touched = painter.locator("button, summary, select, input[type=range], input[type=number]")
    touched = touched.or_(painter.locator("label:has([type=checkbox])"))
    boxes = [each.bounding_box() for each in touched.all() if each.is_visible()]
    assert len(boxes) > 20
    assert min(box["height"] for box in boxes) >= 44
    assert min(box["width"] for box in boxes) >= 44
    assert max(box["x"] + box["width"] for box in boxes) <= 390


def test_the_axis_names_the_notes_of_the_scale_at_their_rows(page, url):
    opened(page, url)
    put(page, "scale", "pentatonic")
    put(page, "key", "A")
    # C pentatonic, which is seen between the two choices, has no C sharp.
    page.locator(".names span", has_text=re.compile("^C♯")).first.wait_for()
    names = page.locator(".names span")
    said = {}
    for k in range(names.count()):
        name, hz = names.nth(k).text_content().split(" ")
        said[name] = float(hz)
        assert int(names.nth(k).get_attribute("data-row")) == row_of(float(hz))
    assert {name[:-1] for name in said} <= {"A", "B", "C♯", "E", "F♯"}
    assert said["A1"] == 55
    assert said["A8"] == 7040
    assert said["E4"] == 330


def test_the_seconds_lie_over_their_columns(page, url):
    opened(page, url)
    box = canvas(page).bounding_box()
    wide = float(canvas(page).get_attribute("data-column-px"))
    label = page.locator(".seconds span", has_text=re.compile("^4 s$")).bounding_box()
    assert label["x"] - box["x"] == pytest.approx(4 * 44_100 / 1024 * wide, abs=1)
