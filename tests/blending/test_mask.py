"""Grid to mask: laws of the two matrices, then agreement with torch's own upsampling and blur."""

import math

import pytest
import torch
from torch.nn.functional import conv2d, interpolate, pad

from moss.blending.mask import BLUR_REACH, FRAMES_AT_ONCE, MaskBasis, smoothing_tile, spans

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
    whole = smoothing_tile(size, cells, sigma, slice(0, size))
    assert whole.cells == slice(0, cells)
    matrix = whole.weights
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


@pytest.mark.parametrize("sigma", [0.0, 3.0, 40.0])
def test_tiles_are_parts_of_the_whole_matrix(sigma):
    size, cells = 500, 70
    whole = smoothing_tile(size, cells, sigma, slice(0, size)).weights
    for bins in (slice(0, 1), slice(0, 130), slice(123, 321), slice(499, 500)):
        tile = smoothing_tile(size, cells, sigma, bins)
        found = torch.zeros(bins.stop - bins.start, cells)
        found[:, tile.cells] = tile.weights
        assert torch.equal(found, whole[bins])


@pytest.mark.parametrize("sigma", [0.0, 3.0, 40.0])
def test_mask_and_adjoint_agree_with_the_whole_matrices(sigma):
    shape, grid_shape = (65, 3 * FRAMES_AT_ONCE + 7), (8, 90)
    freq, time = (
        smoothing_tile(size, cells, sigma, slice(0, size)).weights
        for size, cells in zip(shape, grid_shape, strict=True)
    )
    basis = MaskBasis(shape, grid_shape, sigma)
    grid, by_mask = random_grid(grid_shape), random_grid(shape, seed=1) - 0.5
    # The same float32 products, summed in another order.
    torch.testing.assert_close(basis.mask(grid), freq @ grid @ time.T, rtol=0, atol=1e-6)
    torch.testing.assert_close(
        basis.adjoint(by_mask), freq.T @ by_mask @ time, rtol=1e-5, atol=1e-4
    )


def test_weights_grow_with_the_length_and_not_with_its_square():
    def weights(frames):
        basis = MaskBasis((65, frames), (8, frames // 5), 3.0)
        return sum(tile.weights.numel() for tile in basis.tiles)

    # The tiles at both ends reach into fewer cells, so that it is a little more than linear.
    assert weights(20_000) < 10.5 * weights(2_000)


@pytest.mark.parametrize(("count", "longest"), [(1, 5), (5, 5), (6, 5), (1282, 432)])
def test_spans_cover_everything_once(count, longest):
    found = spans(count, longest)
    assert [i for span in found for i in range(span.start, span.stop)] == list(range(count))
    assert max(span.stop - span.start for span in found) <= longest
    assert len(found) == math.ceil(count / longest)


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
