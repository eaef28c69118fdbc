"""The axes, captions and colours that all drawings of a front share."""

import re
from pathlib import Path

import numpy as np
import pytest

from moss.render.front_axes import (
    AUDIO_CAPTION,
    FRONT,
    MAX_STEPS,
    POPULATION,
    PURE_MUSIC,
    PURE_PICTURE,
    SEEDS,
    VISUAL_CAPTION,
    loss_axes,
)
from moss.render.style import FIRST_TEXT, MAGMA_SHADES, hex_of, palette, ramp_to

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("greatest", [0.0, 1e-9, 0.004, 0.0601, 0.3, 0.95, 1.0, 3.0, 5.9, 11.7])
def test_the_axis_of_audio_loss_shows_all_with_a_few_round_ticks(greatest):
    _, audio = loss_axes(np.array([[0.5, greatest], [0.9, 0.0]]))
    assert audio.caption == AUDIO_CAPTION
    assert audio.ticks[0] == 0 and audio.end == audio.ticks[-1]
    assert greatest < audio.end
    assert 2 <= len(audio.ticks) <= MAX_STEPS + 1
    np.testing.assert_allclose(np.diff(audio.ticks), audio.ticks[1])
    assert tuple(map(float, audio.labels)) == audio.ticks
    assert len({len(label.partition(".")[2]) for label in audio.labels}) == 1


@pytest.mark.parametrize("greatest", [0.0, 0.3, 0.97, 1.0])
def test_the_axis_of_visual_loss_ends_at_one(greatest):
    visual, _ = loss_axes(np.array([[greatest, 2.0]]))
    assert visual.caption == VISUAL_CAPTION
    assert visual.labels == ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0")


def test_the_axis_of_visual_loss_grows_where_a_sound_looks_like_the_negative():
    visual, _ = loss_axes(np.array([[1.3, 2.0]]))
    assert visual.end >= 1.3


def test_captions_are_spelled_once():
    files = [path for folder in ("moss", "docs") for path in (ROOT / folder).rglob("*")]
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in files
        if path.suffix in (".py", ".js", ".html", ".css")
    }
    for caption in (VISUAL_CAPTION, AUDIO_CAPTION):
        words = caption.removesuffix(" →")
        assert [name for name, text in texts.items() if words in text] == [
            "moss/render/front_axes.py"
        ]
    drawing = texts["moss/ui/components/player/plot.js"]
    for name in (PURE_MUSIC, PURE_PICTURE):
        assert not re.search(rf"[\">`]{name}", drawing)


def test_the_pages_dark_theme_has_the_same_colours():
    css = (ROOT / "moss/ui/page.css").read_text(encoding="utf-8")
    dark = re.search(r"\.dark \{(.*?)\}", css, re.DOTALL)[1]
    colours = dict(re.findall(r"--moss-(\w+): (#\w+);", dark))
    for name, colour in (("seeds", SEEDS), ("front", FRONT)):
        assert colours[name] == hex_of(colour)


def test_the_palette_has_a_ramp_to_every_colour():
    for colour in (POPULATION, FRONT):
        first, last = ramp_to(colour)
        assert (first, tuple(palette()[last])) == (0, colour) and last < MAGMA_SHADES
    first, last = ramp_to(SEEDS)
    assert first == FIRST_TEXT
    np.testing.assert_allclose(palette()[last], SEEDS, atol=10)
