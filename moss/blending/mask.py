"""Grid -> mask: two fixed matrices upsample and blur a small grid to the spectrogram's size."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch

WHITE = 255  # of a mask as bytes: all picture
ON_A_DEVICE = 16  # times as much at once, where a step is too short to keep a GPU busy
FRAMES_AT_ONCE = 128  # a tile: shorter ones have more overhead, longer ones more zeros
BLUR_REACH = 4.0  # standard deviations; the weights beyond sum to under 1e-4


def uint8_from_grid(grid: torch.Tensor) -> np.ndarray:
    """Return grids in [0, 1] as they are kept: uint8, 255 shows the picture."""
    return grid.mul(WHITE).round_().to(torch.uint8).cpu().numpy()


def grid_from_uint8(masks: np.ndarray, device: torch.device | str = "cpu") -> torch.Tensor:
    """Return kept masks as float32 grids in [0, 1]."""
    return torch.from_numpy(masks).to(device, torch.float32) / WHITE


class Tile(NamedTuple):
    """Some neighbouring bins of an axis, and the few cells of the grid that reach into them.

    Attributes
    ----------
    bins, cells : where they lie on the axis and on the grid's.
    weights : (bins, cells), what each cell adds to each bin.
    """

    bins: slice
    cells: slice
    weights: torch.Tensor


def smoothing_tile(size: int, cells: int, sigma: float, bins: slice) -> Tile:
    """Return how `bins` of an axis of `size` come from cells: upsampled bilinearly, and blurred.

    The blur is Gaussian with standard deviation `sigma` in bins, 0 for none, and replicates the
    edge. Weights are non-negative and sum to 1 in each bin, so grids in [0, 1] give masks in
    [0, 1].
    """
    reach = math.ceil(BLUR_REACH * sigma)
    sources = torch.arange(bins.start - reach, bins.stop + reach).clamp_(0, size - 1)
    places = ((sources.double() + 0.5) * (cells / size) - 0.5).clamp_(0, cells - 1)
    below = places.long()
    above = (below + 1).clamp_max_(cells - 1)
    first, last = int(below[0]), int(above[-1]) + 1
    rows, share = torch.arange(len(sources)), places - below
    upsampled = torch.zeros(len(sources), last - first, dtype=torch.float64)
    upsampled[rows, below - first] = 1 - share
    upsampled[rows, above - first] += share

    offsets = torch.arange(-reach, reach + 1, dtype=torch.float64)
    weights = torch.exp(-(offsets**2) / (2 * sigma**2)) if sigma else torch.ones_like(offsets)
    weights /= weights.sum()
    count = bins.stop - bins.start
    blurred = torch.zeros(count, last - first, dtype=torch.float64)
    for j, weight in enumerate(weights):
        blurred += weight * upsampled[j : j + count]
    return Tile(bins, slice(first, last), blurred.float())


def spans(count: int, longest: int, device: torch.device | str = "cpu") -> list[slice]:
    """Return slices of much the same length, one after another over `count`.

    They are at most `longest` on the CPU, and `ON_A_DEVICE` times as long elsewhere.
    """
    if torch.device(device).type != "cpu":
        longest *= ON_A_DEVICE
    ends = np.linspace(0, count, math.ceil(count / longest) + 1).round().astype(int).tolist()
    return [slice(start, stop) for start, stop in pairwise(ends)]


class MaskBasis:
    """The linear map from a grid (height, width) to a mask (freq, time): M = U_f g U_t'.

    The mask is 1 where the picture shows and 0 where the audio stays. A frame depends on the few
    cells around it alone, so that U_t is kept in tiles: its zeros would make masks of ten times
    the length take a hundred times as long.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        grid_shape: tuple[int, int],
        sigma: float,
        device: torch.device | str = "cpu",
    ):
        self.shape, self.grid_shape = shape, grid_shape
        self._sigma, self._device = sigma, device
        self.freq = self.row_tile(slice(0, shape[0])).weights
        self.tiles = [self.tile(frames) for frames in spans(shape[1], FRAMES_AT_ONCE, device)]

    def tile(self, frames: slice) -> Tile:
        """Return how some frames come from the grid's columns."""
        return self._tile(1, frames)

    def row_tile(self, rows: slice) -> Tile:
        """Return how some rows of the spectrogram come from the grid's rows."""
        return self._tile(0, rows)

    def _tile(self, axis: int, bins: slice) -> Tile:
        tile = smoothing_tile(self.shape[axis], self.grid_shape[axis], self._sigma, bins)
        return tile._replace(weights=tile.weights.to(self._device))

    def mask(self, grid: torch.Tensor) -> torch.Tensor:
        """Return the mask (freq, time) in [0, 1] of `grid` (height, width) in [0, 1]."""
        mask = grid.new_empty(self.shape)
        for tile, part in zip(self.tiles, self.masks(grid, self.tiles), strict=True):
            mask[:, tile.bins] = part
        return mask

    def masks(self, grid: torch.Tensor, tiles: Iterable[Tile]) -> Iterator[torch.Tensor]:
        """Yield the mask (freq, frames) of `grid` (height, width) in each of `tiles`."""
        rows = self.freq @ grid
        for tile in tiles:
            yield (rows[:, tile.cells] @ tile.weights.T).clamp_(0, 1)

    def adjoint(self, by_mask: torch.Tensor) -> torch.Tensor:
        """Return the gradient by the grid of what has gradient `by_mask` (freq, time)."""
        by_grid, by_row = by_mask.new_zeros(self.grid_shape), self.freq.T @ by_mask
        for tile in self.tiles:
            by_grid[:, tile.cells] += by_row[:, tile.bins] @ tile.weights
        return by_grid

    def adjoint_in(self, tile: Tile, by_mask: torch.Tensor) -> torch.Tensor:
        """Return the gradient (height, cells) by a tile's cells of `by_mask` (freq, frames)."""
        return self.freq.T @ by_mask @ tile.weights
