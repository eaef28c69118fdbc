"""Lower peaks: what is left of them between the samples too, and of the spectrogram."""

import pytest
import torch

from moss.phase.descent import descend_on_losses
from moss.phase.peaks import limited, with_lower_peaks
from moss.signal.loudness import decibels, true_peak
from moss.signal.replay import View
from moss.signal.spectrogram import STFT, DisplayRange

RATE = 8000
CUT_DB = 2.0


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def shown():
    """A viewer of a bright picture, and a sound that shows it."""
    stft = STFT(3 * RATE, 512, 128)
    rows, columns = torch.arange(257)[:, None] / 257, torch.arange(stft.frames) / stft.frames
    picture = 0.7 + 0.3 * torch.sin(9 * rows + 12 * columns)
    view = View(stft, None, picture, slice(0, 257), DisplayRange(-6.0, 2.0))
    start = 0.05 * torch.randn(3 * RATE, generator=seeded(1))
    return view, descend_on_losses([view], start, 0.0, 40, seeded(2))


def peak_db(waveform):
    return decibels(true_peak(waveform[None], RATE))


def test_what_passes_the_limit_is_taken_away_between_samples_too():
    waveform = torch.randn(2 * RATE, generator=seeded(3))
    limit = torch.tensor(0.7 * true_peak(waveform[None], RATE))
    found = limited(waveform, limit)
    # One pass leaves at most 1 dB of the 3 that were to go.
    assert peak_db(found) < decibels(limit.item()) + 1
    quiet = 0.9 * limit * waveform / true_peak(waveform[None], RATE)
    torch.testing.assert_close(limited(quiet, limit), quiet, rtol=0, atol=0)


def test_peaks_fall_and_the_picture_stays(shown):
    view, waveform = shown
    limit = true_peak(waveform[None], RATE) * 10 ** (-CUT_DB / 20)
    found = with_lower_peaks([view], waveform, limit, 0.0, seeded(4))
    assert peak_db(found) < peak_db(waveform) - 0.75 * CUT_DB
    before, after = (view.losses(x)[0] for x in (waveform, found))
    assert after < before + 0.01
    clipped = view.losses(limited(waveform, torch.tensor(limit)))[0]
    assert after < clipped  # the phases do better than the limit alone


def test_the_channel_beside_it_has_its_part_of_the_limit(shown):
    view, waveform = shown
    rest = 0.3 * waveform.roll(500)
    both = torch.stack((waveform + rest, waveform - rest))
    limit = true_peak(both, RATE) * 10 ** (-CUT_DB / 20)
    found = with_lower_peaks([view], waveform, limit, 0.0, seeded(5), rest)
    channels = torch.stack((found + rest, found - rest))
    assert peak_db(channels[0]) < peak_db(both[0]) + 0.1
    assert decibels(true_peak(channels, RATE)) < decibels(true_peak(both, RATE)) - 0.6 * CUT_DB


def test_far_from_the_peaks_of_a_long_sound_nothing_changes():
    # A click every eight seconds stands out of a sound that shows a picture.
    samples, places = 24 * RATE, torch.arange(4, 24, 8) * RATE
    stft = STFT(samples, 512, 128)
    rows, columns = torch.arange(257)[:, None] / 257, torch.arange(stft.frames) / stft.frames
    picture = 0.7 + 0.3 * torch.sin(9 * rows + 90 * columns)
    audio = torch.randn(257, stft.frames, generator=seeded(6))
    view = View(stft, audio, picture, slice(0, 257), DisplayRange(-6.0, 2.0), "heard", RATE, 1.0)
    waveform = 0.05 * torch.randn(samples, generator=seeded(7))
    waveform = descend_on_losses([view], waveform, 0.1, 10, seeded(8))
    waveform[places] = 2 * waveform.abs().max()
    limit = true_peak(waveform[None], RATE) * 10 ** (-0.5 * CUT_DB / 20)
    found = with_lower_peaks([view], waveform, limit, 0.1, seeded(9))
    assert peak_db(found) < peak_db(waveform) - 0.75 * 0.5 * CUT_DB
    changed = (found != waveform).nonzero()[:, 0]
    apart = (changed[:, None] - places).abs().amin(dim=1)
    assert 512 < apart.max() < 1.5 * RATE
    before, after = (view.losses(x) for x in (waveform, found))
    assert after[0] < before[0] + 0.001
    assert after[1] < before[1] + 0.001
