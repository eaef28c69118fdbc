"""What a track decides of its settings, read from real files."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from moss.blending.track import LEAST_LOW_HZ, STEP_HZ, with_band_of, with_rate_of
from moss.errors import InputError
from moss.settings.presets import blend_settings

HIDDEN = blend_settings("hidden", duration_s=3.0)
RATE = 44_100


def a_file(folder, rate):
    noise = 0.1 * np.random.default_rng(0).standard_normal((rate // 2, 2))
    soundfile.write(folder / f"{rate}.wav", noise, rate)
    return folder / f"{rate}.wav"


@pytest.mark.parametrize(
    ("own", "expected"),
    [(44_100, 44_100), (48_000, 48_000), (96_000, 96_000), (176_400, 88_200), (384_000, 96_000)],
)
def test_auto_is_the_tracks_own_rate_or_a_part_of_it(tmp_path, own, expected):
    path = a_file(tmp_path, own)
    assert with_rate_of(path, HIDDEN) == replace(HIDDEN, sample_rate=expected)
    chosen = blend_settings(sample_rate=8000)
    assert with_rate_of(path, chosen) is chosen


def test_sounds_at_the_rate_of_a_track_that_has_too_few_are_refused(tmp_path):
    path = a_file(tmp_path, 8000)
    with pytest.raises(
        InputError, match=r"8000.wav has 8,000 Hz, too few .* of 22,050; .* 8,000 w"
    ):
        with_rate_of(path, blend_settings(rate="track"))
    assert with_rate_of(path, HIDDEN).sample_rate == 8000


def noise_below(hz, above_db=-200.0):
    """White noise at 44.1 kHz up to a frequency, and so much of it above."""
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(3 * RATE))
    spectrum[np.fft.rfftfreq(3 * RATE, 1 / RATE) > hz] *= 10 ** (above_db / 20)
    return torch.from_numpy(np.fft.irfft(spectrum)[None]).float()


@pytest.mark.parametrize(
    ("waveform", "low_hz"),
    [
        (noise_below(13_200), 13_500),  # up to the next step
        (noise_below(13_200, -30.0), 14_000),  # energy everywhere: the picture has its 6 kHz
        (noise_below(22_050), 14_000),
        (noise_below(3_000), LEAST_LOW_HZ),
    ],
)
def test_a_picture_hides_above_the_energy(waveform, low_hz):
    settings = with_band_of(waveform, replace(HIDDEN, sample_rate=RATE))
    assert settings.low_hz == pytest.approx(low_hz, abs=STEP_HZ / 10)
    assert settings.top_hz == 20_000
    again = replace(settings, low_hz=1_234.0)
    assert with_band_of(waveform, again) is again


def test_where_frequencies_are_few_the_picture_has_its_height():
    settings = blend_settings(low_hz=None, sample_rate=16_000)
    assert with_band_of(noise_below(3_000), settings).low_hz == 2_000
