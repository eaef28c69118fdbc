"""What a finished sound replays: its losses, in one or in pieces, also in another process."""

import pickle

import pytest
import torch

from moss.signal.replay import View, audio_loss, visual_loss, visual_loss_of_pieces
from moss.signal.similarity import SSIM
from moss.signal.spectrogram import STFT, DisplayRange
from tests.small import small_pair


def test_the_audio_loss_is_the_mean_absolute_difference():
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0], [4.0, 4.0]])
    assert audio_loss(a, b, a.numel()) == audio_loss(b, a, a.numel()) == 0.75
    assert audio_loss(a, a, a.numel()) == 0
    # Of a band alone, over the bins of the whole: the rest does not differ.
    assert audio_loss(a[1:], b[1:], a.numel()) == 0.25


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


def test_a_track_replays_itself():
    prepared = small_pair()
    looks, sounds = prepared.views[0].losses(prepared.waveform.mean(dim=0))
    assert sounds == pytest.approx(0, abs=1e-6) and looks > 0.3


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
        each.numel()
        for each in (prepared.mixture.audio, prepared.mixture.picture, prepared.mixture.image)
    )
    assert len(pickle.dumps(prepared)) < 1.1 * 4 * samples
