"""Seeding, then evolution, then the front: one generator of progress events."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from moss.blending.calibration import CALIBRATION_POINTS, Calibration
from moss.blending.evaluation import Evaluation
from moss.blending.evolution import evolve
from moss.blending.front import Front
from moss.blending.mask import WHITE
from moss.blending.mixing import Mixture
from moss.blending.published import PublishedSearch
from moss.blending.seeds import Seeds
from moss.blending.tally import settled
from moss.parallel import workers
from moss.progress import SearchProgress
from moss.settings.blend import BlendSettings
from moss.signal.pareto import (
    hypervolume,
    non_dominated,
    thinned,
)

STALL_GENERATIONS, STALL_GAIN = 3, 1e-3  # evolution ends when so many gained relatively so little


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
    stage "front" and all masks of the front; `front_from` makes a Front of any
    event with masks. Closing the generator stops the work. The same settings on the same
    machine give the same front. From a warm `start`, the front ends with no less hypervolume
    than that of its masks.
    """
    with workers(device) as pool:
        yield from _Search(Evaluation(mixture.to(device), settings, pool)).run(start)


def front_from(event: SearchProgress) -> Front:
    """Return the front that an event with masks carries, from pure audio to pure picture."""
    assert event.masks is not None, "only some events carry masks"
    losses = event.losses[event.on_front]
    order = np.argsort(losses[:, 1], kind="stable")
    return Front(event.masks[order], losses[order])


class _Search:
    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation, self._seeds = evaluation, Seeds(evaluation)
        self._settings, self._tally = evaluation.settings, evaluation.tally

    def run(self, start: WarmStart | None) -> Iterator[SearchProgress]:
        known = None
        if start is not None:
            # A search that was stopped has only estimates.
            known = None if start.arc_span is None else start.front
            front = yield from self._from(start)
        elif self._settings.is_published:
            own = self._evaluation
            parts = own.mixture, own.basis, own.bounds, own.settings, own.pool, own.tally
            yield from PublishedSearch(*parts).run()
            front = self._front()
        else:
            yield from self._seeds.fresh()
            yield from self._evolve(self._settings.generations)
            front = self._front()
        yield from self._finish(front, known)

    def _front(self) -> np.ndarray:
        tally = self._tally
        return tally.archive.front(tally.capacity).masks

    def _from(self, start: WarmStart) -> Generator[SearchProgress, None, np.ndarray]:
        """Return the masks of the start, and the best new ones if any are looked for."""
        settings, tally = self._settings, self._tally
        front = self._evaluation.clamped(start.front.masks)
        tally.capacity = len(front) + settings.population_size // 2
        self._evaluation.kept(front)
        if start.arc_span is None:
            return front
        yield from self._seeds.beside(*start.arc_span)
        yield from self._evolve(settings.generations // 2)
        return np.concatenate((front, self._new_beside(front)))

    def _evolve(self, generations: int) -> Iterator[SearchProgress]:
        if generations == 0 or len(self._tally.population) < 4:
            return
        generation = 0
        history = [hypervolume(self._tally.archive.losses, self._evaluation.reference)]
        for finished in evolve(
            self._seeds.masks.astype(np.float32) / WHITE,
            self._tally.population,
            self._evaluate_children,
            generations=generations,
            operators=self._settings.operators,
            seed=self._settings.seed,
            pool=self._evaluation.pool,
        ):
            if finished:
                generation = finished
                history.append(hypervolume(self._tally.archive.losses, self._evaluation.reference))
                # Every generation is told of: the growth of the front can be watched again later.
                yield self._tally.event("evolution", generation, generations)
                if _stalled(history):
                    break
            else:
                yield from self._tally.tell("evolution", generation, generations)

    def _evaluate_children(self, grids: np.ndarray) -> Iterator[np.ndarray | None]:
        masks = np.empty(grids.shape, np.uint8)
        for mask, grid in zip(masks, grids, strict=True):
            mask[:] = self._evaluation.clamped(np.rint(grid * WHITE).astype(np.uint8))
        losses = []
        for first in range(0, len(masks), 4 * self._evaluation.pool.count):
            losses.append(
                self._evaluation.estimated(masks[first : first + 4 * self._evaluation.pool.count])
            )
            yield None
        found = np.concatenate(losses)
        self._tally.keep(masks, found)
        yield found

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
            losses = yield from self._evaluation.measured(masks, "front", 0, steps)
        else:
            estimates = self._evaluation.estimated(masks)
            order = np.lexsort((-estimates[:, 0], estimates[:, 1]))
            masks, calibration = masks[order], Calibration(estimates[order])
            calibration.take(*_places_of(known, masks))
            step = 0
            for count in wanted:
                new = calibration.unmeasured(count)
                measured = yield from self._evaluation.measured(masks[new], "front", step, steps)
                calibration.take(new, measured)
                step += count
            losses = settled(masks, calibration.losses)
        keep = np.flatnonzero(non_dominated(losses))
        keep = keep[np.argsort(losses[keep, 1], kind="stable")]
        self._tally.settle(masks[keep], losses[keep])
        yield self._tally.event("front", steps, steps)


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
