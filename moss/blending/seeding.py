"""Good starting grids: the best mask for each of many weights of the audio loss, cell by cell."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import torch

from moss.blending.objectives import Estimator
from moss.parallel import check_cancelled
from moss.signal.adam import Adam

LEVELS = 17  # mask values tried in each cell
# Weights are in visual loss per span of the audio loss from the pure music to the pure picture.
LEAST_AUDIO_WEIGHT, GREATEST_AUDIO_WEIGHT = 3e-3, 30.0  # beyond, only the anchors are optimal
FIRST_AUDIO_WEIGHTS = (1.0, 0.3, 3.0, LEAST_AUDIO_WEIGHT, GREATEST_AUDIO_WEIGHT)
MOST_AWAY = 5.0  # reaches: beyond, a held weight neither grows nor falls any more
CLOSEST_AUDIO_WEIGHTS = 1.02  # two audio_weights nearer than this ratio give nearly the same mask
LEARNING_RATE = (0.06, 0.01)  # of Adam on grid values in [0, 1], from the first to the last step
ADAM_BETAS = (0.9, 0.99)
ADAM_EPSILON = 1e-9  # far under any gradient of a loss that is a mean over all bins


class CellSolver:
    """Minimises visual + audio_weight * audio over every cell of the grid alone.

    SSIM of constant masks, pooled to cells, makes both losses sums over cells, so that the
    best level of each is a look-up. Blur and neighbours are left out: `descend` mends that.
    """

    def __init__(self, estimator: Estimator):
        similar, _ = estimator.constant_cells(torch.zeros(1))
        self._levels = torch.linspace(0, 1, LEVELS, device=similar.device)
        self._similarity, self._audio = estimator.constant_cells(self._levels)

    def __call__(self, audio_weight: float) -> torch.Tensor:
        """Return the grid (height, width) that is best cell by cell at `audio_weight`."""
        cost = torch.add(-self._similarity, self._audio, alpha=audio_weight)
        return self._levels[cost.argmin(dim=0)]


class Held:
    """An estimator that keeps a descent near a place on the front, which is often nearly straight.

    The weight of the audio loss grows e-fold for every `reach` of it above `audio_loss`, and falls
    below it. So what is least is still as good as can be in both losses, but it is nearby.
    """

    def __init__(self, estimator: Estimator, audio_loss: float, reach: float):
        self._estimator, self._audio_loss = estimator, audio_loss
        self._reach = reach or 1.0  # a front of one point has no span to hold it in

    def gradient(self, grid: torch.Tensor, audio_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of visual + (held audio_weight) * audio at `grid`."""
        away = (self._estimator.losses(grid)[1] - self._audio_loss) / self._reach
        return self._estimator.gradient(
            grid, audio_weight * math.exp(min(max(away, -MOST_AWAY), MOST_AWAY))
        )


def spread_audio_weights(
    losses_at: Callable[[float], tuple[torch.Tensor, tuple[float, float]]],
    anchors: np.ndarray,
    count: int,
) -> Iterator[tuple[float, torch.Tensor, tuple[float, float]]]:
    """Yield (audio_weight, grid, losses) for `count` weights, dense where the front bends.

    `losses_at(audio_weight)` returns (grid, losses); `anchors` are the losses of pure audio and
    pure picture. After five weights the widest gap of the front, in losses normalised by the
    anchors, is halved in the logarithm of the weight, over and over.
    """
    visual_span = abs(anchors[0][0] - anchors[1][0]) or 1.0
    audio_span = abs(anchors[0][1] - anchors[1][1]) or 1.0
    found: dict[float, tuple[float, float]] = {}

    def solve(audio_weight: float) -> tuple[float, torch.Tensor, tuple[float, float]]:
        grid, losses = losses_at(audio_weight)
        found[audio_weight] = losses
        return audio_weight, grid, losses

    for audio_weight in FIRST_AUDIO_WEIGHTS[:count]:
        yield solve(audio_weight / audio_span)
    while len(found) < count:
        audio_weights = sorted(found)
        gaps = [
            (
                math.hypot(
                    (found[low][0] - found[high][0]) / visual_span,
                    (found[low][1] - found[high][1]) / audio_span,
                ),
                math.sqrt(low * high),
            )
            for low, high in pairwise(audio_weights)
            if high / low > CLOSEST_AUDIO_WEIGHTS
        ]
        if not gaps:
            return
        yield solve(max(gaps)[1])


def descend(
    estimator: Estimator | Held,
    grid: torch.Tensor,
    audio_weight: float,
    steps: int,
    bounds: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """Return `grid` after `steps` of projected Adam on visual + audio_weight * audio.

    It stays between `bounds`, the least and the greatest grid (height, width).
    """
    adam = Adam(grid, ADAM_BETAS, ADAM_EPSILON)
    for step in range(1, steps + 1):
        check_cancelled()
        gradient = estimator.gradient(grid, audio_weight)
        rate = LEARNING_RATE[0] + (LEARNING_RATE[1] - LEARNING_RATE[0]) * step / steps
        grid = adam.step(grid, gradient, rate).clamp_(*bounds)
    return grid
