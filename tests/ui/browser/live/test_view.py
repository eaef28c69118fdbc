"""The live view itself: files, players of other tabs, controls, and who can use it."""

import numpy as np
import pytest
import soundfile
from matplotlib import colormaps
from playwright.sync_api import expect

from moss.ui.components.live.live import MAPS
from tests.ui.browser.axe import violations
from tests.ui.browser.live.helpers import (
    crest,
    greys,
    heard,
    opened,
    row_of,
    saved,
    setting,
    state,
    told,
)
from tests.ui.browser.screenshots import shoot

RATE = 22050
TONE_HZ = 2000.0


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    path = tmp_path_factory.mktemp("file") / "a tone <b>.wav"
    t = np.arange(30 * RATE) / RATE
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * TONE_HZ * t), RATE)
    return path


def played(page, url, tone):
    view = opened(page, url)
    view.get_by_label("Choose a sound").set_input_files(tone)
    state(view, "running")
    return view


def test_a_file_is_heard_and_seen_and_never_sent(page, url, tone):
    view = opened(page, url)
    asked = []  # of the network, from here on
    page.on("request", lambda request: asked.append(request.url))
    view.get_by_label("Choose a sound").set_input_files(tone)
    state(view, "running")
    expect(view.get_by_role("status")).to_have_text(tone.name)
    heard(view, 1)
    sound = view.get_by_label("The chosen file")
    assert sound.evaluate("e => !e.paused && !e.muted && e.volume === 1 && e.currentTime > 0.5")
    setting(view, "colours", "gray")
    setting(view, "gain", "0")
    column = greys(view)[:, -20:].mean(1)
    assert abs(crest(column) - row_of(TONE_HZ, told(view), len(column))) <= 1
    sound.evaluate("e => e.pause()")
    state(view, "silent")
    assert [address for address in asked if not address.startswith("blob:")] == []


def test_a_file_can_be_dropped(page, url, tone):
    view = opened(page, url)
    data = page.evaluate_handle(
        """async ([bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "dropped.wav"));
            return transfer;
        }""",
        [list(tone.read_bytes()[: 44 + 4 * RATE])],
    )
    view.locator(".stage").dispatch_event("drop", {"dataTransfer": data})
    state(view, "running")
    expect(view.get_by_role("status")).to_have_text("dropped.wav")


def test_a_file_that_is_no_sound_is_said(page, url, tmp_path):
    (path := tmp_path / "words.wav").write_text("no sound")
    view = opened(page, url)
    view.get_by_label("Choose a sound").set_input_files(path)
    expect(view.get_by_role("alert")).to_have_text(
        "The browser cannot play this file; WAV, FLAC, MP3, OGG and M4A work."
    )
    state(view, "empty")


def test_pause_keeps_the_picture_and_going_on_joins_it(page, url, tone):
    view = played(page, url, tone)
    heard(view, 1)
    view.get_by_role("button", name="Pause").click()
    state(view, "paused")
    before, kept = float(told(view)["seconds"]), saved(view)
    page.wait_for_timeout(1500)
    np.testing.assert_array_equal(saved(view), kept)
    view.get_by_role("button", name="Go on").click()
    state(view, "running")
    page.wait_for_function(
        "s => +document.querySelector('.moss-live').dataset.seconds > s", arg=before
    )
    assert float(told(view)["seconds"]) < before + 1  # the pause is not in it


def test_nothing_is_drawn_while_the_view_is_not_shown(page, url, tone):
    view = played(page, url, tone)
    block = page.locator("#live")
    block.evaluate("e => { e.style.display = 'none'; }")
    state(view, "silent")
    frames = told(view)["frames"]
    page.wait_for_timeout(300)
    assert told(view)["frames"] == frames
    block.evaluate("e => { e.style.display = ''; }")
    state(view, "running")


