"""Seeding, then evolution, then the front: one generator of progress events."""

import math
from collections.abc import Generator, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from moss.blending.archive import CAPACITY
from moss.blending.bounds import bounds_of
from moss.blending.calibration import CALIBRATION_POINTS, Calibration
from moss.blending.evolution import evolve
from moss.blending.front import Front
from moss.blending.mask import WHITE, MaskBasis, grid_from_uint8, uint8_from_grid
from moss.blending.mixing import Mixture
from moss.blending.objectives import Estimator, ExactLosses, estimator_for
from moss.blending.published import PublishedSearch
from moss.blending.seeding import (
    LEAST_AUDIO_WEIGHT,
    CellSolver,
    Held,
    descend,
    spread_audio_weights,
)
from moss.blending.tally import Tally, settled
from moss.parallel import Workers, workers
from moss.progress import SearchProgress
from moss.settings.blend import BlendSettings
from moss.settings.wishes import wishes_from
from moss.signal.pareto import (
    REFERENCE_POINTS,
    hypervolume,
    non_dominated,
    thinned,
)

STALL_GENERATIONS, STALL_GAIN = 3, 1e-3  # evolution ends when so many gained relatively so little
HALF = 128  # of a mask as bytes
SKETCH_WEIGHTS = 16  # of the audio loss, which are spread, have solutions along the whole front
MEASURED_SEEDS = 8  # enough to tell where the evolution began; of the front all are measured
# Of a warm start: fewer weights of the audio loss, longer descents, and how far along the audio
# loss's span from where it began a descent ends.
CONTINUED_AUDIO_WEIGHTS, CONTINUED_STEPS, CONTINUED_REACH = 1 / 3, 2, 0.05


Job = tuple[Estimator | Held, torch.Tensor, float]  # a grid descends at a weight of the audio loss


@dataclass(frozen=True)
class WarmStart:
    """The front that a search goes on from.

    Attributes
    ----------
    front : the masks it begins with.
    arc_span : where on its arc, from 0 to 1, to look for better points; None only measures the
        front, which is how a search that somebody stops keeps what it has.
    """

    front: Front
    arc_span: tuple[float, float] | None = None


def search(
    mixture: Mixture,
    settings: BlendSettings,
    device: torch.device | str = "cpu",
    start: WarmStart | None = None,
) -> Iterator[SearchProgress]:
    """Find the Pareto front of masks of `mixture`, telling of it as it grows.

    The masks cover the mixture's band and obey the settings' wishes. The last event has the
    stage "front", exact losses, and all masks of the front; `front_from` makes a Front of any
    event with masks. Closing the generator stops the work. The same settings on the same
    machine give the same front. From a warm `start`, the front ends with no less hypervolume
    than that of its masks.
    """
    with workers(device) as pool:
        yield from _Search(mixture.to(device), settings, pool).run(start)


def front_from(event: SearchProgress) -> Front:
    """Return the front that an event with masks carries, from pure audio to pure picture."""
    assert event.masks is not None, "only some events carry masks"
    losses = event.losses[event.on_front]
    order = np.argsort(losses[:, 1], kind="stable")
    return Front(event.masks[order], losses[order])


