"""Keyframes in the film's own size, which a run keeps instead of its spectrograms."""

import numpy as np
import pytest

from moss.render import film_sized
from moss.render.film import HEIGHT, WIDTH
from moss.render.morph_film import BAR_HEIGHT
from moss.render.travel import journey, keyframe_levels

LOW, HIGH, SHADES = -9.0, 3.0, 256
ROWS = HEIGHT - BAR_HEIGHT


def spectrogram(shape, seed=0):
    """Noise that goes beyond the range on both sides."""
    return np.random.default_rng(seed).normal(-3, 6, shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(1025, 1292), (257, 1500), (1025, 130), (257, 130), (500, 960)])
def test_a_keyframe_in_the_film_s_size_looks_the_same_there(shape):
    whole = spectrogram(shape)
    small = film_sized(whole, low=LOW, high=HIGH)
    assert small.shape == (min(shape[0], ROWS), min(shape[1], WIDTH))
    shown, expected = (
        keyframe_levels([each] * 2, WIDTH, ROWS, low=LOW, high=HIGH, shades=SHADES)
        for each in (small, whole)
    )
    # Both axes are resized one after the other, so that it does not matter when each is.
    np.testing.assert_allclose(shown, expected, atol=0.01)


def test_a_journey_goes_straight_from_keyframe_to_keyframe():
    levels = np.stack([spectrogram((4, 6), seed) for seed in range(3)])
    stops = np.array([0, 0.25, 1])
    positions = np.array([0, 0.125, 0.25, 0.5, 1, 0.125])
    seen = [picture.copy() for picture in journey(levels, stops, positions)]
    between = (levels[0] + levels[1]) / 2
    third = (2 * levels[1] + levels[2]) / 3
    expected = [levels[0], between, levels[1], third, levels[2], between]
    np.testing.assert_allclose(seen, expected, atol=1e-5)
