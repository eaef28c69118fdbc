"""A result that plays on the page shows its hidden picture live."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from examples.make_first import SETTINGS
from moss.render.spectrograms import PLOT
from moss.ui.bundled import FIRST
from tests.ui.browser.live.helpers import heard, saved, state, told
from tests.ui.browser.screenshots import shoot

LAST = 7  # the bundled example's most visual point
DURATION_S = SETTINGS["duration_s"]
TOP_HZ = 11025  # of its sounds


@pytest.fixture
def drawer(page, whole_page):
    page.goto(whole_page)
    page.wait_for_selector(".moss-player[data-drawn]")
    drawer = page.locator(".moss-live.drawer")
    expect(drawer).to_be_hidden()
    return drawer


def luminance(picture):
    """Magma grows lighter all the way, so its luminance is the level."""
    return np.asarray(Image.fromarray(picture).convert("L"), float)


def likeness(picture, about, k):
    """The correlation of a live picture with the spectrogram of point k, and when that began.

    The result's picture is laid on the axes of the live one and moved along its time.
    """
    live = luminance(picture)
    assert about["axis"] == "linear"
    assert (float(about["lowHz"]), float(about["highHz"])) == (0, TOP_HZ)
    with Image.open(FIRST / f"front/{k:02d}.webp") as file:
        width = round(DURATION_S / float(about["secondsPerPixel"]))
        plot = file.convert("L").crop(PLOT).resize((width, live.shape[0]))
    wanted = np.asarray(plot, float)
    found = [
        np.corrcoef(wanted.ravel(), live[:, at : at + width].ravel())[0, 1]
        for at in range(live.shape[1] - width + 1)
    ]
    return max(found), int(np.argmax(found))


@pytest.mark.soak
def test_a_card_scrolls_its_hidden_picture_by(page, drawer):
    page.get_by_role("button", name=f"See it: point {LAST} of {LAST}").click()
    expect(drawer).to_be_visible()
    state(drawer, "running")
    expect(drawer.get_by_role("status")).to_have_text(f"Point {LAST} of {LAST}")
    sound = page.get_by_label(f"Point {LAST} of {LAST}", exact=True)
    assert sound.evaluate("e => !e.paused && !e.muted")
    state(drawer, "silent")  # at its end
    assert sound.evaluate("e => e.ended")
    shoot(page, "live-drawer-1280")
    found, _ = likeness(saved(drawer), told(drawer), LAST)
    print(f"correlation of the live picture with the result's: {found:.3f}")
    assert found >= 0.6
    # Another point's picture is less like it, or anything would do.
    other, _ = likeness(saved(drawer), told(drawer), 0)
    assert other < found - 0.3


def test_the_player_is_seen_at_the_samples_of_its_file(page, drawer):
    page.get_by_role("slider", name="From music to picture").press("End")
    page.get_by_role("button", name="See it", exact=True).click()
    expect(drawer).to_be_visible()
    state(drawer, "running")
    heard(drawer, DURATION_S + 0.3)  # its loop has begun again, and its start is still in sight
    page.get_by_role("button", name="Pause", exact=True).first.click()
    state(drawer, "silent")
    found, _ = likeness(saved(drawer), told(drawer), LAST)
    print(f"correlation of the live picture with the result's: {found:.3f}")
    assert found >= 0.6


def test_the_film_is_seen_too(page, drawer):
    button = page.get_by_role("button", name="See it: from music to picture")
    button.click()
    state(drawer, "running")
    heard(drawer, 1)
    assert page.locator("#moss-film video").evaluate("e => !e.paused && e.currentTime > 0.5")
    assert luminance(saved(drawer)).max() > 60


def test_one_sound_after_the_other_is_seen_and_the_drawer_closes(page, drawer):
    see = [page.get_by_role("button", name=f"See it: point {k} of {LAST}") for k in (LAST, 2)]
    for button in (*see, see[0]):  # a player is connected once, however often it is seen
        button.click()
        expect(drawer.get_by_role("status")).to_have_text(
            button.get_attribute("aria-label").replace("See it: p", "P")
        )
        state(drawer, "running")
    frames = int(told(drawer)["frames"])
    page.wait_for_function("n => +document.querySelector('.drawer').dataset.frames > n", arg=frames)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    state(drawer, "empty")
    frames = told(drawer)["frames"]
    page.wait_for_timeout(300)
    assert told(drawer)["frames"] == frames
    # It was closed, not stopped: what sounds goes on.
    assert page.get_by_label(f"Point {LAST} of {LAST}", exact=True).evaluate("e => !e.paused")
    see[0].click()
    close = drawer.get_by_role("button", name="Close")
    close.press("Enter")
    expect(drawer).to_be_hidden()
    expect(see[0]).to_be_focused()
