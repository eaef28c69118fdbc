"""The population that an evolution begins with: solved, descended, and filled up."""

import math
from collections.abc import Iterator, Sequence
from copy import copy

import numpy as np
import torch

from moss.blending.archive import CAPACITY
from moss.blending.evaluation import Evaluation
from moss.blending.front import Front
from moss.blending.mask import grid_from_uint8, uint8_from_grid
from moss.blending.objectives import Estimator
from moss.blending.seeding import (
    LEAST_AUDIO_WEIGHT,
    CellSolver,
    Held,
    descend,
    spread_audio_weights,
)
from moss.blending.tally import settled
from moss.progress import SearchProgress

HALF = 128  # of a mask as bytes
SKETCH_WEIGHTS = 16  # of the audio loss, which are spread, have solutions along the whole front
MEASURED_SEEDS = 8  # enough to tell where the evolution began
# Beside a front: fewer weights of the audio loss, longer descents, and how far along the audio
# loss's span from where it began a descent ends.
BESIDE_AUDIO_WEIGHTS, BESIDE_STEPS, BESIDE_REACH = 1 / 3, 2, 0.05

Job = tuple[Estimator | Held, torch.Tensor, float]  # a grid descends at a weight of the audio loss


class Seeds:
    """Finds the `masks` (n, height, width) that an evolution begins with, telling of it."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation, self._device = evaluation, evaluation.device
        self._settings, self._tally = evaluation.settings, evaluation.tally
        self.masks = evaluation.ends

    def fresh(self) -> Iterator[SearchProgress]:
        """Solve for many weights of the audio loss, and descend from there."""
        settings = self._settings
        anchor_losses = self._evaluation.kept(self._evaluation.ends)
        self._evaluation.kept(
            self._evaluation.clamped(np.full_like(self._evaluation.ends[:1], HALF))
        )
        steps = 2 * settings.audio_weights + MEASURED_SEEDS
        yield self._tally.event("seeding", 0, steps)

        solve = CellSolver(self._evaluation.estimator)

        def solved(audio_weight: float) -> tuple[torch.Tensor, tuple[float, float]]:
            grid = solve(audio_weight).clamp_(*self._evaluation.bounds)
            return grid, self._evaluation.estimator.losses(grid)

        seeds = []
        for audio_weight, grid, losses in spread_audio_weights(
            solved, anchor_losses, settings.audio_weights
        ):
            seeds.append((audio_weight, grid))
            masks = uint8_from_grid(grid)[None]
            self._tally.keep(masks, settled(masks, np.array([losses])))
            if len(seeds) == min(SKETCH_WEIGHTS, settings.audio_weights):
                yield self._tally.event("seeding", len(seeds), steps, is_sketch=True)
            yield from self._tally.tell("seeding", len(seeds), steps)
        jobs = [(self._evaluation.estimator, grid, audio_weight) for audio_weight, grid in seeds]
        yield from self._descend(jobs, settings.descent_steps, len(seeds), steps)
        size = settings.population_size
        yield from self._fill(self._tally.archive.front(size), size, steps)

    def beside(self, begin: float, end: float) -> Iterator[SearchProgress]:
        """Descend from places on an arc span of the front's arc, and gather what lies around it."""
        settings = self._settings
        count = math.ceil(settings.audio_weights * BESIDE_AUDIO_WEIGHTS)
        steps = count + MEASURED_SEEDS
        yield self._tally.event("seeding", 0, steps)
        front = self._tally.archive.front(CAPACITY)
        span = np.ptp(front.losses[:, 1]) or 1.0
        least, reach = LEAST_AUDIO_WEIGHT / span, BESIDE_REACH * span
        jobs = []
        for place in np.linspace(begin, end, count):
            index = int(np.abs(front.arc - place).argmin())
            held = Held(self._evaluation.estimator, front.losses[index, 1], reach)
            audio_weight = max(front.audio_weight(index), least)
            jobs.append((held, grid_from_uint8(front.masks[index], self._device), audio_weight))
        yield from self._descend(jobs, BESIDE_STEPS * settings.descent_steps, 0, steps)

        front = self._tally.archive.front(CAPACITY)
        margin = (end - begin) / 4
        first = np.searchsorted(front.arc, begin - margin, "right") - 1
        last = np.searchsorted(front.arc, end + margin)
        around = slice(max(0, first), last + 1)
        size = max(4, settings.population_size // 2)
        part = Front(front.masks[around], front.losses[around]).thinned(size)
        yield from self._fill(part, size, steps)

    def _descend(
        self, jobs: Sequence[Job], descent_steps: int, solved: int, steps: int
    ) -> Iterator[SearchProgress]:
        """Descend for every (estimator, grid, weight) of `jobs`, and archive where that leads."""
        before = copy(self._tally.archive)

        def improve(job: Job) -> tuple[np.ndarray, np.ndarray]:
            grid = descend(*job, descent_steps, self._evaluation.bounds)
            masks = uint8_from_grid(grid)[None]
            losses = self._evaluation.estimator.losses(grid_from_uint8(masks[0], self._device))
            return masks, settled(masks, np.array([losses]))

        improved: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        done = solved
        for found in self._evaluation.pool.as_completed(improve, jobs):
            if found:
                index, improved[index] = found[0], found[1]
                self._tally.archive.add(*found[1])
                self._tally.population = self._tally.archive.losses
                done += 1
            yield from self._tally.tell("seeding", done, steps)
        # Ties go to the first, so the order must not depend on which thread was faster.
        self._tally.archive = before
        for index in range(len(jobs)):
            self._tally.archive.add(*improved[index])

    def _fill(self, front: Front, size: int, steps: int) -> Iterator[SearchProgress]:
        """Fill the widest gaps with the means of neighbours until there is a population."""
        solved = steps - MEASURED_SEEDS
        masks, losses = list(front.masks), list(front.losses)
        span = np.ptp(front.losses, axis=0)
        span[span == 0] = 1
        while 1 < len(masks) < size:
            i = int(np.hypot(*(np.diff(losses, axis=0) / span).T).argmax())
            mean = ((masks[i].astype(np.uint16) + masks[i + 1] + 1) // 2).astype(np.uint8)
            masks.insert(i + 1, mean)
            losses.insert(i + 1, self._evaluation.kept(mean[None])[0])
            yield from self._tally.tell("seeding", solved, steps)
        self.masks = np.stack(masks)
        self._tally.population = np.stack(losses)
        even = np.linspace(0, len(masks) - 1, min(len(masks), MEASURED_SEEDS)).round().astype(int)
        measured = yield from self._evaluation.measured(self.masks[even], "seeding", solved, steps)
        yield self._tally.event("seeding", steps, steps, measured)
