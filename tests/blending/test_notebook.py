import math
from dataclasses import replace
from itertools import islice

import pytest
import torch

from moss.blending.mask import MaskBasis
from moss.blending.notebook import (
    LEAST_RANGE_NATS,
    NotebookLosses,
    notebook_mixture,
    seed_descents,
    visual_weights,
)
from moss.signal.spectrogram import SMALLEST_MAGNITUDE
from tests.small import NOTEBOOK, small_pair

GRID = (6, 8)


@pytest.fixture(scope="module", params=["linear", "log"])
def mixture(request):
    return small_pair(replace(NOTEBOOK, mixing=request.param)).mixture


@pytest.fixture(scope="module")
def basis(mixture):
    return MaskBasis(tuple(mixture.picture.shape), GRID, NOTEBOOK.smoothing_sigma)


@pytest.fixture(scope="module")
def losses(mixture, basis):
    return NotebookLosses(mixture, basis)


@pytest.fixture
def grid():
    return torch.rand(GRID, generator=torch.Generator().manual_seed(4))


def mixed_as_described(mixing, audio, image, mask):
    if mixing == "linear":
        return (1 - mask) * audio + mask * image
    return audio ** (1 - mask) * image**mask


def as_described(mixture, basis, grid):
    """Both losses as method and notebook describe them, in float64."""
    mask = basis.mask(grid).double()
    audio, image = mixture.audio_in_band.double().exp(), mixture.image.double().exp()
    mixed = mixed_as_described(mixture.mixing, audio, image, mask)
    return 20 * (mixed - image).abs().mean(), (mixed.log() - audio.log()).abs().mean()


def test_the_picture_lies_between_two_quantiles_of_the_track():
    generator = torch.Generator().manual_seed(0)
    audio = 3 * torch.randn(400, 500, generator=generator)
    picture = torch.linspace(0, 1, 400)[:, None].expand(-1, 500)
    mixture = notebook_mixture(audio, picture, slice(0, 400), gamma=1.8, mixing="linear")
    low, high = mixture.display.low, mixture.display.high
    assert (audio < low).float().mean().item() == pytest.approx(0.01, abs=1e-4)
    assert (audio > high).float().mean().item() == pytest.approx(0.02, abs=1e-4)
    torch.testing.assert_close(mixture.image, low + (high - low) * picture**1.8)
    assert mixture.mixing == "linear"


def test_a_silent_track_still_has_a_range():
    silence = torch.full((40, 50), math.log(SMALLEST_MAGNITUDE))
    mixture = notebook_mixture(
        silence, torch.zeros(40, 50), slice(0, 40), gamma=1.8, mixing="linear"
    )
    assert mixture.display.high - mixture.display.low == LEAST_RANGE_NATS


def test_the_losses_are_those_described(losses, mixture, basis, grid):
    expected = [each.item() for each in as_described(mixture, basis, grid)]
    assert losses(grid) == pytest.approx(expected, rel=1e-5)  # float32 magnitudes


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_gradient_is_that_of_the_losses_described(losses, mixture, basis, grid, weight):
    variable = grid.double().requires_grad_()
    time = basis.tile(slice(0, basis.shape[1])).weights.double()
    mask = basis.freq.double() @ variable @ time.T
    audio, image = mixture.audio_in_band.double().exp(), mixture.image.double().exp()
    mixed = mixed_as_described(mixture.mixing, audio, image, mask)
    visual, heard = 20 * (mixed - image).abs().mean(), (mixed / audio).log().abs().mean()
    (weight * visual + (1 - weight) * heard).backward()
    expected = variable.grad.float()
    torch.testing.assert_close(
        losses.gradient(grid, weight), expected, rtol=1e-4, atol=1e-5 * expected.abs().max().item()
    )


def test_outside_of_a_narrow_picture_nothing_counts():
    settings = replace(NOTEBOOK, low_hz=500.0, high_hz=2500.0)
    mixture = small_pair(settings).mixture
    basis = MaskBasis(tuple(mixture.picture.shape), GRID, 5.0)
    visual, heard = NotebookLosses(mixture, basis)(torch.ones(GRID))
    share = mixture.picture.numel() / mixture.audio.numel()
    expected = as_described(mixture, basis, torch.ones(GRID))[1].item()
    assert visual == pytest.approx(0, abs=1e-5)
    assert heard == pytest.approx(share * expected, rel=1e-5)


def test_the_anchors_are_the_inputs(losses):
    assert losses(torch.ones(GRID))[0] == pytest.approx(0, abs=1e-5)  # float32 masks reach 1
    assert losses(torch.zeros(GRID))[1] == pytest.approx(0, abs=1e-5)


def test_seeds_descend_and_stay_within_their_bounds(losses):
    low, high = torch.zeros(GRID), torch.ones(GRID)
    low[:2, :2], high[:2, :2] = 1.0, 1.0
    high[4:] = 0.0
    weights = visual_weights(6)
    assert weights == pytest.approx([1, 0.4096, 0.1296, 0.0256, 0.0016, 0])
    descents = seed_descents(losses, (low, high), 6, seed=0)
    assert len(descents) == 4
    for weight, descent in zip(weights[1:-1], descents, strict=True):
        start, *_, end = islice(descent, 31)
        before, after = (
            weight * visual + (1 - weight) * heard for visual, heard in (losses(start), losses(end))
        )
        assert after < before
        assert ((end >= low) & (end <= high)).all()
