"""Loudness against the figures of BS.1770, and one loudness for a set of sounds."""

import math

import numpy as np
import pytest
import torch
from torchaudio.functional import loudness, resample

from moss.signal.loudness import (
    OVERSAMPLING,
    OVERSAMPLING_REACH,
    OVERSHOOT,
    PEAK_CEILING,
    integrated_loudness,
    level_of,
    matched_gains,
    true_peak,
)

RATES = [16_000, 22_050, 48_000]


def sine(level_db, rate=48_000, seconds=2.0, frequency=997.0, channels=1, phase=0.0):
    t = torch.arange(round(rate * seconds), dtype=torch.float64) / rate
    wave = 10 ** (level_db / 20) * torch.sin(2 * math.pi * frequency * t + phase)
    return wave.float().expand(channels, -1).contiguous()


def coloured(seed, rate=22_050, seconds=2.0, gain=0.1):
    """Two channels of noise with a seed's own spectrum and peaks."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal((2, round(rate * seconds))))
    shape = 1 / (1 + np.arange(spectrum.shape[1]) / (200 + 2000 * rng.random()))
    wave = np.fft.irfft(spectrum * shape, n=round(rate * seconds))
    return torch.from_numpy(gain * wave / wave.std()).float()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("level_db", [0, -20, -40])
def test_a_mono_sine_of_997_hz_reads_3_db_under_its_level(rate, level_db):
    found = integrated_loudness(sine(level_db, rate), rate)
    # EBU Tech 3341 allows a meter 0.1 LU.
    assert found == pytest.approx(level_db - 3.01, abs=0.1)


def test_two_channels_read_3_db_more_than_one():
    assert integrated_loudness(sine(-20, channels=2), 48_000) == pytest.approx(-20, abs=0.1)


def test_silence_before_a_sound_is_gated_away():
    wave = sine(-20, seconds=4.0)
    gated = torch.cat((torch.zeros(1, 48_000 * 4), wave), dim=1)
    # The gate drops silent blocks; the blocks over the edge count, at most -0.2 LU here.
    assert integrated_loudness(gated, 48_000) == pytest.approx(-23.01, abs=0.3)


def test_gain_moves_loudness_by_as_many_decibels():
    wave = coloured(0)
    louder = integrated_loudness(2 * wave, 22_050) - integrated_loudness(wave, 22_050)
    assert louder == pytest.approx(20 * math.log10(2), abs=1e-3)  # float32 filters


@pytest.mark.parametrize("seconds", [0.01, 0.39, 0.5, 3.0])
def test_silence_is_minus_infinity(seconds):
    silence = torch.zeros(2, round(22_050 * seconds))
    assert integrated_loudness(silence, 22_050) == -math.inf


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.399])
def test_sounds_shorter_than_a_block_have_their_mean_square(seconds):
    found = integrated_loudness(sine(-20, 22_050, seconds), 22_050)
    # Without the K filter's 0.69 dB at 997 Hz; parts of a period count for less than 0.1 dB.
    assert found == pytest.approx(-23.01 - 0.69, abs=0.1)


def test_sounds_under_the_gate_have_a_finite_loudness():
    found = integrated_loudness(sine(-90), 48_000)
    assert found == pytest.approx(-93.01 - 0.69, abs=0.1)  # mean square, as above


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.45, 3.0, 61.0])
def test_loudness_in_pieces_is_that_of_the_whole(monkeypatch, rate, seconds):
    wave = 0.1 * coloured(1, rate, seconds)
    wave *= torch.linspace(0.01, 1, wave.shape[1])  # both gates leave something out
    # In float32 the biquads of 38 Hz are off by 0.01 LU.
    whole = loudness(wave.double(), rate).item()
    assert integrated_loudness(wave, rate) == pytest.approx(whole, abs=2e-5)
    monkeypatch.setattr("moss.signal.loudness.BLOCKS_AT_ONCE", 7)
    assert integrated_loudness(wave, rate) == pytest.approx(whole, abs=2e-5)


@pytest.mark.parametrize("at_once", [128, 1024])
def test_true_peak_in_pieces_is_that_of_the_whole(monkeypatch, at_once):
    monkeypatch.setattr("moss.signal.loudness.OVERSAMPLED_AT_ONCE", at_once)
    for place in (0, 126, 127, 128, 129, 1023, 1025, 2999):
        wave = 0.01 * coloured(2)[:, :3000]
        wave[0, place], wave[0, place - 1] = 0.5, -0.4
        whole = resample(wave, 22_050, 4 * 22_050).abs().max().item()
        assert true_peak(wave, 22_050) == max(whole, 0.5)


def test_true_peak_sees_between_the_samples():
    # At a quarter of the rate, 45 degrees off, every sample is at 0.707 of the peak.
    wave = sine(0, 48_000, 0.5, frequency=12_000.0, phase=math.pi / 4)
    assert wave.abs().max() < 0.708
    # EBU Tech 3341: +0.2 / -0.4 dB.
    assert 20 * math.log10(true_peak(wave, 48_000)) == pytest.approx(0, abs=0.3)


def test_true_peak_is_never_under_the_sample_peak():
    click = torch.zeros(1, 1000)
    click[0, 500] = 0.8
    assert true_peak(click, 22_050) >= 0.8
    assert true_peak(torch.zeros(2, 1000), 22_050) == 0


def gains_of(sounds, reference, sample_rate):
    levels = [level_of(sound, sample_rate) for sound in sounds]
    return matched_gains(levels, integrated_loudness(reference, sample_rate))


@pytest.mark.parametrize("reference_gain", [0.02, 0.1, 0.5])
def test_matched_sounds_have_one_loudness_and_no_peak_above_the_ceiling(reference_gain):
    reference = coloured(0, gain=reference_gain)
    sounds = [coloured(seed, gain=0.05 * (seed + 1)) for seed in range(4)]
    gains = gains_of(sounds, reference, 22_050)
    matched = [gain * sound for gain, sound in zip(gains, sounds, strict=True)]
    loudness = [integrated_loudness(sound, 22_050) for sound in matched]
    assert max(loudness) - min(loudness) < 0.1
    peaks = [true_peak(sound, 22_050) for sound in matched]
    # The ceiling but for float32.
    assert max(peaks) <= PEAK_CEILING * (1 + 1e-5)
    wanted = integrated_loudness(reference, 22_050)
    if max(peaks) < 0.999 * PEAK_CEILING:
        assert loudness == pytest.approx([wanted] * 4, abs=0.1)
    else:
        assert max(loudness) < wanted


def test_both_branches_of_matching_are_reached():
    """The case above covers a reference that fits and one that does not."""
    sounds = [coloured(seed) for seed in range(4)]
    for gain, fits in ((0.02, True), (0.5, False)):
        reference = coloured(0, gain=gain)
        loudest = max(gains_of(sounds, reference, 22_050)) * coloured(0)
        wanted = integrated_loudness(reference, 22_050)
        assert (integrated_loudness(loudest, 22_050) > wanted - 0.5) == fits


def test_a_set_that_fits_takes_the_references_loudness():
    reference = sine(-23, channels=2)
    gains = gains_of([sine(-12, channels=2), sine(-30, channels=2)], reference, 48_000)
    assert gains == pytest.approx([10 ** (-11 / 20), 10 ** (7 / 20)], rel=1e-3)  # float32 filters


def test_a_set_with_one_high_peak_is_lowered_as_one():
    reference = sine(-23)
    spiky = sine(-23)
    spiky[0, 20_000] = 0.99
    gains = gains_of([sine(-23), 3 * spiky], reference, 48_000)
    assert gains[0] == pytest.approx(3 * gains[1], rel=0.02)  # the click adds 0.1 LU
    assert gains[1] * true_peak(3 * spiky, 48_000) == pytest.approx(PEAK_CEILING, rel=1e-5)


def test_silence_among_the_sounds_or_as_reference_keeps_gains_finite():
    silence, sound = torch.zeros(2, 30_000), coloured(0)
    for sounds, reference in (([silence, sound], sound), ([sound], silence), ([silence], silence)):
        gains = gains_of(sounds, reference, 22_050)
        assert all(math.isfinite(gain) and gain > 0 for gain in gains)
    assert gains_of([silence, sound], sound, 22_050)[1] == pytest.approx(1)


def test_no_sounds_have_no_gains():
    assert gains_of([], coloured(0), 22_050) == []


def test_sounds_are_not_changed():
    sound = coloured(0)
    before = sound.clone()
    gains_of([sound], 2 * sound, 22_050)
    assert torch.equal(sound, before)


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000])
def test_no_peak_between_samples_is_higher_than_what_is_looked_for(rate):
    """Samples of the signs of a filter's taps have the highest peak that there is."""
    impulse = torch.zeros(1, 2 * OVERSAMPLING_REACH + 1)
    impulse[0, OVERSAMPLING_REACH] = 1
    taps = resample(impulse, rate, OVERSAMPLING * rate).unflatten(-1, (-1, OVERSAMPLING))
    assert OVERSHOOT - 0.01 < taps.abs().sum(dim=1).max() < OVERSHOOT
    worst = taps[0].sign().T.flip(1)
    for wave in worst:
        whole = resample(wave[None], rate, OVERSAMPLING * rate).abs().max().item()
        assert true_peak(wave[None], rate) == pytest.approx(whole, abs=1e-6)
