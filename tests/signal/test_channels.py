"""What of a track carries a picture, and the track again from that and the rest."""

from dataclasses import replace

import pytest
import torch

from moss.signal.channels import analysed_channel, carriers_of, channels_of, rest_of
from moss.signal.spectrogram import STFT
from tests.small import SMALL

CHANNELS = ("mid", "side", "left-right")


@pytest.fixture(scope="module")
def stereo():
    samples = round(SMALL.duration_s * SMALL.sample_rate)
    return torch.randn(2, samples, generator=torch.Generator().manual_seed(0))


def settings_with(channel, **changes):
    return replace(SMALL, channel=channel, **changes)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_track_is_put_together_again(stereo, channel):
    settings = settings_with(channel)
    again = channels_of(analysed_channel(stereo, settings), rest_of(stereo, channel), settings)
    assert torch.allclose(again, stereo, atol=1e-6)


def test_a_mono_track_is_its_mid_and_has_no_rest(stereo):
    mono, settings = stereo[:1], settings_with("mid")
    analysed = analysed_channel(mono, settings)
    assert torch.equal(analysed, mono[0]) and rest_of(mono, "mid") is None
    assert torch.equal(channels_of(analysed, None, settings), mono)


def test_the_side_is_what_is_gone_in_mono(stereo):
    same = stereo[:1].expand(2, -1)
    assert not carriers_of(same, "side").any()
    whole = channels_of(stereo[1], stereo[0], settings_with("side"))
    assert torch.allclose(whole.mean(dim=0), stereo[0], atol=1e-6)


# Durations that end on a hop, before one and after one.
@pytest.mark.parametrize("duration_s", [3.0, 3.008, 3.0131])
@pytest.mark.parametrize("viewer", ["own", "any"])
def test_left_and_right_after_each_other_have_the_spectra_that_they_have_alone(duration_s, viewer):
    settings = settings_with("left-right", duration_s=duration_s, viewer=viewer)
    samples = round(duration_s * settings.sample_rate)
    stereo = torch.randn(2, samples, generator=torch.Generator().manual_seed(1))
    whole = analysed_channel(stereo, settings)
    for window in settings.windows:
        spectrum = STFT(len(whole), *window).log_magnitude(whole)
        for channel, start in zip(stereo, settings.carrier_starts, strict=True):
            alone = STFT(samples, *window).log_magnitude(channel)
            first, rest = divmod(start, window.hop_length)
            assert rest == 0
            there = spectrum[:, first : first + alone.shape[1]]
            assert there.shape == alone.shape
            # Both are float32, of the same samples.
            assert torch.allclose(there, alone, atol=1e-3)
