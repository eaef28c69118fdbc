"""One position for the slider, the picture, the plot, the keys and the steering; and its look."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from moss.ui.components.player.player import player_value
from tests.ui.browser.axe import violations
from tests.ui.browser.player.helpers import (
    HANDLE,
    LAST,
    PIXELS,
    all_pictures,
    asked,
    at_point,
    opened,
)


def test_the_picture_follows_the_slider(player):
    all_pictures(player)
    place = player.get_by_label("From music to picture")
    seen = []
    place.press("Home")
    for k in range(LAST + 1):
        at_point(player, k)
        seen.append(player.evaluate(PIXELS))
        place.press("ArrowRight")
    assert len(set(seen)) == LAST + 1


def test_a_point_of_the_plot_chooses_it(player):
    plot = player.locator(".moss-map svg")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    for k in (0, LAST, 1):
        dot = plot.locator(".file").nth(k)
        x, y = (float(dot.get_attribute(name)) for name in ("cx", "cy"))
        player.mouse.click(box["x"] + x + 3, box["y"] + y)
        at_point(player, k)
        here = plot.locator(".here")
        assert [float(here.get_attribute(name)) for name in ("cx", "cy")] == [x, y]


def test_every_figure_and_file_is_that_of_the_point(player, run):
    place = player.get_by_label("From music to picture")
    place.press("Home")
    for k, point in enumerate(run.summary["points"]):
        at_point(player, k)
        (looks, sounds), (seen, heard) = point["designed"], point["replayed"]
        log = f"{point['differences']['log']:.2f}"
        told = [f"{looks:.2f}", f"{seen:.2f}", f"{100 * sounds:.0f} %", f"{100 * heard:.0f} %"]
        told += ["", log]
        assert player.locator("tbody td").all_inner_texts() == told
        words = place.get_attribute("aria-valuetext")
        assert words.startswith(f"Point {k} of {LAST}, difference from the picture {told[1]}")
        place.press("ArrowRight")
    with player.expect_download() as download:
        player.get_by_role("link", name="Download this sound").click()
    saved = Path(download.value.path()).read_bytes()
    assert saved == (run.folder / run.summary["points"][LAST]["file"]).read_bytes()
    for name, k in json.loads(player_value(run.folder, run.summary))["chosen"].items():
        words = name.replace("_", " ").replace("best", "most").capitalize()
        player.get_by_role("button", name=words).click()
        at_point(player, k)


def test_keys_act_on_the_page_but_not_in_a_field(player):
    at = round(player.evaluate(f"{HANDLE}.position"))
    player.keyboard.press("ArrowLeft")
    at_point(player, at - 1)
    player.keyboard.press(" ")
    expect(player.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    player.keyboard.press(" ")
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    player.get_by_label("Field").focus()
    for key in ("ArrowLeft", " ", "o"):
        player.keyboard.press(key)
    at_point(player, at - 1)
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(player.get_by_role("button", name="Original")).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_reaches_and_works_everything(player):
    names = []
    player.locator(".moss-place").focus()
    for _ in range(30):
        here = "document.activeElement"
        if not player.evaluate(f"!!{here}.closest('.moss-player')"):
            break
        names.append(player.evaluate(f"{here}.ariaLabel || {here}.labels?.[0]?.innerText || "
                                     f"{here}.innerText").strip().split("\n")[0])  # fmt: skip
        player.keyboard.press("Tab")
    for name in ("From music to picture", "Play", "Original", "Volume", "Balanced"):
        assert name in names
    for name in (
        "Download this sound",
        "More music",
        "More picture",
        "Find it",
        "Paint what you wish for",
    ):
        assert name in names
    player.get_by_role("button", name="Original").press(" ")
    expect(player.get_by_role("button", name="Original")).to_have_attribute("aria-pressed", "true")
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_steering_says_where_from_and_where_to(player):
    player.get_by_label("From music to picture").press("Home")
    at_point(player, 0)
    player.get_by_role("button", name="More picture").click()
    assert asked(player, "toward") == {"toward": "picture", "point": 0}
    player.get_by_role("button", name="More music").click()
    assert asked(player, "music") == {"toward": "music", "point": 0}
    player.get_by_label("Music / picture").select_option("20")
    player.get_by_role("button", name="Find it").click()
    assert asked(player, "0.2") == {"music": 0.2, "point": 0}
    player.get_by_label("Music / picture").select_option("")
    player.get_by_label("Music, %").fill("65")
    player.get_by_role("button", name="Find it").click()
    assert asked(player, "0.65") == {"music": 0.65, "point": 0}
    player.get_by_label("Music, %").fill("")  # and what is hidden stands in nobody's way
    player.get_by_label("Music / picture").select_option("80")
    player.get_by_role("button", name="Find it").click()
    assert asked(player, "0.8") == {"music": 0.8, "point": 0}


def test_nothing_is_steered_while_a_run_is_on_its_way(player):
    buttons = player.locator(".moss-steer").get_by_role("button").all()
    assert len(buttons) == 3
    player.get_by_role("button", name="Busy").click()
    for button in buttons:
        expect(button).to_be_disabled()
    player.get_by_role("button", name="Free").click()
    for button in buttons:
        expect(button).to_be_enabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page, url, theme):
    opened(page, f"{url}/?__theme={theme}")
    assert violations(page, ".moss-player") == []


def test_a_phone_is_not_wider_than_itself(phone, url):
    opened(phone, url)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    wide = "e => [...e.querySelectorAll('*')].some(c => c.getBoundingClientRect().right > 390)"
    assert not phone.locator(".moss-player").evaluate(wide)
    assert phone.locator(".moss-place").bounding_box()["height"] >= 44
