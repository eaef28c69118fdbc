"""The two losses of a mask: exact against pytorch-msssim, estimators against the exact ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_msssim import ssim
from torch.nn.functional import interpolate

from moss.blending import objectives
from moss.blending.mask import MaskBasis, spans
from moss.blending.mixing import mixture_of
from moss.blending.objectives import (
    AutogradEstimator,
    ExactLosses,
    LogMixingEstimator,
    estimator_for,
)
from moss.blending.search import front_from, search
from moss.settings.presets import blend_settings
from moss.signal.hearing import AUDIO_LOSSES, LoudnessDifference
from moss.usecases.blend import prepare

EXAMPLES = Path(__file__).parents[2] / "examples"
AUDIO_WEIGHTS = [0.0, 0.1, 1.0]
# The estimators' promise; against exact SSIM, which has all windows and no plane in place of the
# mask. It is under a tenth of the distance of two representatives. Where white is so low that much
# of the track is brighter, and where the picture leans, up to 0.0134 was measured on three pairs.
ESTIMATOR_ERROR = {"log": 0.005, "heard": 0.02}
HEARD_ERROR = 0.06  # of cells as if alone, straight between a few levels; up to 0.049 was measured
# Of two gradients, over their norm. A sound's are of smoothed functions in the general estimator
# and have steps between levels in the closed form: 0.11 and 0.45 were measured.
GRADIENTS_APART = {"log": 0.15, "heard": 0.5}

SETTINGS = blend_settings(
    duration_s=4.0,
    grid_height=32,
    audio_weights=6,
    descent_steps=5,
    population_size=16,
    generations=2,
)


@pytest.fixture(scope="module", params=AUDIO_LOSSES)
def example(request):
    """A picture over a track, as the default settings mix them for either loss."""
    settings = replace(SETTINGS, audio_loss=request.param)
    return prepare(EXAMPLES / "fern.jpg", EXAMPLES / "strings.ogg", settings).mixture


@pytest.fixture(scope="module")
def basis(example):
    return MaskBasis(tuple(example.picture.shape), SETTINGS.grid_shape, SETTINGS.smoothing_sigma)


@pytest.fixture(scope="module")
def front(example):
    return front_from(list(search(example, replace(SETTINGS, audio_loss=example.audio_loss)))[-1])


def small(mixing, gamma=1.0, seed=0, audio_loss="log"):
    """A mixture of structured noise in a band, its mask's basis, and a generator."""
    generator = torch.Generator().manual_seed(seed)
    audio = smooth_grids(1, (90, 70), generator, knots=(20, 16))[0] * 10 - 8
    audio += 0.5 * torch.randn(audio.shape, generator=generator)
    picture = smooth_grids(1, (75, 70), generator, knots=(12, 12))[0]
    mixture = mixture_of(
        audio, picture, slice(5, 80), gamma=gamma, mixing=mixing, audio_loss=audio_loss
    )
    return mixture, MaskBasis((75, 70), (12, 10), 3.0), generator


def smooth_grids(count, shape, generator, knots=(4, 4)):
    """Random fields (count, *shape) in [0, 1], smooth in both directions."""
    fields = torch.rand(count, 1, *knots, generator=generator)
    return interpolate(fields, shape, mode="bicubic", align_corners=True)[:, 0].clamp(0, 1)


def reference_losses(mixture, mask):
    """Both losses of a mask, as written in objectives.py, by way of pytorch-msssim.

    The heard one is `moss.signal.hearing`'s, of the whole spectrogram.
    """
    audio = mixture.audio[mixture.band]
    if mixture.mixing == "log":
        mixed = audio + mask * (mixture.image - audio)
        if mixture.lean is not None:
            mixed = mixed + (mask - mask**17) * mixture.lean
    else:
        mixed = ((1 - mask) * audio.exp() + mask * mixture.image.exp()).log()
    span = mixture.display.high - mixture.display.low
    shown = ((mixed - mixture.display.low) / span).clamp(0, 1)
    visual = 1 - ssim(shown[None, None], mixture.picture[None, None], data_range=1.0)
    if mixture.audio_loss == "log":
        return visual.item(), ((mixed - audio).abs().sum() / mixture.audio.numel()).item()
    below, above = mixture.audio[: mixture.band.start], mixture.audio[mixture.band.stop :]
    heard = LoudnessDifference(mixture.audio.T, mixture.sample_rate)
    pure, whole = (heard(torch.cat((below, x, above)).T) for x in (mixture.image, mixed))
    return visual.item(), whole / pure


