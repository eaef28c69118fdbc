"""How the rows of a picture lie over frequency."""

import librosa
import numpy as np
import pytest

from moss.settings.sonify import sonify_settings
from moss.signal.rows import bins_from_rows

ROWS = 40


def matrix(settings):
    return bins_from_rows(ROWS, settings.band, settings.bin_hz, settings)


def centres_hz(scale):
    """Where each row of a picture has the middle of its weight, in hertz."""
    settings = sonify_settings(scale=scale, sample_rate=16_000, n_fft=16_384, hop_length=1024)
    weights = matrix(settings).numpy().astype(float)
    hz = np.arange(settings.band.start, settings.band.stop) * settings.bin_hz
    return weights.T @ hz / weights.sum(axis=0)


# In hertz, in octaves and in mel as HTK and O'Shaughnessy have it: 2595 lg(1 + f / 700).
SCALES = {
    "linear": lambda hz: hz,
    "log": np.log2,
    "mel": lambda hz: librosa.hz_to_mel(hz, htk=True),
}


@pytest.mark.parametrize("scale", SCALES)
def test_rows_are_evenly_apart_on_their_scale(scale):
    places = SCALES[scale](centres_hz(scale))[1:-1]  # those at the ends have half a triangle
    steps = np.diff(places)
    # A triangle on a bent scale leans a little to one side, the same from row to row.
    assert steps == pytest.approx(np.full(len(steps), steps.mean()), rel=0.02)


@pytest.mark.parametrize("scale", SCALES)
def test_the_weights_of_a_bin_sum_to_one(scale):
    settings = sonify_settings(scale=scale)
    assert matrix(settings).sum(dim=1).numpy() == pytest.approx(1, abs=1e-5)
