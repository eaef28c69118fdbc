"""How loud a picture is drawn: what is set is obeyed, and what is left open is chosen by ear."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from moss.blending.level import LEVELS, PUBLISHED_LEVEL
from moss.blending.prepare import prepare
from moss.settings.presets import PUBLISHED_WHITE_DB
from moss.signal.spectrogram import DB_PER_NEPER
from tests.small import SMALL, STRINGS, small_pair


def level_of(settings):
    return settings.white_db / DB_PER_NEPER, settings.range_nats


def picture_of(folder, brightness):
    """A picture with hills around one brightness, and something black and white in it."""
    rows, columns = np.mgrid[0:200, 0:300]
    luma = brightness + 0.3 * np.sin(rows / 5) * np.cos(columns / 7)
    luma[:20, :20], luma[-20:, -20:] = 0, 1
    path = folder / f"{brightness}.png"
    Image.fromarray((255 * luma).clip(0, 255).astype(np.uint8)).save(path)
    return path


def test_a_bright_picture_has_a_lower_white_than_a_dark_one(tmp_path):
    bright, dark = (
        prepare(picture_of(tmp_path, x), STRINGS, SMALL).settings.white_db for x in (0.85, 0.15)
    )
    assert bright > dark


def test_what_is_chosen_is_one_of_the_levels_and_the_mixture_has_it():
    prepared = small_pair(track=STRINGS)
    white, span = level_of(prepared.settings)
    assert (white, span) in [pytest.approx(level) for level in LEVELS]
    display = prepared.mixture.display
    assert display.high - display.low == pytest.approx(span)


@pytest.mark.parametrize("changes", [{"white_db": 10.0}, {"range_nats": 7.0}])
def test_what_is_set_is_obeyed_and_the_rest_is_chosen(changes):
    settings = small_pair(replace(SMALL, **changes)).settings
    ((name, value),) = changes.items()
    assert getattr(settings, name) == value
    assert None not in (settings.white_db, settings.range_nats)


def test_what_was_chosen_is_chosen_again():
    first = small_pair()
    again = small_pair(first.settings)
    assert again.settings == first.settings
    assert again.mixture.display == first.mixture.display


@pytest.mark.parametrize("changes", [{"audio_loss": "log"}, {"mixing": "linear"}])
def test_the_published_loss_and_linear_mixing_have_the_published_level(changes):
    settings = small_pair(replace(SMALL, **changes)).settings
    assert level_of(settings) == PUBLISHED_LEVEL
    assert settings.white_db == PUBLISHED_WHITE_DB