@pytest.mark.parametrize("mixing", ["log", "linear"])
@pytest.mark.parametrize("gamma", [1.0, 1.8])
@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_exact_losses_agree_with_pytorch_msssim(mixing, gamma, audio_loss):
    mixture, basis, generator = small(mixing, gamma, audio_loss=audio_loss)
    exact = ExactLosses(mixture, basis)
    for grid in smooth_grids(3, (12, 10), generator):
        expected = reference_losses(mixture, basis.mask(grid))
        assert exact(grid) == pytest.approx(expected, abs=1e-5)  # both in float32


def test_exact_losses_agree_with_pytorch_msssim_at_full_size(example, basis):
    grid = smooth_grids(1, basis.grid_shape, torch.Generator().manual_seed(1))[0]
    expected = reference_losses(example, basis.mask(grid))
    assert ExactLosses(example, basis)(grid) == pytest.approx(expected, abs=1e-5)  # float32


@pytest.mark.parametrize("mixing", ["log", "linear"])
@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_anchors_have_one_loss_of_nothing(mixing, audio_loss):
    mixture, basis, _ = small(mixing, audio_loss=audio_loss)
    exact = ExactLosses(mixture, basis)
    audio, picture = exact(torch.zeros(12, 10)), exact(torch.ones(12, 10))
    assert audio[1] == pytest.approx(0, abs=1e-6)  # exp and log of linear mixing round
    assert picture[0] == pytest.approx(0, abs=1e-5)  # 1 minus a float32 SSIM
    assert audio[0] > 0.1
    assert picture[1] > 0.1
    assert audio_loss == "log" or picture[1] == pytest.approx(1, abs=1e-5)  # float32


@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_tiles_of_time_do_not_change_what_is_found(monkeypatch, audio_loss):
    mixture, basis, generator = small("log", audio_loss=audio_loss)
    grid, levels = smooth_grids(1, (12, 10), generator)[0], torch.tensor([0.0, 0.3])

    def found():
        estimator = LogMixingEstimator(mixture, basis)
        assert len(estimator._tiles) == len(spans(15, objectives.WINDOWS_AT_ONCE))
        losses = *estimator.losses(grid), *ExactLosses(mixture, basis)(grid)
        return torch.tensor(losses), estimator.gradient(grid, 0.3), estimator.constant_cells(levels)

    whole = found()
    monkeypatch.setattr(objectives, "WINDOWS_AT_ONCE", 4)
    monkeypatch.setattr(objectives, "EXACT_AT_ONCE", 13)
    # The same float32 products, summed in another order.
    torch.testing.assert_close(found(), whole, rtol=1e-5, atol=1e-6)


def audio_error(mixture, kind=LogMixingEstimator):
    """How far an estimator's audio loss may be off, as `approx` takes it."""
    if mixture.audio_loss == "log" or kind is AutogradEstimator:
        return {"rel": 1e-5}  # exact but for float32
    return {"abs": HEARD_ERROR}


@pytest.mark.parametrize("kind", [LogMixingEstimator, AutogradEstimator])
def test_estimators_are_near_the_exact_losses_on_smooth_masks(example, basis, kind):
    estimator, exact = kind(example, basis), ExactLosses(example, basis)
    for grid in smooth_grids(6, basis.grid_shape, torch.Generator().manual_seed(2)):
        estimated, wanted = estimator.losses(grid), exact(grid)
        assert estimated[0] == pytest.approx(wanted[0], abs=ESTIMATOR_ERROR[example.audio_loss])
        assert estimated[1] == pytest.approx(wanted[1], **audio_error(example, kind))


def test_estimator_is_near_the_exact_losses_on_a_front(example, basis, front):
    estimator = estimator_for(example, basis)
    found = [estimator.losses(torch.from_numpy(mask) / 255) for mask in front.masks]
    error = np.abs(np.array(found) - front.losses)
    assert error[:, 0].max() < ESTIMATOR_ERROR[example.audio_loss]
    assert error[:, 1].max() < max(audio_error(example).values()) * front.losses[:, 1].max()


@pytest.mark.parametrize("mixing", ["log", "linear"])
@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_estimator_suits_the_mixing(mixing, audio_loss):
    mixture, basis, generator = small(mixing, audio_loss=audio_loss)
    estimator, exact = estimator_for(mixture, basis), ExactLosses(mixture, basis)
    grid = smooth_grids(1, (12, 10), generator)[0]
    # Only 255 of the small picture's windows are seen, so their mean is noisier, and a plane in
    # place of the mask tells less of the lean.
    near = 0.03 if mixture.lean is None else 0.04
    assert estimator.losses(grid) == pytest.approx(exact(grid), abs=near)