class _Search:
    def __init__(self, mixture: Mixture, settings: BlendSettings, pool: Workers):
        self._settings, self._pool, self._mixture = settings, pool, mixture
        height, width = mixture.picture.shape
        grid_shape = settings.grid_height, min(settings.grid_shape[1], width)
        self._reference = REFERENCE_POINTS[mixture.audio_loss]
        self._tally = Tally(settings.population_size, self._reference)
        self._device = mixture.audio.device
        self._basis = MaskBasis((height, width), grid_shape, settings.smoothing_sigma, self._device)
        self._bounds = bounds_of(wishes_from(settings.wishes), self._basis, settings)
        self._ends = np.stack([uint8_from_grid(bound) for bound in self._bounds])

    @cached_property
    def _estimator(self) -> Estimator:
        """Made by the first who asks: a published method needs none."""
        return estimator_for(self._mixture, self._basis)

    @cached_property
    def _exact(self) -> ExactLosses:
        return ExactLosses(self._mixture, self._basis)

    def run(self, start: WarmStart | None) -> Iterator[SearchProgress]:
        if start is None:
            if self._settings.is_published:
                parts = self._mixture, self._basis, self._bounds, self._settings
                yield from PublishedSearch(*parts, self._pool, self._tally).run()
            else:
                yield from self._seed()
                yield from self._evolve(self._settings.generations)
            front, known = self._tally.archive.front(self._tally.capacity).masks, None
        else:
            # A search that was stopped has only estimates.
            known = None if start.arc_span is None else start.front
            front = self._clamped(start.front.masks)
            self._tally.capacity = len(front) + self._settings.population_size // 2
            self._evaluated(front)
            if start.arc_span is not None:
                yield from self._continue(*start.arc_span)
                yield from self._evolve(self._settings.generations // 2)
                front = np.concatenate((front, self._new_beside(front)))
        yield from self._finish(front, known)

    # Seeding

    def _seed(self) -> Iterator[SearchProgress]:
        settings = self._settings
        anchor_losses = self._evaluated(self._ends)
        self._evaluated(self._clamped(np.full_like(self._ends[:1], HALF)))
        steps = 2 * settings.audio_weights + MEASURED_SEEDS
        yield self._tally.event("seeding", 0, steps)

        solve = CellSolver(self._estimator)

        def solved(audio_weight: float) -> tuple[torch.Tensor, tuple[float, float]]:
            grid = solve(audio_weight).clamp_(*self._bounds)
            return grid, self._estimator.losses(grid)

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
        jobs = [(self._estimator, grid, audio_weight) for audio_weight, grid in seeds]
        yield from self._descend(jobs, settings.descent_steps, len(seeds), steps)
        size = settings.population_size
        yield from self._fill(self._tally.archive.front(size), size, steps)

    def _continue(self, begin: float, end: float) -> Iterator[SearchProgress]:
        """Descend from places on a arc_span of the front's arc, and gather what lies around it."""
        settings = self._settings
        count = math.ceil(settings.audio_weights * CONTINUED_AUDIO_WEIGHTS)
        steps = count + MEASURED_SEEDS
        yield self._tally.event("seeding", 0, steps)
        front = self._tally.archive.front(CAPACITY)
        span = np.ptp(front.losses[:, 1]) or 1.0
        least, reach = LEAST_AUDIO_WEIGHT / span, CONTINUED_REACH * span
        jobs = []
        for place in np.linspace(begin, end, count):
            index = int(np.abs(front.arc - place).argmin())
            held = Held(self._estimator, front.losses[index, 1], reach)
            audio_weight = max(front.audio_weight(index), least)
            jobs.append((held, grid_from_uint8(front.masks[index], self._device), audio_weight))
        yield from self._descend(jobs, CONTINUED_STEPS * settings.descent_steps, 0, steps)

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
            grid = descend(*job, descent_steps, self._bounds)
            masks = uint8_from_grid(grid)[None]
            losses = self._estimator.losses(grid_from_uint8(masks[0], self._device))
            return masks, settled(masks, np.array([losses]))

        improved: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        done = solved
        for found in self._pool.as_completed(improve, jobs):
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
            losses.insert(i + 1, self._evaluated(mean[None])[0])
            yield from self._tally.tell("seeding", solved, steps)
        self._masks = np.stack(masks)
        self._tally.population = np.stack(losses)
        even = np.linspace(0, len(masks) - 1, min(len(masks), MEASURED_SEEDS)).round().astype(int)
        measured = yield from self._measured(self._masks[even], "seeding", solved, steps)
        yield self._tally.event("seeding", steps, steps, measured)

    # Evolution

    def _evolve(self, generations: int) -> Iterator[SearchProgress]:
        if generations == 0 or len(self._tally.population) < 4:
            return
        generation = 0
        history = [hypervolume(self._tally.archive.losses, self._reference)]
        for finished in evolve(
            self._masks.astype(np.float32) / WHITE,
            self._tally.population,
            self._evaluate_children,
            generations=generations,
            operators=self._settings.operators,
            seed=self._settings.seed,
            pool=self._pool,
        ):
            if finished:
                generation = finished
                history.append(hypervolume(self._tally.archive.losses, self._reference))
                # Every generation is told of: the growth of the front can be watched again later.
                yield self._tally.event("evolution", generation, generations)
                if _stalled(history):
                    break
            else:
                yield from self._tally.tell("evolution", generation, generations)

    def _evaluate_children(self, grids: np.ndarray) -> Iterator[np.ndarray | None]:
        masks = np.empty(grids.shape, np.uint8)
        for mask, grid in zip(masks, grids, strict=True):
            mask[:] = self._clamped(np.rint(grid * WHITE).astype(np.uint8))
        losses = []
        for first in range(0, len(masks), 4 * self._pool.count):
            losses.append(self._losses(masks[first : first + 4 * self._pool.count]))
            yield None
        found = np.concatenate(losses)
        self._tally.keep(masks, found)
        yield found

    # The front

    def _new_beside(self, masks: np.ndarray) -> np.ndarray:
        """Return the best of the archive's masks that are not among `masks`: half a population."""
        old = {mask.tobytes() for mask in masks}
        archive = self._tally.archive
        new = [i for i, mask in enumerate(archive.masks) if mask.tobytes() not in old]
        if not new:
            return masks[:0]
        best = thinned(archive.losses[new], self._settings.population_size // 2)
        return archive.stacked(np.array(new)[best])

    def _finish(self, masks: np.ndarray, known: Front | None = None) -> Iterator[SearchProgress]:
        """Settle the front of `masks`; some may be `known` from an earlier run.

        What is most likely to become sounds is measured.
        """
        wanted = CALIBRATION_POINTS, self._settings.representatives
        steps = sum(wanted)
        if self._settings.is_published or len(masks) <= steps:
            steps = len(masks)
            losses = yield from self._measured(masks, "front", 0, steps)
        else:
            estimates = self._losses(masks)
            order = np.lexsort((-estimates[:, 0], estimates[:, 1]))
            masks, calibration = masks[order], Calibration(estimates[order])
            calibration.take(*_places_of(known, masks))
            step = 0
            for count in wanted:
                new = calibration.unmeasured(count)
                measured = yield from self._measured(masks[new], "front", step, steps)
                calibration.take(new, measured)
                step += count
            losses = settled(masks, calibration.losses)
        keep = np.flatnonzero(non_dominated(losses))
        keep = keep[np.argsort(losses[keep, 1], kind="stable")]
        self._tally.settle(masks[keep], losses[keep])
        yield self._tally.event("front", steps, steps)

    # Evaluation

    def _measured(
        self, masks: np.ndarray, stage: str, step: int, steps: int
    ) -> Generator[SearchProgress, None, np.ndarray]:
        """Return the exact losses (n, 2) of `masks`, telling of the `steps` from `step` on."""

        def measure(mask: np.ndarray) -> tuple[float, float]:
            return self._exact(grid_from_uint8(mask, self._device))

        for found in self._pool.gather(measure, list(masks)):
            yield from self._tally.tell(stage, step + len(found) - found.count(None), steps)
        return settled(masks, np.array(found).reshape(-1, 2))

    def _losses(self, masks: np.ndarray) -> np.ndarray:
        estimator = self._estimator  # before several workers ask for it at once

        def estimate(mask: np.ndarray) -> tuple[float, float]:
            return estimator.losses(grid_from_uint8(mask, self._device))

        return settled(masks, np.array(self._pool.map(estimate, masks)).reshape(-1, 2))

    def _evaluated(self, masks: np.ndarray) -> np.ndarray:
        losses = self._losses(masks)
        self._tally.keep(masks, losses)
        return losses

    def _clamped(self, masks: np.ndarray) -> np.ndarray:
        return np.clip(masks, *self._ends)


def _places_of(known: Front | None, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which of `masks` are `known`, and their losses."""
    losses = {}
    if known is not None:
        names = (mask.tobytes() for mask in known.masks)
        losses = dict(zip(names, known.losses, strict=True))
    places = [k for k, mask in enumerate(masks) if mask.tobytes() in losses]
    found = [losses[masks[k].tobytes()] for k in places]
    return np.array(places, int), np.array(found).reshape(-1, 2)


def _stalled(history: Sequence[float]) -> bool:
    """Return whether the last generations together hardly added to the hypervolume."""
    if len(history) <= STALL_GENERATIONS:
        return False
    return history[-1] - history[-1 - STALL_GENERATIONS] < STALL_GAIN * history[-1]
