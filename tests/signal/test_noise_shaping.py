"""Rounding keeps to the grid, and puts its error where the sound is loud."""

from pathlib import Path

import numpy as np
import pytest

from moss.media import load_audio
from moss.signal.noise_shaping import quantise

EXAMPLES = Path(__file__).parents[2] / "examples"
RATE = 22_050
BITS = [16, 24]


def coloured(samples=RATE, channels=2, seed=0, peak=0.3):
    """Noise that falls by 12 dB an octave over 300 Hz: loud lows, quiet highs."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal((channels, samples)))
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    wave = np.fft.irfft(spectrum / (1 + (frequency / 300) ** 2), n=samples)
    return (peak * wave / np.abs(wave).max()).astype(np.float32)


def rounded(waveform, bits):
    step = 2.0 ** (1 - bits)
    return np.clip(np.rint(waveform / step) * step, -1, 1 - step)


def band_db(error, low_hz, high_hz):
    """Mean power of the error between two frequencies, in dB."""
    power = np.abs(np.fft.rfft(error)) ** 2
    frequency = np.fft.rfftfreq(error.shape[-1], 1 / RATE)
    return 10 * np.log10(power[:, (frequency >= low_hz) & (frequency < high_hz)].mean())


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("samples", [1, 100, 1024, 1025, 5000])
def test_values_are_on_the_grid(bits, samples):
    out = quantise(coloured(samples), bits)
    assert out.shape == (2, samples)
    scaled = out * 2.0 ** (bits - 1)
    assert np.array_equal(scaled, np.rint(scaled))
    assert out.min() >= -1
    assert out.max() <= 1 - 2.0 ** (1 - bits)


@pytest.mark.parametrize("bits", BITS)
def test_less_error_than_rounding_where_the_sound_is_quiet_and_more_where_it_is_loud(bits):
    waveform = coloured()
    shaped, plain = quantise(waveform, bits) - waveform, rounded(waveform, bits) - waveform
    # Over half of the band is quiet, so what it gains is paid by the rest: 3 dB are half the power.
    assert band_db(shaped, 5000, 11_000) < band_db(plain, 5000, 11_000) - 3
    assert band_db(shaped, 0, 300) > band_db(plain, 0, 300)


@pytest.mark.parametrize("bits", BITS)
def test_log_spectrum_of_the_error_keeps_its_mean(bits):
    """Gerzon and Craven: what is gained in one band is paid in another, in decibels."""
    waveform = coloured(4 * RATE)
    means = []
    for error in (quantise(waveform, bits) - waveform, rounded(waveform, bits) - waveform):
        frames = error.reshape(-1, RATE // 2)
        power = (np.abs(np.fft.rfft(frames * np.hanning(RATE // 2))) ** 2).mean(axis=0)
        means.append(10 * np.log10(power[1:-1]).mean())
    # 16 spectra average to 0.3 dB a bin, thousands of bins to far less; segments' seams cost some.
    assert means[0] == pytest.approx(means[1], abs=1.5)


@pytest.mark.parametrize("track", ["pad", "strings", "rain"])
def test_error_on_music_is_near_80_db_under_full_scale(track):
    waveform = load_audio(EXAMPLES / f"{track}.ogg", sample_rate=RATE, duration_s=4.0).numpy()
    error = quantise(waveform, 16) - waveform
    assert 20 * np.log10(error.std()) < -80


def test_more_bits_are_48_db_better():
    waveform = coloured()
    coarse, fine = (quantise(waveform, bits).astype(np.float64) - waveform for bits in BITS)
    # Both have the same filter, so that only the step differs.
    assert 20 * np.log10(coarse.std() / fine.std()) == pytest.approx(48.2, abs=1)


def test_error_is_bounded():
    waveform = coloured()
    error = np.abs(quantise(waveform, 16) - waveform)
    assert (
        error.max() < 0.01
    )  # the filter's greatest gain is 60 dB less its mean, in steps of 2^-15


@pytest.mark.parametrize("bits", BITS)
def test_white_noise_is_rounded_about_as_well_as_plainly(bits):
    waveform = np.random.default_rng(0).uniform(-0.5, 0.5, (1, RATE)).astype(np.float32)
    shaped, plain = quantise(waveform, bits) - waveform, rounded(waveform, bits) - waveform
    # One segment's spectrum of white noise is ragged, so its filter is not quite flat.
    assert shaped.std() < 1.5 * plain.std()


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("samples", [1, 1024, 3000])
def test_silence_stays_silent(bits, samples):
    assert not quantise(np.zeros((2, samples), np.float32), bits).any()


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("peak", [1.0, 1.5])
def test_full_scale_does_not_overflow(bits, peak):
    t = np.arange(RATE) / RATE
    waveform = (peak * np.sin(2 * np.pi * 220 * t)).astype(np.float32)[None]
    out = quantise(waveform, bits)
    assert out.min() >= -1
    assert out.max() <= 1 - 2.0 ** (1 - bits)
    # A wrap would be an error of 2; what is above full scale is clipped.
    assert np.abs(out - np.clip(waveform, -1, 1)).max() < 0.05


def test_what_is_on_the_grid_already_keeps_its_values():
    waveform = rounded(coloured(), 16)
    assert np.array_equal(quantise(waveform, 16), waveform)


@pytest.mark.parametrize("samples", [500, 2048, 10_000, 10_241])
def test_runs_of_segments_give_the_same_as_all_at_once(monkeypatch, samples):
    waveform = coloured(samples)
    whole = quantise(waveform, 16)
    for at_once in (1, 3):
        monkeypatch.setattr("moss.signal.noise_shaping.SEGMENTS_AT_ONCE", at_once)
        assert np.array_equal(quantise(waveform, 16), whole)


def test_channels_do_not_touch_each_other():
    waveform = coloured()
    both = quantise(waveform, 16)
    for k in range(2):
        assert np.array_equal(quantise(waveform[k : k + 1], 16)[0], both[k])


def test_input_is_not_changed():
    waveform = coloured()
    before = waveform.copy()
    quantise(waveform, 16)
    assert np.array_equal(waveform, before)
