"""The part of the track on its waveform: pointers, touch, keys, and what Python says."""

import json

import gradio as gr
import numpy as np
import pytest
from playwright.sync_api import expect

from moss.media import Overview
from moss.ui.components.part.part import PartPicker, part_value
from tests.ui.browser.axe import violations
from tests.ui.browser.serving import served

DURATION_S = 205.0
SEEN = Overview(DURATION_S, np.abs(np.sin(np.linspace(0, 40, 800))).astype(np.float32))
FIRST, EARLIER = "1:00 – 1:40 of 3:25 (40 s)", "0:05 – 0:25 of 3:25 (20 s)"
SHORT = Overview(7.96, np.linspace(0, 1, 800, dtype=np.float32))


@pytest.fixture(scope="module")
def url():
    with gr.Blocks(title="Part", analytics_enabled=False) as blocks:
        part = PartPicker(part_value(SEEN, 60.0, 40.0), elem_id="part")
        told = gr.Textbox(label="Told", elem_id="told")
        buttons = {
            "first": part_value(SEEN, 60.0, 40.0),
            "earlier": part_value(SEEN, 5.0, 20.0),
            "beyond": part_value(SEEN, 200.0, 40.0),
            "short": part_value(SHORT, 0.0, 30.0),
            "nothing": "",
        }
        for name, value in buttons.items():
            gr.Button(name).click(lambda value=value: value, None, part)

        def take(chosen: gr.EventData):
            return json.dumps([chosen.start_s, chosen.part_s])

        part.part(take, None, told)
    with served(blocks) as url:
        yield url


def readout(page, text):
    expect(page.locator("#part .readout")).to_have_text(text)


def told(page, start_s, part_s):
    """Expect that Python hears of this part, to half a pixel of the strip and a tenth."""
    slack = DURATION_S / box(page)["width"] + 0.05
    page.wait_for_function(
        """([start, part, slack]) => {
            const told = document.querySelector("#told textarea").value;
            const [a, b] = told ? JSON.parse(told) : [NaN, NaN];
            return Math.abs(a - start) <= slack && Math.abs(b - part) <= slack;
        }""",
        arg=[start_s, part_s, slack],
    )


def box(page):
    return page.locator("#part .strip").bounding_box()


def drag(page, from_s, to_s, duration_s=DURATION_S):
    at = box(page)
    y = at["y"] + at["height"] / 2
    x = [at["x"] + at["width"] * seconds / duration_s for seconds in (from_s, to_s)]
    page.mouse.move(x[0], y)
    page.mouse.down()
    page.mouse.move(x[1], y, steps=6)
    page.mouse.up()


def opened(page, url):
    page.goto(url)
    readout(page, FIRST)
    # Gradio lays its own loading over every component at first.
    page.locator("#part .strip").hover()
    return page


@pytest.fixture
def picker(page, url):
    return opened(page, url)


def again(page):
    """Put the part where it was at first."""
    page.get_by_role("button", name="earlier").click()
    readout(page, EARLIER)
    page.get_by_role("button", name="first").click()
    readout(page, FIRST)


def test_the_part_lies_where_the_value_says(picker):
    strip, window = box(picker), picker.locator("#part .window").bounding_box()
    left = (window["x"] - strip["x"]) / strip["width"]
    assert left == pytest.approx(60 / DURATION_S, abs=0.005)
    assert window["width"] / strip["width"] == pytest.approx(40 / DURATION_S, abs=0.005)


def test_a_drag_moves_the_part_and_keeps_its_length(picker):
    drag(picker, 80, 100)
    told(picker, 80, 40)


def test_a_drag_of_an_edge_leaves_the_other_where_it_is(picker):
    for from_s, to_s, part in [
        (60, 50, (50, 50)),
        (60, 75, (75, 25)),
        (100, 120, (60, 60)),
        (100, 80, (60, 20)),
    ]:
        drag(picker, from_s, to_s)
        told(picker, *part)
        again(picker)


def test_a_click_puts_the_part_around_it_and_a_click_on_the_part_changes_nothing(picker):
    drag(picker, 80, 80)
    readout(picker, FIRST)
    drag(picker, 150, 150)
    told(picker, 130, 40)


def test_keys_move_the_start_and_change_the_length(picker):
    start = picker.get_by_role("slider", name="Start of the part")
    length = picker.get_by_role("slider", name="Length of the part")
    start.press("ArrowRight")
    start.press("PageUp")
    start.press("Shift+ArrowLeft")
    readout(picker, "1:10.9 – 1:50.9 of 3:25 (40.0 s)")
    told(picker, 70.9, 40)
    assert start.get_attribute("aria-valuetext") == "from 1:10.9 to 1:50.9 of 3:25"
    length.press("ArrowLeft")
    readout(picker, "1:10.9 – 1:49.9 of 3:25 (39.0 s)")
    start.press("End")
    readout(picker, "2:46 – 3:25 of 3:25 (39 s)")
    start.press("Home")
    length.press("End")
    readout(picker, "0:00 – 3:25 of 3:25 (205 s)")
    length.press("Home")
    readout(picker, "0:00.0 – 0:00.1 of 3:25 (0.1 s)")


def test_both_handles_are_reached_with_tab(picker):
    picker.locator("body").press("Tab")
    for name in ("Start of the part", "Length of the part"):
        for _ in range(20):
            if picker.get_by_role("slider", name=name).evaluate(
                "e => e === document.activeElement"
            ):
                break
            picker.keyboard.press("Tab")
        expect(picker.get_by_role("slider", name=name)).to_be_focused()


def test_python_moves_the_part_and_hides_it(picker):
    picker.get_by_role("button", name="earlier").click()
    readout(picker, EARLIER)
    picker.get_by_role("button", name="beyond").click()
    readout(picker, "3:20 – 3:25 of 3:25 (5 s)")
    picker.get_by_role("button", name="short").click()
    readout(picker, "0:00 – 0:08 of 0:08 (8 s)")
    drag(picker, 7.96, 6, SHORT.duration_s)
    told(picker, 0, 6)
    picker.get_by_role("button", name="nothing").click()
    expect(picker.locator("#part .moss-part")).to_be_hidden()
    picker.get_by_role("button", name="earlier").click()
    readout(picker, EARLIER)
    # Nothing but the person's own hand makes Python hear of a part.
    told(picker, 0, 6)


def swipe(page, from_s, by_x, by_y):
    """Move a finger as the phone's own screen would."""
    at = box(page)
    x = at["x"] + at["width"] * from_s / DURATION_S
    y = at["y"] + at["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, k in (("touchStart", 0), *(("touchMove", k) for k in range(1, 9)), ("touchEnd", 8)):
        points = [{"x": x + by_x * k / 8, "y": y + by_y * k / 8}] if kind != "touchEnd" else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_moves_the_part_sideways(phone, url):
    opened(phone, url)
    width = box(phone)["width"]
    swipe(phone, 80, width * 30 / DURATION_S, 0)
    told(phone, 90, 40)


def test_a_finger_that_scrolls_the_page_leaves_the_part(phone, url):
    opened(phone, url)
    phone.evaluate("document.body.style.paddingBottom = '2000px'")
    swipe(phone, 150, 2, -200)
    phone.wait_for_function("scrollY > 50")
    readout(phone, FIRST)
    expect(phone.get_by_label("Told")).to_have_value("")


def test_a_phone_is_wide_enough(phone, url):
    opened(phone, url)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert box(phone)["height"] >= 60


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_kept_out(page, url, theme):
    opened(page, f"{url}/?__theme={theme}")
    assert violations(page, "#part") == []