@pytest.mark.soak
def test_every_colour_is_of_the_chosen_map(page, url, tone):
    view = played(page, url, tone)
    heard(view, 1)
    view.get_by_role("button", name="Pause").click()
    for name in MAPS:
        setting(view, "colours", name)
        picture = saved(view).reshape(-1, 3)
        colours = {tuple(colour) for colour in np.unique(picture, axis=0).tolist()}
        known = {tuple(c) for c in colormaps[name](np.arange(256), bytes=True)[:, :3].tolist()}
        assert len(colours) > 30
        assert colours <= known


def test_gain_and_range_are_decibels(page, url, tone):
    view = played(page, url, tone)
    heard(view, 1)
    view.get_by_role("button", name="Pause").click()
    setting(view, "colours", "gray")
    # The tone is at half of full scale, 6 dB down.
    for gain, span in [(0, 80), (0, 40), (-10, 80), (5, 60)]:
        setting(view, "gain", str(gain))
        setting(view, "range", str(span))
        level = greys(view)[:, -20:].max() / 255
        assert level == pytest.approx(1 - (6.02 - gain) / span, abs=1 / span)


def test_all_windows_and_ends_of_the_axis_show_the_tone_where_it_is(page, url, tone):
    view = played(page, url, tone)
    setting(view, "colours", "gray")
    setting(view, "gain", "0")
    for window, high, axis in [
        ("4096", "5512.5", "log"),
        ("8192", "22050", "linear"),
        ("2048", "22050", "log"),
    ]:
        for name, value in [("window", window), ("high", high), ("axis", axis)]:
            setting(view, name, value)
        heard(view, float(told(view)["seconds"]) + 0.7)
        column = greys(view)[:, -20:].mean(1)
        assert abs(crest(column) - row_of(TONE_HZ, told(view), len(column))) <= 1


PLAYER = """url => {
    document.body.insertAdjacentHTML("beforeend", `<section id="late">
        <div><audio controls loop aria-label="Late"></audio></div>
        <p><button type="button" class="moss-see">See it</button></p></section>`);
    document.querySelector("#late audio").src = url;
}"""
NODE = """() => {
    const context = new AudioContext();
    const source = new OscillatorNode(context, {frequency: 2000});
    source.start();
    const detail = {source, label: "An oscillator"};
    document.body.dispatchEvent(new CustomEvent("moss-see", {bubbles: true, detail}));
    window.oscillating = context;
}"""


def test_a_player_that_came_later_is_seen(page, url, tone):
    opened(page, url)
    drawer = page.locator("#drawer .moss-live")
    expect(drawer).to_be_hidden()
    data = list(tone.read_bytes()[: 44 + 2 * RATE])
    address = page.evaluate("bytes => URL.createObjectURL(new Blob([new Uint8Array(bytes)]))", data)
    page.evaluate(PLAYER, address)
    page.get_by_role("button", name="See it").click()
    state(drawer, "running")
    expect(drawer.get_by_role("status")).to_have_text("Late")


def test_any_node_of_any_context_is_seen_until_it_is_gone(page, url):
    opened(page, url)
    drawer = page.locator("#drawer .moss-live")
    page.evaluate(NODE)
    state(drawer, "running")
    heard(drawer, 0.3)
    page.evaluate("oscillating.close()")
    expect(drawer.get_by_role("alert")).to_have_text("That sound is gone; choose another.")
    state(drawer, "empty")


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("device", ["page", "phone"])
def test_nobody_is_kept_out_and_nothing_overflows(request, url, tone, device, look):
    page = request.getfixturevalue(device)
    view = played(page, f"{url}?__theme={look}", tone)
    heard(view, 1)
    assert violations(page, "#live") == []
    width = page.viewport_size["width"]
    shoot(page, f"live-{width}-{look}")
    page.evaluate(NODE)
    drawer = page.locator("#drawer .moss-live")
    state(drawer, "running")
    heard(drawer, 1)
    assert violations(page, "#drawer") == []
    shoot(page, f"live-drawer-{width}-{look}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = drawer.bounding_box()
    assert (box["x"], box["width"]) == (0, width)
    assert box["height"] <= 0.8 * page.viewport_size["height"]
