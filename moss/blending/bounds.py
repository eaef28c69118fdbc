"""Wishes become the least and the greatest value that each cell of the mask's grid may have."""

import math
from collections.abc import Callable, Iterable

import torch

from moss.blending.mask import MaskBasis, Tile
from moss.settings.blend import BlendSettings
from moss.settings.wishes import Wish

# Of a bin's weight, what may lie in cells that stay free, on each side of each axis. Of both
# axes together it is under 0.02, which is as near as a mask comes to a wish.
LEFT_FREE = 0.005


def bounds_of(
    wishes: Iterable[Wish], basis: MaskBasis, settings: BlendSettings
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the least and the greatest grid (height, width) that obey `wishes`.

    They are 0 and 1 where nothing is wished. Elsewhere both are 0 for music or 1 for picture,
    so far around each wish that the mask inside is at most 0.02 or at least 0.98. Where two
    wishes reach for one cell, the later one has it. What a wish says of frequencies outside the
    band or of times outside the part has no effect.
    """
    low, high = torch.zeros(basis.grid_shape), torch.ones(basis.grid_shape)
    hop_s = settings.hop_length / settings.analysis_rate
    bin_hz = settings.analysis_rate / settings.n_fft
    for wish in wishes:
        rows = _bins(wish.low_hz, wish.high_hz, bin_hz, settings.band.start, basis.shape[0])
        for start_s in (start / settings.analysis_rate for start in settings.carrier_starts):
            # What lies beyond the part's end would lie in the carrier that follows it.
            end_s = start_s + min(wish.end_s, settings.duration_s)
            frames = _bins(start_s + wish.start_s, end_s, hop_s, 0, basis.shape[1])
            if not rows or not frames or wish.start_s >= settings.duration_s:
                continue
            cells = _cells(basis.row_tile, rows), _cells(basis.tile, frames)
            low[cells] = high[cells] = float(wish.kind == "picture")
    return low.to(basis.freq.device), high.to(basis.freq.device)


def _bins(start: float, end: float, step: float, first: int, count: int) -> range:
    """Return the bins from `first` on whose centres lie from `start` to `end` or just beyond."""
    if end <= first * step or start >= (first + count - 1) * step:
        return range(0)
    return range(
        max(0, math.floor(start / step) - first), min(count - 1, math.ceil(end / step) - first) + 1
    )


def _cells(tile_of: Callable[[slice], Tile], bins: range) -> slice:
    """Return the cells that hold all but `LEFT_FREE` of every bin's weight, on either side."""
    # No bin leans farther to a side than the outermost one there.
    first, last = tile_of(slice(bins[0], bins[0] + 1)), tile_of(slice(bins[-1], bins[-1] + 1))
    before, after = first.weights[0].cumsum(0), last.weights[0].flip(0).cumsum(0)
    return slice(
        first.cells.start + int((before <= LEFT_FREE).sum()),
        last.cells.stop - int((after <= LEFT_FREE).sum()),
    )
