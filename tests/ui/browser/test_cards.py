"""The cards of a run: their own players, their files, on a desk and on a phone."""

import gradio as gr
import numpy as np
import pytest
import soundfile
from PIL import Image
from playwright.sync_api import expect

from moss.render.spectrograms import HEIGHT, PLOT, WIDTH
from moss.ui.components.cards.cards import Cards, cards_html
from moss.ui.host.files import temp_root
from tests.ui.browser.axe import violations
from tests.ui.browser.serving import served

RATE = 22050
DURATION_S = 1.5
NAME = "a & b 'c' \"d\" <e> #1 %20 ü"  # a folder that a person might keep results in


def run_in(folder):
    """The files that cards show, as a run leaves them; returns what its summary says."""
    (folder / "front").mkdir(parents=True)
    points = []
    for k in range(3):
        t = np.arange(round(DURATION_S * RATE)) / RATE
        tone = 0.2 * np.sin(2 * np.pi * 220 * (k + 1) * t)
        soundfile.write(folder / f"front/{k:02d}.wav", tone, RATE)
        picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
        left, top, right, bottom = PLOT
        picture[top:bottom, left:right] = (200, 40 * k, 0)
        Image.fromarray(picture).save(folder / f"front/{k:02d}.png")
        losses = [1 - k / 2, 0.5 + k]
        points.append({"file": f"front/{k:02d}.wav", "designed": losses, "replayed": losses})
    chosen = {"best_musical": "front/01.wav", "balanced": "front/01.wav"}
    return {"points": points, "chosen": chosen | {"best_visual": "front/02.wav"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return temp_root() / tmp_path_factory.mktemp("cards").name / NAME


@pytest.fixture(scope="module")
def url(folder):
    summary = run_in(folder)
    with gr.Blocks(title="Cards", analytics_enabled=False) as blocks:
        Cards(cards_html(folder, summary), elem_id="cards")
    with served(blocks) as url:
        yield url


@pytest.fixture
def cards(page, url):
    page.goto(url)
    expect(page.get_by_role("listitem")).to_have_count(3)
    return page


def test_the_cards_are_a_list_with_their_figures_and_names(cards):
    items = cards.get_by_role("list").get_by_role("listitem")
    expect(items.nth(0)).to_contain_text("Difference from the picture 1.00, from the music 0.50")
    expect(items.nth(0).get_by_role("heading")).to_have_text("Point 0 of 2")
    expect(items.nth(1).get_by_role("heading")).to_have_text("Point 1 of 2 Most musical Balanced")
    expect(items.nth(2).get_by_role("heading")).to_have_text("Point 2 of 2 Most visual")
    for k in range(3):
        expect(items.nth(k).get_by_alt_text(f"Spectrogram of point {k} of 2")).to_be_visible()


def test_a_card_shows_the_spectrogram_without_its_axes(cards):
    image = cards.get_by_alt_text("Spectrogram of point 1 of 2")
    cards.wait_for_function("e => e.complete && e.naturalWidth", arg=image.element_handle())
    box = image.locator("..").screenshot()
    (cards_png := temp_root() / "card.png").write_bytes(box)
    shown = np.asarray(Image.open(cards_png).convert("RGB")).reshape(-1, 3)
    cards_png.unlink()
    assert (np.abs(shown.astype(int) - (200, 40, 0)).max(axis=1) < 30).mean() > 0.95


def test_a_card_plays_its_own_sound_and_only_one_plays(cards):
    first, second = (cards.get_by_label(f"Point {k} of 2", exact=True) for k in (0, 1))
    assert first.evaluate("e => [e.readyState, e.preload]") == [0, "none"]
    first.evaluate("e => { e.loop = true; return e.play(); }")
    cards.wait_for_function("e => e.currentTime > 0.2", arg=first.element_handle())
    assert first.evaluate("e => e.duration") == pytest.approx(DURATION_S, abs=0.01)
    second.evaluate("e => e.play()")
    cards.wait_for_function("e => e.currentTime > 0.2", arg=second.element_handle())
    assert first.evaluate("e => e.paused") and not second.evaluate("e => e.paused")


def test_a_download_is_the_file(cards, folder):
    with cards.expect_download() as waiting:
        cards.get_by_role("link", name="Download WAV of point 2 of 2").click()
    assert waiting.value.suggested_filename == "02.wav"
    assert waiting.value.path().read_bytes() == (folder / "front/02.wav").read_bytes()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_kept_out(page, url, theme):
    page.goto(f"{url}/?__theme={theme}")
    expect(page.get_by_role("listitem")).to_have_count(3)
    assert violations(page, "#cards") == []


def test_a_phone_is_wide_enough(phone, url):
    phone.goto(url)
    expect(phone.get_by_role("listitem")).to_have_count(3)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.get_by_role("listitem").first.bounding_box()["width"] > 300