@pytest.mark.parametrize("audio_weight", AUDIO_WEIGHTS)
@pytest.mark.parametrize(
    ("kind", "mixing"),
    [(LogMixingEstimator, "log"), (AutogradEstimator, "log"), (AutogradEstimator, "linear")],
)
@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_gradients_agree_with_finite_differences(kind, mixing, audio_weight, audio_loss):
    mixture, basis, generator = small(mixing, audio_loss=audio_loss)
    estimator = kind(mixture, basis)
    grid = 0.2 + 0.6 * smooth_grids(1, (12, 10), generator)[0]

    def loss(at):
        visual, audio = estimator.losses(at)
        return visual + audio_weight * audio

    gradient = estimator.gradient(grid, audio_weight)
    noise = torch.randn(grid.shape, generator=generator)
    for direction in (gradient / gradient.norm(), noise / noise.norm()):
        step = 0.02
        slope = (loss(grid + step * direction) - loss(grid - step * direction)) / (2 * step)
        # float32 losses near 1 divided by the step: 1e-7 / 0.04; the rest is curvature.
        expected = (gradient * direction).sum().item()
        # What is smoothed of a heard change, or a step between its levels, is up to 2 %.
        share = 0.01 if audio_loss == "log" else 0.02
        assert slope == pytest.approx(expected, abs=1e-5 + share * gradient.norm().item())


@pytest.mark.parametrize("audio_weight", AUDIO_WEIGHTS)
def test_both_estimators_agree_on_log_mixing(example, basis, audio_weight):
    closed, general = LogMixingEstimator(example, basis), AutogradEstimator(example, basis)
    for grid in smooth_grids(2, basis.grid_shape, torch.Generator().manual_seed(3)):
        # The same windows: what is left is the closed form's plane in place of the mask.
        ours, theirs = closed.losses(grid), general.losses(grid)
        heard = example.audio_loss == "heard"
        assert ours[0] == pytest.approx(theirs[0], abs=0.02 if heard else 0.002)
        assert ours[1] == pytest.approx(theirs[1], abs=HEARD_ERROR if heard else 0.002)
        a, b = closed.gradient(grid, audio_weight), general.gradient(grid, audio_weight)
        apart = GRADIENTS_APART[example.audio_loss] if audio_weight else 0.2 if heard else 0.1
        assert (a - b).norm() < apart * b.norm()


@pytest.mark.parametrize(
    ("kind", "mixing"),
    [(LogMixingEstimator, "log"), (AutogradEstimator, "log"), (AutogradEstimator, "linear")],
)
@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_cells_of_constant_masks_sum_to_their_losses(kind, mixing, audio_loss):
    mixture, basis, _ = small(mixing, audio_loss=audio_loss)
    estimator, exact = kind(mixture, basis), ExactLosses(mixture, basis)
    levels = torch.tensor([0.0, 0.3, 1.0])
    similar, distant = estimator.constant_cells(levels)
    assert similar.shape == distant.shape == (3, 12, 10)
    # The closed form's cells have its own windows, the general one's have all.
    losses = estimator.losses if kind is LogMixingEstimator else exact
    for level, cells, nats in zip(levels, similar, distant, strict=True):
        visual, audio = losses(torch.full((12, 10), level.item()))
        assert 1 - cells.sum().item() == pytest.approx(visual, abs=1e-5)  # float32 sums
        assert nats.sum().item() == pytest.approx(audio, abs=1e-4)


@pytest.mark.parametrize("kind", [LogMixingEstimator, AutogradEstimator])
@pytest.mark.parametrize("audio_loss", AUDIO_LOSSES)
def test_nothing_is_changed_and_nothing_is_remembered(kind, audio_loss):
    mixture, basis, generator = small("log", audio_loss=audio_loss)
    estimator = kind(mixture, basis)
    grid, other = smooth_grids(2, (12, 10), generator)
    before, audio_before = grid.clone(), mixture.audio.clone()
    losses, gradient = estimator.losses(grid), estimator.gradient(grid, 0.3)
    estimator.gradient(other, 1.0)
    estimator.constant_cells(torch.tensor([0.0, 1.0]))
    assert estimator.losses(grid) == losses
    assert torch.equal(estimator.gradient(grid, 0.3), gradient)
    assert torch.equal(grid, before)
    assert torch.equal(mixture.audio, audio_before)
    assert not gradient.requires_grad
