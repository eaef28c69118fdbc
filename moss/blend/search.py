"""Seeding, then evolution, then the front: one generator of progress events."""

import threading
import time
from collections.abc import Iterator
from copy import copy

import numpy as np
import torch

from moss.blend.archive import Archive
from moss.blend.evolution import evolve
from moss.blend.front import Front, hypervolume, non_dominated
from moss.blend.mask import MaskBasis
from moss.blend.mixing import Mixture
from moss.blend.objectives import ExactLosses, estimator_for
from moss.blend.seeding import CellSolver, descend, spread_prices
from moss.config import BlendSettings
from moss.parallel import Workers, workers
from moss.progress import SearchProgress

EVENT_S = 0.2  # between two events; the page wants two a second at least
STALL_GENERATIONS, STALL_GAIN = 5, 5e-4  # evolution ends when so many gained relatively so little
ROUNDING = 1e-6  # of SSIM in float32: nothing is nearer than this to the picture but itself
MASKS_S = 2.0  # between two events that carry the front's masks


def search(
    mixture: Mixture, settings: BlendSettings, device: torch.device | str = "cpu"
) -> Iterator[SearchProgress]:
    """Find the Pareto front of masks of `mixture`, telling of it as it grows.

    The masks cover the mixture's band. The last event has the phase "front", exact losses,
    and all masks of the front; `front_from` makes a Front of any event with masks. Closing
    the generator stops the work. The same settings on the same machine give the same front.
    """
    with workers(device) as pool:
        yield from _Search(mixture.to(device), settings, pool).run()


def front_from(event: SearchProgress) -> Front:
    """Return the front that an event with masks carries, from pure audio to pure picture."""
    losses = event.losses[event.on_front]
    order = np.argsort(losses[:, 1], kind="stable")
    return Front(event.masks[order], losses[order])


