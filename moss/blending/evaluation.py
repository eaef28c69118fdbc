"""What every part of a search evaluates masks with, and where it keeps what it finds."""

from collections.abc import Generator
from functools import cached_property

import numpy as np

from moss.blending.bounds import bounds_of
from moss.blending.mask import MaskBasis, grid_from_uint8, uint8_from_grid
from moss.blending.mixing import Mixture
from moss.blending.objectives import Estimator, ExactLosses, estimator_for
from moss.blending.tally import Tally, settled
from moss.parallel import Workers
from moss.progress import SearchProgress
from moss.settings.blend import BlendSettings
from moss.settings.wishes import wishes_from
from moss.signal.pareto import REFERENCE_POINTS


class Evaluation:
    """Losses of masks of one mixture, which obey the settings' wishes.

    Attributes
    ----------
    mixture, settings, pool, device : what it works with.
    basis : of the masks.
    bounds : the least and the greatest grid (height, width) that the wishes allow.
    ends : (2, height, width) uint8, the same as masks: pure music and pure picture.
    reference : of the hypervolume.
    tally : the archive, and the events that tell of it.
    """

    def __init__(self, mixture: Mixture, settings: BlendSettings, pool: Workers) -> None:
        self.mixture, self.settings, self.pool = mixture, settings, pool
        self.device = mixture.audio.device
        height, width = mixture.picture.shape
        grid_shape = settings.grid_height, min(settings.grid_shape[1], width)
        self.basis = MaskBasis((height, width), grid_shape, settings.smoothing_sigma, self.device)
        self.bounds = bounds_of(wishes_from(settings.wishes), self.basis, settings)
        self.ends = np.stack([uint8_from_grid(bound) for bound in self.bounds])
        self.reference = REFERENCE_POINTS[mixture.audio_loss]
        self.tally = Tally(settings.population_size, self.reference)

    @cached_property
    def estimator(self) -> Estimator:
        """Made by the first who asks: a published method needs none."""
        return estimator_for(self.mixture, self.basis)

    @cached_property
    def _exact(self) -> ExactLosses:
        return ExactLosses(self.mixture, self.basis)

    def measured(
        self, masks: np.ndarray, stage: str, step: int, steps: int
    ) -> Generator[SearchProgress, None, np.ndarray]:
        """Return the exact losses (n, 2) of `masks`, telling of the `steps` from `step` on."""

        def measure(mask: np.ndarray) -> tuple[float, float]:
            return self._exact(grid_from_uint8(mask, self.device))

        for found in self.pool.gather(measure, list(masks)):
            yield from self.tally.tell(stage, step + len(found) - found.count(None), steps)
        return settled(masks, np.array(found).reshape(-1, 2))

    def estimated(self, masks: np.ndarray) -> np.ndarray:
        """Return the estimated losses (n, 2) of `masks`."""
        estimator = self.estimator  # before several workers ask for it at once

        def estimate(mask: np.ndarray) -> tuple[float, float]:
            return estimator.losses(grid_from_uint8(mask, self.device))

        return settled(masks, np.array(self.pool.map(estimate, masks)).reshape(-1, 2))

    def kept(self, masks: np.ndarray) -> np.ndarray:
        """Return the estimated losses (n, 2) of `masks`, which go into the archive."""
        losses = self.estimated(masks)
        self.tally.keep(masks, losses)
        return losses

    def clamped(self, masks: np.ndarray) -> np.ndarray:
        """Return `masks` between the two `ends`."""
        return np.clip(masks, *self.ends)
