"""What the player sounds like, read from an analyser and held against the files."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.ui.browser.player.helpers import (
    HANDLE,
    LAST,
    VOLUME_DB,
    all_pictures,
    at_point,
    decibels,
    distinct,
    fitted,
    heard,
    heard_as,
    opened,
    play,
    sounds,
)


def test_both_ends_are_heard_as_their_files_at_one_volume(player, run):
    play(player, distinct(run))
    *files, _ = sounds(run)
    place = player.get_by_label("From music to picture")
    spectra = []
    for key, k in (("Home", 0), ("End", LAST)):
        place.press(key)
        at_point(player, k)
        window, (gain,) = heard_as(player, files[k])
        assert decibels(gain) == pytest.approx(VOLUME_DB, abs=0.1)
        assert fitted(window, files[LAST - k])[1] > 0.1
        power = np.abs(np.fft.rfft(window)) ** 2
        spectra.append(np.array([band.mean() for band in np.array_split(power, 24)]))
    assert np.abs(decibels(spectra[0] / spectra[1])).max() / 2 > 6


def test_between_two_points_both_are_heard_in_step_and_at_equal_power(player, run):
    play(player, distinct(run))
    k = LAST - 1
    one, other = sounds(run)[k : k + 2]
    place = player.locator(".moss-place")
    box, thumb = place.bounding_box(), 28
    x = box["x"] + thumb / 2 + (k + 0.4) / LAST * (box["width"] - thumb)
    player.mouse.move(x, box["y"] + box["height"] / 2)
    player.mouse.down()
    _, gains = heard_as(player, one, other)
    share = player.evaluate(f"{HANDLE}.position") - k
    assert gains[1] / gains[0] == pytest.approx(share / (1 - share), rel=0.05)
    rho = max(np.corrcoef(one, other)[0, 1], 0)
    power = gains @ gains + 2 * rho * gains.prod()
    assert decibels(power) / 2 == pytest.approx(VOLUME_DB, abs=0.5)
    player.mouse.up()
    at_point(player, k)  # only points are files


def test_the_original_is_one_key_away(player, run):
    play(player, distinct(run))
    player.locator(".moss-place").press("End")
    at_point(player, LAST)
    *_, picture, original = sounds(run)
    button = player.get_by_role("button", name="Original")
    for pressed, file in (("true", original), ("false", picture)):
        player.keyboard.press("o")
        expect(button).to_have_attribute("aria-pressed", pressed)
        heard_as(player, file)


def test_nothing_is_asked_for_while_sliding(player, run):
    play(player, distinct(run))
    all_pictures(player)
    asked = []
    player.on("request", lambda request: asked.append(request.url))
    box = player.locator(".moss-place").bounding_box()
    player.mouse.move(box["x"] + 2, box["y"] + 20)
    player.mouse.down()
    player.mouse.move(box["x"] + box["width"] - 2, box["y"] + 20, steps=40)
    player.mouse.up()
    at_point(player, LAST)
    assert asked == []


def test_of_long_sounds_only_the_near_ones_are_kept_and_none_is_fetched_twice(player, run):
    player.get_by_role("button", name="Long").click()
    expect(player.locator(".moss-clock")).to_have_text("0:00 / 10:00")
    fetched = []
    player.on("request", lambda request: fetched.append(request.url))
    play(player, 3)
    *files, _ = sounds(run)
    place = player.get_by_label("From music to picture")
    for key, k in (("Home", 0), ("End", LAST), ("Home", 0), ("End", LAST)):
        place.press(key)
        at_point(player, k)
        player.wait_for_function(f"() => {HANDLE}.state === 'ready'")
        heard_as(player, files[k])
        player.wait_for_function(f"() => {HANDLE}.loaded === 3")
    assert len(fetched) == len(set(fetched))


def test_what_is_heard_goes_on_while_the_next_sound_loads(page, url, run):
    held = []
    page.route(f"**/front/{LAST:02d}.wav", lambda route: held.append(route))
    page.emulate_media(reduced_motion="reduce")  # from point to point without a glide
    opened(page, url)
    play(page, distinct(run) - 1)
    place = page.get_by_label("From music to picture")
    place.press("Home")
    at_point(page, 0)
    place.press("End")
    at_point(page, LAST)
    expect(page.get_by_text("Loading")).to_be_visible()
    *files, _ = sounds(run)
    heard_as(page, files[0])
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_function(f"() => {HANDLE}.state === 'ready'")
    heard_as(page, files[LAST])


def test_another_sound_on_the_page_and_the_player_take_turns(player, run):
    play(player, distinct(run))
    player.evaluate(
        "url => { other.src = url; other.loop = true; return other.play(); }",
        f"gradio_api/file={run.folder / 'balanced.wav'}",
    )
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    player.get_by_role("button", name="Play", exact=True).click()
    expect(player.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    assert player.evaluate("other.paused")


def test_a_new_value_goes_on_in_the_old_ones_place_and_an_empty_one_hides(player, run):
    play(player, distinct(run))
    old = player.evaluate_handle(f"{HANDLE}.context")
    player.get_by_role("button", name="Wished").click()
    player.wait_for_function(f"old => {HANDLE}.context && {HANDLE}.context !== old", arg=old)
    assert old.evaluate("context => context.state") == "closed"
    expect(player.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    player.wait_for_function(f"count => {HANDLE}.loaded === count", arg=distinct(run))
    assert np.abs(heard(player)).max() > 0.001
    player.get_by_role("button", name="Nothing").click()
    expect(player.locator(".moss-player")).to_be_hidden()
    assert player.evaluate(f"{HANDLE}.context") is None


@pytest.mark.console_errors("404|403")
def test_a_sound_that_is_gone_is_told_in_a_sentence(page, url):
    page.route("**/front/*.wav", lambda route: route.fulfill(status=404))
    opened(page, url)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text("This sound cannot be loaded")).to_be_visible()


def test_a_browser_without_web_audio_is_told_where_to_listen(page, url):
    page.add_init_script("delete window.AudioContext")
    opened(page, url)
    expect(page.get_by_text("lacks Web Audio")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    page.get_by_label("From music to picture").press("Home")
    expect(page.locator(".moss-point")).to_have_text(f"Point 0 of {LAST}")