class _Search:
    def __init__(self, mixture: Mixture, settings: BlendSettings, pool: Workers):
        self._started = time.perf_counter()
        self._settings, self._pool, self._mixture = settings, pool, mixture
        shape = tuple(mixture.picture.shape)
        self._grid_shape = settings.grid_height, min(settings.grid_shape[1], shape[1])
        self._device = mixture.audio.device
        self._basis = MaskBasis(shape, self._grid_shape, settings.smoothing_sigma, self._device)
        self._estimator = estimator_for(mixture, self._basis)
        self._archive = Archive(self._grid_shape)
        self._population = np.zeros((0, 2))
        self._last_event = self._last_masks = -np.inf
        self._stop = threading.Event()

    def run(self):
        try:
            yield from self._seed()
            yield from self._evolve()
            yield from self._finish()
        finally:
            self._stop.set()

    # Seeding

    def _seed(self):
        settings = self._settings
        anchors = np.repeat(np.array([[[0]], [[255]]], np.uint8), self._grid_shape[0], axis=1)
        anchors = np.repeat(anchors, self._grid_shape[1], axis=2)
        anchor_losses = self._evaluated(anchors)
        half = np.full((1, *self._grid_shape), 128, np.uint8)
        self._evaluated(half)
        steps = 2 * settings.prices
        yield self._event("seeding", 0, steps)

        solve = CellSolver(self._estimator)

        def solved(price):
            grid = solve(price)
            return grid, self._estimator.losses(grid)

        seeds = []
        for price, grid, losses in spread_prices(solved, anchor_losses, settings.prices):
            seeds.append((price, grid))
            masks = _bytes(grid)[None]
            self._keep(masks, _settled(masks, np.array([losses])))
            yield from self._tell("seeding", len(seeds), steps)
        solved_archive = copy(self._archive)

        def improve(seed):
            grid = descend(
                self._estimator, seed[1], seed[0], settings.descent_steps, self._stop.is_set
            )
            masks = _bytes(grid)[None]
            losses = self._estimator.losses(_grid(masks[0], self._device))
            return masks, _settled(masks, np.array([losses]))

        improved = [None] * len(seeds)
        found = self._pool.as_completed(improve, seeds)
        for done, (index, (masks, losses)) in enumerate(found, start=len(seeds) + 1):
            improved[index] = masks, losses
            self._archive.add(masks, losses)
            self._population = self._archive.losses
            yield from self._tell("seeding", done, steps)
        # Ties go to the first, so the order must not depend on which thread was faster.
        self._archive = solved_archive
        for masks, losses in improved:
            self._archive.add(masks, losses)
        yield from self._interpolate(steps)

    def _interpolate(self, steps):
        """Fill the widest gaps with the means of neighbours until the front is full."""
        front = self._archive.front(self._settings.population_size)
        masks, losses = list(front.masks), list(front.losses)
        span = np.ptp(front.losses, axis=0)
        span[span == 0] = 1
        while 1 < len(masks) < self._settings.population_size:
            i = int(np.hypot(*(np.diff(losses, axis=0) / span).T).argmax())
            mean = ((masks[i].astype(np.uint16) + masks[i + 1] + 1) // 2).astype(np.uint8)
            masks.insert(i + 1, mean)
            losses.insert(i + 1, self._evaluated(mean[None])[0])
            yield from self._tell("seeding", steps, steps)
        self._population_masks = np.stack(masks)
        self._population = np.stack(losses)
        yield self._event("seeding", steps, steps)

    # Evolution

    def _evolve(self):
        settings = self._settings
        if settings.generations == 0 or len(self._population) < 4:
            return
        generation = 0
        history = [hypervolume(self._archive.losses)]
        for finished in evolve(
            self._population_masks.astype(np.float32) / 255,
            self._population,
            self._evaluate_children,
            generations=settings.generations,
            operators=settings.operators,
            seed=settings.seed,
        ):
            if finished:
                generation = finished
                history.append(hypervolume(self._archive.losses))
                if _stalled(history) or generation == settings.generations:
                    yield self._event("evolution", generation, settings.generations)
                    break
            yield from self._tell("evolution", generation, settings.generations)

    def _evaluate_children(self, grids):
        masks = np.rint(grids * 255).astype(np.uint8)
        losses = []
        for first in range(0, len(masks), 4 * self._pool.count):
            losses.append(self._losses(masks[first : first + 4 * self._pool.count]))
            yield None
        losses = np.concatenate(losses)
        self._keep(masks, losses)
        yield losses

    # The front

    def _finish(self):
        front = self._archive.front(self._settings.population_size)
        exact = ExactLosses(self._mixture, self._basis)
        losses = np.zeros_like(front.losses)

        def measure(mask):
            return exact(_grid(mask, self._device))

        found = self._pool.as_completed(measure, front.masks)
        for done, (index, pair) in enumerate(found, start=1):
            losses[index] = pair
            yield from self._tell("front", done, len(losses))
        losses = _settled(front.masks, losses)
        keep = non_dominated(losses)
        self._archive.masks, self._archive.losses = front.masks[keep], losses[keep]
        self._population = self._archive.losses
        self._last_masks = -np.inf
        yield self._event("front", len(losses), len(losses))

    # Evaluation and events

    def _losses(self, masks):
        def estimate(mask):
            return self._estimator.losses(_grid(mask, self._device))

        return _settled(masks, np.array(self._pool.map(estimate, masks)).reshape(-1, 2))

    def _evaluated(self, masks):
        losses = self._losses(masks)
        self._keep(masks, losses)
        return losses

    def _keep(self, masks, losses):
        self._archive.add(masks, losses)
        self._population = np.concatenate((self._population, losses))[-1000:]

    def _tell(self, phase, step, steps):
        if time.perf_counter() - self._last_event >= EVENT_S:
            yield self._event(phase, step, steps)

    def _event(self, phase, step, steps):
        now = time.perf_counter()
        front = self._archive.front(self._settings.population_size)
        others = self._population[-2 * self._settings.population_size :]
        losses = np.concatenate((front.losses, others))
        on_front = np.zeros(len(losses), bool)
        on_front[: len(front.losses)] = True
        with_masks = now - self._last_masks >= MASKS_S
        self._last_event = now
        if with_masks:
            self._last_masks = now
        return SearchProgress(
            phase,
            step,
            steps,
            now - self._started,
            losses,
            on_front,
            hypervolume(self._archive.losses),
            front.masks if with_masks else None,
        )


def _stalled(history):
    """Whether the last generations together hardly added to the hypervolume."""
    if len(history) <= STALL_GENERATIONS:
        return False
    return history[-1] - history[-1 - STALL_GENERATIONS] < STALL_GAIN * history[-1]


def _settled(masks, losses):
    """SSIM is rounded, so that a mask next to the pure picture may seem better than it: undo."""
    pure = (masks == 255).all(axis=(1, 2))
    exact = pure & (losses[:, 0] < ROUNDING)
    losses[:, 0] = np.where(exact, 0.0, np.maximum(losses[:, 0], ROUNDING))
    return losses


def _bytes(grid):
    return grid.mul(255).round_().to(torch.uint8).cpu().numpy()


def _grid(mask, device):
    return torch.from_numpy(mask).to(device, torch.float32) / 255
