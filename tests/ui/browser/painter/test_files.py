"""Paintings are saved and loaded to the pixel, and what is no painting is refused."""

import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.ui.browser.painter.roll import (
    ROWS,
    blank,
    canvas,
    file_of,
    freely,
    opened,
    pixels,
    press,
    same,
    stroke,
)

GREYS = np.random.default_rng(3).integers(0, 256, (ROWS, 130), np.uint8)
EVERY = np.tile(np.arange(256, dtype=np.uint8), (ROWS, 1))[:, :216]


@pytest.fixture
def roll(page, url):
    return opened(page, url)


def npy(array):
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


def png(array, **options):
    file = BytesIO()
    Image.fromarray(array).save(file, "PNG", **options)
    return file.getvalue()


def load(page, name, content):
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator(".painting-file").set_input_files(file)


def problem(page):
    return page.locator("#painter .moss-problem")


def painted(page):
    page.locator("#painter .length", has_text="s painted").wait_for()
    return pixels(page)


def test_a_file_is_loaded_and_saved_to_the_pixel(roll):
    for levels in (GREYS, EVERY):
        for kind, content in (("npy", npy(levels)), ("png", png(levels))):
            load(roll, f"some.{kind}", content)
            np.testing.assert_array_equal(painted(roll), levels)
            np.testing.assert_array_equal(np.asarray(Image.open(file_of(roll, "png"))), levels)
            press(roll, "Clear")


def test_what_was_painted_is_the_same_after_saving_clearing_and_loading(roll):
    freely(roll)
    stroke(roll, (300, 10), (200, 60), (210, 100))
    wanted = pixels(roll)
    assert wanted.any()
    for kind in ("npy", "png"):
        content = file_of(roll, kind).read_bytes()
        press(roll, "Clear")
        same(roll, blank())
        load(roll, f"painting.{kind}", content)
        np.testing.assert_array_equal(painted(roll), wanted)


def test_a_colour_table_or_an_rgb_picture_of_greys_is_read_as_they_are(roll):
    load(roll, "rgb.png", png(np.repeat(EVERY[:, :, None], 3, axis=2)))
    np.testing.assert_array_equal(painted(roll), EVERY)


def test_loading_can_be_undone(roll):
    freely(roll)
    stroke(roll, (300, 10), (300, 20))
    before = pixels(roll)
    load(roll, "some.npy", npy(GREYS))
    expect(roll.locator("#painter .length")).to_have_text("3 s painted")
    press(roll, "Undo")
    same(roll, before)


# Of an array, of a picture and of neither; all sentences are tested in Node.
NO_PAINTINGS = [
    ("float.npy", npy(np.ones((ROWS, 60), np.float32)), "float.npy holds <f4; a painting"),
    ("cut.png", png(GREYS)[:60], "cut.png cannot be read as a picture; save it again"),
    ("<b>.txt", b"words", "<b>.txt is neither an .npy nor a .png file; load one saved here."),
]


def test_what_is_no_painting_is_refused_in_a_sentence(roll):
    freely(roll)
    stroke(roll, (300, 10), (300, 20))
    before = pixels(roll)
    for name, content, told in NO_PAINTINGS:
        load(roll, name, content)
        expect(problem(roll)).to_contain_text(told)
        expect(problem(roll)).to_have_attribute("role", "alert")
        assert problem(roll).text_content().endswith(".")
        same(roll, before)
    load(roll, "some.npy", npy(GREYS))
    expect(problem(roll)).to_be_hidden()


def test_a_backdrop_is_seen_and_no_part_of_the_painting(roll):
    freely(roll)
    stroke(roll, (300, 10), (300, 20))
    before = pixels(roll)
    bare = canvas(roll).screenshot()
    file = {"name": "grey.png", "mimeType": "image/png", "buffer": png(GREYS)}
    roll.locator(".backdrop-file").set_input_files(file)
    remove = roll.get_by_role("button", name="Remove backdrop")
    expect(remove).to_be_visible()
    roll.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    canvas(roll).hover(position={"x": 900, "y": 10})
    assert mean_of(canvas(roll).screenshot()) > mean_of(bare) + 10
    same(roll, before)
    remove.click()
    expect(remove).to_be_hidden()


def test_a_backdrop_that_is_no_picture_is_refused_in_a_sentence(roll):
    file = {"name": "words.png", "mimeType": "image/png", "buffer": b"words"}
    roll.locator(".backdrop-file").set_input_files(file)
    expect(problem(roll)).to_have_text(
        "The backdrop cannot be shown as a picture; choose another file."
    )


def mean_of(screenshot):
    return np.asarray(Image.open(BytesIO(screenshot)).convert("L"))[:, :300].mean()


def test_the_picture_of_a_blend_is_the_painting(roll):
    load(roll, "some.npy", npy(GREYS))
    painted(roll)
    press(roll, "Use as the picture of a blend")
    told = roll.get_by_label("Told")
    expect(told).not_to_have_value("")
    with Image.open(json.loads(told.input_value())["path"]) as image:
        np.testing.assert_array_equal(np.asarray(image), GREYS)


def test_why_there_is_no_sound_is_told(roll):
    stroke(roll, (300, 10), (300, 20))
    press(roll, "Play")
    expect(problem(roll)).to_have_text("This sound is refused.")
    expect(roll.locator(".moss-paint")).to_have_attribute("data-state", "idle")


def test_nothing_painted_cannot_be_played(roll):
    for name in ("Play", "Use as the picture of a blend", "Clear"):
        expect(roll.get_by_role("button", name=name, exact=True)).to_be_disabled()
