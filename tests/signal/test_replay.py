"""What a finished sound replays: its losses, in one or in pieces, also in another process."""

import pickle
from dataclasses import replace

import pytest
import torch

from moss.signal.hearing import AUDIO_LOSSES
from moss.signal.replay import View, visual_loss, visual_loss_of_pieces
from moss.signal.similarity import SSIM
from moss.signal.spectrogram import STFT, DisplayRange
from tests.small import SMALL, small_pair


def test_the_visual_loss_is_nothing_at_the_picture_itself_and_grows_away_from_it():
    picture = torch.rand(40, 60, generator=torch.Generator().manual_seed(0))
    similarity = SSIM(picture)
    losses = [visual_loss(torch.lerp(picture, 1 - picture, x), similarity) for x in (0, 0.1, 0.3)]
    assert losses[0] == pytest.approx(0, abs=1e-6) and losses == sorted(losses)
    assert losses[1] > 0.01


def test_pieces_of_a_picture_have_the_loss_of_the_whole():
    """Pieces that share ten columns have every window of the whole once."""
    generator = torch.Generator().manual_seed(1)
    picture, shown = torch.rand(2, 100, 30, generator=generator)
    pieces = [(shown[i:j], SSIM(picture[i:j])) for i, j in ((0, 40), (30, 77), (67, 100))]
    whole = visual_loss(shown, SSIM(picture))
    assert visual_loss_of_pieces(pieces) == pytest.approx(whole, abs=1e-6)
    assert visual_loss_of_pieces([]) is None


def test_without_a_track_there_is_no_audio_loss():
    picture = torch.rand(30, 41, generator=torch.Generator().manual_seed(2))
    view = View(STFT(40 * 32, 128, 32), None, picture, slice(10, 40), DisplayRange(-9.0, 3.0))
    looks, sounds = view.losses(torch.randn(40 * 32, generator=torch.Generator().manual_seed(3)))
    assert sounds == 0 and 0.5 < looks <= 2


@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_a_track_replays_itself(audio_loss):
    """As far as it is heard: the view's track is never below black, which hardly sounds."""
    prepared = small_pair(replace(SMALL, audio_loss=audio_loss))
    looks, sounds = prepared.views[0].losses(prepared.waveform.mean(dim=0))
    assert sounds == pytest.approx(0, abs=1e-6 if audio_loss == "log" else 1e-3) and looks > 0.3


@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_every_difference_is_told_whatever_was_searched(audio_loss):
    view = small_pair(replace(SMALL, audio_loss=audio_loss)).views[0]
    sound = torch.randn(view.stft.length, generator=torch.Generator().manual_seed(5)) / 100
    told = view.replayed(sound).differences
    assert list(told) == list(AUDIO_LOSSES) and min(told.values()) > 0.01
    assert told[audio_loss] == view.losses(sound)[1]
    without = replace(view, audio=None)
    assert without.replayed(sound).differences == {} and without.losses(sound)[1] == 0


def test_on_the_other_side_of_a_pickle_nothing_cached_and_no_tensor_comes_along():
    view = small_pair().views[0]
    fresh = len(pickle.dumps(view))
    mid = torch.randn(view.stft.length, generator=torch.Generator().manual_seed(4))
    before = view.losses(mid)
    assert len(pickle.dumps(view)) == fresh and b"torch._utils" not in pickle.dumps(view)
    there = pickle.loads(pickle.dumps(view))
    assert there.losses(mid) == before and there.band == view.band


def test_the_audio_of_a_mixture_crosses_once():
    prepared = small_pair()
    assert prepared.views[0].audio is prepared.mixture.audio
    samples = prepared.waveform.numel() + sum(
        each.numel() for each in vars(prepared.mixture).values() if isinstance(each, torch.Tensor)
    )
    assert len(pickle.dumps(prepared)) < 1.1 * 4 * samples


@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_a_part_of_a_view_has_the_units_of_the_whole(audio_loss):
    generator = torch.Generator().manual_seed(3)
    stft = STFT(20 * 128, 512, 128)
    audio, picture = torch.randn(257, 21, generator=generator), torch.rand(100, 21)
    view = View(stft, audio, picture, slice(5, 105), DisplayRange(-6.0, 2.0), audio_loss, 8e3, 0.3)
    everything = view.at(torch.arange(20 * 128))
    sound = torch.randn(20 * 128, generator=generator)
    assert everything.losses(sound) == pytest.approx(view.losses(sound), rel=1e-6)
    frames = torch.cat((torch.arange(2, 6), torch.arange(9, 18)))
    part = view.at(torch.cat((torch.arange(2 * 128, 6 * 128), torch.arange(9 * 128, 17 * 128))))
    assert part.stft.frames == len(frames)
    torch.testing.assert_close(part.picture, picture[:, frames], rtol=0, atol=0)
    heard = torch.randn(21, 257, generator=generator)
    by_bin = view.difference.by_bin(heard)[frames].sum() * 21 / len(frames)
    assert part.difference.by_bin(heard[frames]).sum().item() == pytest.approx(
        by_bin.item(), rel=1e-5
    )
    torch.testing.assert_close(
        part.difference.value_and_gradient(heard[frames])[1] * len(frames),
        view.difference.value_and_gradient(heard)[1][frames] * 21,
    )
