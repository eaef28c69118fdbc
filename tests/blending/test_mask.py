"""Grid to mask: laws of the two matrices, then agreement with torch's own upsampling and blur."""

import math

import pytest
import torch
from torch.nn.functional import conv2d, interpolate, pad

from moss.blending.mask import BLUR_REACH, MaskBasis, smoothing_matrix

# shape, grid shape, sigma
CASES = [
    ((65, 90), (8, 16), 3.0),
    ((65, 90), (65, 90), 1.0),
    ((40, 33), (7, 5), 0.0),
    ((20, 30), (2, 2), 12.0),  # the blur is wider than the mask
    ((129, 64), (16, 64), 0.4),
]


def random_grid(shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def reference_mask(grid, shape, sigma):
    mask = interpolate(grid[None, None].double(), size=shape, mode="bilinear", align_corners=False)
    if sigma:
        reach = math.ceil(BLUR_REACH * sigma)
        offsets = torch.arange(-reach, reach + 1, dtype=torch.float64)
        kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
        kernel = torch.outer(kernel, kernel)
        mask = pad(mask, (reach,) * 4, mode="replicate")
        mask = conv2d(mask, (kernel / kernel.sum())[None, None])
    return mask[0, 0].float()


@pytest.mark.parametrize(("shape", "grid_shape", "sigma"), CASES)
def test_agrees_with_interpolation_and_gaussian_blur(shape, grid_shape, sigma):
    grid = random_grid(grid_shape)
    found = MaskBasis(shape, grid_shape, sigma).mask(grid)
    # The reference works in double; ours are float32 products of sums of a few hundred terms.
    torch.testing.assert_close(found, reference_mask(grid, shape, sigma), rtol=0, atol=2e-6)


@pytest.mark.parametrize("size", [11, 64, 129])
@pytest.mark.parametrize("cells", [1, 2, 11])
@pytest.mark.parametrize("sigma", [0.0, 0.3, 3.0, 40.0])
def test_rows_are_weights(size, cells, sigma):
    matrix = smoothing_matrix(size, cells, sigma)
    assert matrix.shape == (size, cells)
    assert matrix.min() >= 0
    # Each row is rounded to float32 once.
    torch.testing.assert_close(matrix.sum(dim=1), torch.ones(size), rtol=0, atol=1e-6)


@pytest.mark.parametrize("level", [0.0, 0.25, 1.0])
@pytest.mark.parametrize(("shape", "grid_shape", "sigma"), CASES)
def test_constant_grid_is_a_constant_mask(shape, grid_shape, sigma, level):
    mask = MaskBasis(shape, grid_shape, sigma).mask(torch.full(grid_shape, level))
    torch.testing.assert_close(mask, torch.full(shape, level), rtol=0, atol=2e-6)  # float32 sums


@pytest.mark.parametrize(("shape", "grid_shape", "sigma"), CASES)
def test_masks_stay_between_audio_and_picture(shape, grid_shape, sigma):
    extremes = random_grid(grid_shape).round()
    mask = MaskBasis(shape, grid_shape, sigma).mask(extremes)
    assert mask.min() >= 0
    assert mask.max() <= 1


@pytest.mark.parametrize(("shape", "grid_shape", "sigma"), CASES)
def test_adjoint_law(shape, grid_shape, sigma):
    basis = MaskBasis(shape, grid_shape, sigma)
    grid, by_mask = random_grid(grid_shape), random_grid(shape, seed=1) - 0.5
    forward = (basis.mask(grid) * by_mask).sum()
    back = (grid * basis.adjoint(by_mask)).sum()
    # Two orders of the same float32 sums.
    assert abs(forward - back) < 1e-5 * basis.mask(grid).norm() * by_mask.norm()


def test_orientation_is_kept():
    grid = torch.zeros(4, 8)
    grid[0, 0] = 1
    mask = MaskBasis((40, 80), (4, 8), 1.0).mask(grid)
    assert mask[:3, :3].min() > 0.9
    assert mask[20:].max() == 0
    assert mask[:, 40:].max() == 0


def test_grid_is_not_changed():
    grid = random_grid((8, 16))
    before = grid.clone()
    MaskBasis((65, 90), (8, 16), 3.0).mask(grid)
    assert torch.equal(grid, before)
