"""A band of a sound: exactly nothing outside of it, and everything well inside of it."""

import numpy as np
import pytest
import torch

from moss.signal.band_limit import band_limited

RATE, TAPER_HZ = 8000, 50.0


@pytest.mark.parametrize("samples", [8000, 8009])  # the second is prime
@pytest.mark.parametrize(("low_hz", "high_hz"), [(1000.0, 3000.0), (0.0, 3000.0), (1000.0, 4000.0)])
def test_nothing_is_left_outside_and_nothing_lost_inside(samples, low_hz, high_hz):
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((2, samples))).float()
    limited = band_limited(noise, low_hz, high_hz, RATE, TAPER_HZ)
    hz = np.fft.rfftfreq(samples, 1 / RATE)
    before, after = np.fft.rfft(noise.double().numpy()), np.fft.rfft(limited.double().numpy())
    loudest = np.abs(before).max()
    outside = (hz < low_hz) | (hz > high_hz)
    assert np.abs(after[:, outside]).max() < 1e-6 * loudest
    inside = (hz >= low_hz + TAPER_HZ * (low_hz > 0)) & (hz <= high_hz - TAPER_HZ)
    assert inside.sum() > samples // 8
    assert np.abs(after - before)[:, inside].max() < 1e-6 * loudest
    assert limited.shape == noise.shape


def test_all_frequencies_are_everything():
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 999))).float()
    torch.testing.assert_close(band_limited(noise, 0.0, RATE / 2, RATE, TAPER_HZ), noise)
