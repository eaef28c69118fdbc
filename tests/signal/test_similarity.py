"""SSIM: its laws, its gradient, and agreement with pytorch-msssim and scikit-image."""

import itertools

import numpy as np
import pytest
import torch
from pytorch_msssim import ssim
from skimage.metrics import structural_similarity

from moss.signal.similarity import C1, SSIM, gaussian_window

SHAPES = [(11, 11), (12, 40), (64, 48), (300, 37)]  # the last needs more than one block of rows


def pair(shape, seed=0):
    """Two pictures that have something in common, as a mixture and its picture have."""
    generator = torch.Generator().manual_seed(seed)
    rows, columns = (torch.linspace(0, 3, size) for size in shape)
    base = 0.5 + 0.4 * torch.sin(rows[:, None] + 2 * columns)
    noise = torch.rand(2, *shape, generator=generator)
    return (0.6 * base + 0.4 * noise[0]), (0.8 * base + 0.2 * noise[1])


def by_msssim(picture, reference):
    return ssim(picture[None, None], reference[None, None], data_range=1.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_picture_is_like_itself(shape):
    picture, _ = pair(shape)
    assert SSIM(picture)(picture) == pytest.approx(1, abs=1e-6)  # float32


@pytest.mark.parametrize("shape", SHAPES)
def test_symmetric_in_its_arguments_and_in_the_axes(shape):
    picture, reference = pair(shape)
    value = SSIM(reference)(picture)
    # float32 moments: differences of squares near 1e-2 carry errors near 1e-6.
    assert SSIM(picture)(reference) == pytest.approx(value, abs=1e-5)
    assert SSIM(reference.T)(picture.T) == pytest.approx(value, abs=1e-5)
    assert value < 0.99


def test_opposite_pictures_are_negatively_alike():
    picture, _ = pair((32, 32))
    assert SSIM(1 - picture)(picture) < 0


def test_constant_pictures_compare_by_their_means_alone():
    black, white = torch.zeros(20, 30), torch.ones(20, 30)
    assert SSIM(black)(black) == pytest.approx(1)
    assert SSIM(white)(black) == pytest.approx(C1 / (1 + C1), rel=1e-4)  # float32
    value, gradient = SSIM(black).value_and_gradient(black)
    assert value == pytest.approx(1)
    assert gradient.isfinite().all()


def test_window_is_a_normalised_gaussian():
    window = np.array(gaussian_window())
    assert window.sum() == pytest.approx(1, abs=1e-12)
    assert np.array_equal(window, window[::-1])
    assert window[6] / window[5] == pytest.approx(np.exp(-1 / (2 * 1.5**2)))


@pytest.mark.parametrize("shape", SHAPES)
def test_agrees_with_pytorch_msssim(shape):
    picture, reference = pair(shape)
    expected = by_msssim(picture, reference).item()
    assert SSIM(reference)(picture) == pytest.approx(expected, abs=1e-5)  # both in float32


@pytest.mark.parametrize("shape", SHAPES)
def test_agrees_with_scikit_image(shape):
    picture, reference = (x.double().numpy() for x in pair(shape))
    expected = structural_similarity(
        picture,
        reference,
        data_range=1.0,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    found = SSIM(torch.from_numpy(reference).float())(torch.from_numpy(picture).float())
    assert found == pytest.approx(expected, abs=1e-5)  # ours is in float32


@pytest.mark.parametrize("shape", SHAPES)
def test_value_is_the_mean_over_windows(shape):
    picture, reference = pair(shape)
    similarity = SSIM(reference)
    scores = similarity.window_scores(picture)
    assert scores.shape == (shape[0] - 10, shape[1] - 10)
    # The same numbers, summed in another order.
    assert scores.double().mean().item() == pytest.approx(similarity(picture), abs=1e-9)
    value, _ = similarity.value_and_gradient(picture)
    assert value == pytest.approx(similarity(picture), abs=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_agrees_with_autograd_through_pytorch_msssim(shape):
    picture, reference = pair(shape)
    leaf = picture.clone().requires_grad_()
    (expected,) = torch.autograd.grad(by_msssim(leaf, reference), leaf)
    _, found = SSIM(reference).value_and_gradient(picture)
    # Two float32 computations of a quotient whose denominator is near 1e-2.
    assert (found - expected).norm() < 1e-4 * expected.norm()


@pytest.mark.parametrize("stride", [2, 4])
@pytest.mark.parametrize("shape", [(32, 41), (300, 37)])
def test_sparse_gradients_average_to_the_full_one(shape, stride):
    picture, reference = pair(shape)
    similarity = SSIM(reference)
    value, gradient = similarity.value_and_gradient(picture)
    mean_value, mean_gradient, windows = 0.0, torch.zeros_like(picture), 0
    for row in range(stride):
        for column in range(stride):
            part, by_picture = similarity.value_and_gradient(picture, stride, (row, column))
            # Offsets do not all see equally many windows, so each counts by how many it sees.
            count = len(range(row, shape[0] - 10, stride)) * len(
                range(column, shape[1] - 10, stride)
            )
            mean_value += count * part
            mean_gradient += count * by_picture
            windows += count
    assert windows == (shape[0] - 10) * (shape[1] - 10)
    assert mean_value / windows == pytest.approx(value, abs=1e-6)  # float32 in another order
    assert (mean_gradient / windows - gradient).norm() < 1e-5 * gradient.norm()


@pytest.mark.parametrize("shape", [(10, 40), (40, 10), (1, 1)])
def test_pictures_smaller_than_the_window_are_refused(shape):
    with pytest.raises(ValueError, match="11 x 11"):
        SSIM(torch.zeros(shape))


def test_no_input_is_changed():
    picture, reference = pair((40, 40))
    picture_before, reference_before = picture.clone(), reference.clone()
    similarity = SSIM(reference)
    similarity(picture)
    similarity.window_scores(picture)
    similarity.value_and_gradient(picture, 4, (1, 2))
    assert torch.equal(picture, picture_before)
    assert torch.equal(reference, reference_before)


@pytest.mark.parametrize("shape", [(11, 11), (11, 40), (13, 12), (40, 12), (14, 14)])
def test_a_few_windows_give_a_value_whatever_the_offset(shape):
    rng = torch.Generator().manual_seed(0)
    picture, reference = torch.rand(2, *shape, generator=rng)
    similarity = SSIM(reference)
    values = []
    for offset in itertools.product(range(4), repeat=2):
        value, gradient = similarity.value_and_gradient(picture, 4, offset)
        assert gradient.isfinite().all() and gradient.any()
        values.append(value)
    if min(shape) < 14:  # fewer windows than offsets: each counts
        assert values == pytest.approx([similarity(picture)] * 16, abs=1e-5)
