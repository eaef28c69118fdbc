"""The published method in its two forms, which exist to be heard and measured beside ours.

"notebook": masks descend by Adam for a few weights of the notebook's two losses, and NSGA-II goes
on from them and from random ones. "readme": NSGA-II alone, from random masks and both anchors, on
1 - SSIM and log-L1. Either searches by its own losses. What comes onto its own front is measured
as our masks are, and the events tell of these figures, so that all runs can be compared.
"""

from collections.abc import Generator, Iterator
from copy import copy
from itertools import islice

import numpy as np
import torch

from moss.blending.evolution import evolve
from moss.blending.mask import WHITE, MaskBasis, grid_from_uint8, uint8_from_grid
from moss.blending.mixing import Mixture
from moss.blending.notebook import NotebookLosses, seed_descents
from moss.blending.objectives import ExactLosses
from moss.blending.tally import Tally, settled
from moss.parallel import Workers
from moss.progress import SearchProgress
from moss.settings.blend import BlendSettings
from moss.signal.pareto import non_dominated


class PublishedSearch:
    """The search of one pair by the settings' method, "notebook" or "readme".

    Parameters
    ----------
    mixture : what is mixed.
    basis : makes masks of grids.
    bounds : the least and the greatest grid (height, width).
    tally : gets every mask that comes onto the method's own front, with our exact losses.
    """

    def __init__(
        self,
        mixture: Mixture,
        basis: MaskBasis,
        bounds: tuple[torch.Tensor, torch.Tensor],
        settings: BlendSettings,
        pool: Workers,
        tally: Tally,
    ) -> None:
        self._settings, self._pool, self._tally, self._bounds = settings, pool, tally, bounds
        self._exact = ExactLosses(mixture, basis)
        self._own = NotebookLosses(mixture, basis) if settings.method == "notebook" else self._exact
        self._device = mixture.audio.device
        self._ends = np.stack([uint8_from_grid(bound) for bound in bounds])
        self._own_front = np.zeros((0, 2))  # by the method's own losses
        seeds = settings.audio_weights if isinstance(self._own, NotebookLosses) else len(self._ends)
        self._random_count = max(settings.population_size - seeds, 0)
        self._adam_steps = (seeds - 2) * settings.descent_steps
        self._steps = self._adam_steps + seeds + self._random_count

    def run(self) -> Iterator[SearchProgress]:
        """Yield the events of the stages "seeding" and "evolution"."""
        self._tally.keep(self._ends, np.array([self._of(self._exact, end) for end in self._ends]))
        yield self._tally.event("seeding", 0, self._steps)
        inner: list[np.ndarray] = []
        if isinstance(self._own, NotebookLosses):
            inner = yield from self._descend(self._own)
        random = random_masks(self._random_count, self._ends.shape[1:], self._settings.seed)
        masks = np.stack((self._ends[1], *inner, self._ends[0], *self._clamped(random)))
        losses = np.zeros((0, 2))
        for found in self._judged(masks):
            losses = losses if found is None else found
            yield from self._tally.tell("seeding", self._adam_steps, self._steps)
        seeds = self._tally.archive.front(self._tally.capacity).losses
        yield self._tally.event("seeding", self._steps, self._steps, seeds)
        if self._settings.generations:
            yield from self._evolve(masks, losses)

    def _descend(self, losses: NotebookLosses) -> Generator[SearchProgress, None, list[np.ndarray]]:
        """Return the seeds between both anchors, each a mask (height, width)."""
        settings, tally = self._settings, self._tally
        descents = seed_descents(losses, self._bounds, settings.audio_weights, settings.seed)
        done = [0] * len(descents)

        def descend(k: int) -> tuple[np.ndarray, np.ndarray]:
            for step, grid in enumerate(islice(descents[k], settings.descent_steps + 1)):
                mask, done[k] = uint8_from_grid(grid), step
            return mask[None], np.array([self._of(self._exact, mask)])

        before, found = copy(tally.archive), {}
        for each in self._pool.as_completed(descend, range(len(descents))):
            if each:
                found[each[0]] = each[1]
                tally.keep(*each[1])
            yield from tally.tell("seeding", sum(done), self._steps)
        # Ties go to the first, so the order must not depend on which thread was faster.
        tally.archive = before
        for k in range(len(descents)):
            tally.archive.add(*found[k])
        return [found[k][0][0] for k in range(len(descents))]

    def _evolve(self, masks: np.ndarray, losses: np.ndarray) -> Iterator[SearchProgress]:
        generation, generations = 0, self._settings.generations
        for finished in evolve(
            masks.astype(np.float32) / WHITE,
            losses,
            lambda grids: self._judged(self._clamped(np.rint(grids * WHITE).astype(np.uint8))),
            generations=generations,
            operators=self._settings.operators,
            seed=self._settings.seed,
            pool=self._pool,
        ):
            if finished:
                generation = finished
                yield self._tally.event("evolution", generation, generations)
            else:
                yield from self._tally.tell("evolution", generation, generations)

    def _judged(self, masks: np.ndarray) -> Iterator[np.ndarray | None]:
        """Yield None while it works, and the method's own losses (n, 2) of `masks` at last.

        The tally gets those that come onto the method's own front.
        """
        losses = yield from self._measured(self._own, masks)
        everything = np.concatenate((self._own_front, losses))
        on_front = non_dominated(everything)
        new = on_front[len(self._own_front) :]
        self._own_front = everything[on_front]
        if self._own is self._exact:
            self._tally.keep(masks[new], losses[new])
        else:
            exact = yield from self._measured(self._exact, masks[new])
            self._tally.keep(masks[new], exact)
        yield losses

    def _measured(
        self, measure: ExactLosses | NotebookLosses, masks: np.ndarray
    ) -> Generator[None, None, np.ndarray]:
        """Return the losses (n, 2) of `masks` by `measure`; yield while workers find them."""
        found = {}
        for each in self._pool.as_completed(lambda mask: self._of(measure, mask), masks):
            if each:
                found[each[0]] = each[1]
            yield None
        losses = np.array([found[k] for k in range(len(masks))]).reshape(-1, 2)
        return settled(masks, losses)

    def _of(self, measure: ExactLosses | NotebookLosses, mask: np.ndarray) -> tuple[float, float]:
        return measure(grid_from_uint8(mask, self._device))

    def _clamped(self, masks: np.ndarray) -> np.ndarray:
        return np.clip(masks, *self._ends)


def random_masks(count: int, grid_shape: tuple[int, int], seed: int) -> np.ndarray:
    """Return `count` masks (count, height, width) uint8 whose every cell is drawn evenly."""
    grids = np.random.default_rng(seed).random((count, *grid_shape), np.float32)
    return np.rint(grids * WHITE).astype(np.uint8)
