"""The published recipe in its two forms, each within a time or a number of steps.

What a run of the presets "notebook" and "readme" needs is the engine's and comes from there. What
the description leaves open is decided in the recipe's favour: its masks are made by our two matrix
products, it works on all cores as ours does, and all it has evaluated counts for its front.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from pytorch_msssim import ssim

from moss.blending.archive import Archive
from moss.blending.evolution import evolve
from moss.blending.front import Front
from moss.blending.mask import WHITE, MaskBasis, grid_from_uint8, uint8_from_grid
from moss.blending.mixing import Mixture
from moss.blending.notebook import NotebookLosses, seed_descents
from moss.blending.prepared import Prepared
from moss.blending.published import random_masks
from moss.parallel import workers
from moss.settings.presets import PRESETS

SEEDS, STEPS = PRESETS["notebook"]["audio_weights"], PRESETS["notebook"]["descent_steps"]
MEMBERS, GENERATIONS = PRESETS["readme"]["population_size"], PRESETS["readme"]["generations"]
SEEDING_SHARE = 0.6  # of its time: 12 to 16 minutes of seeding, then 10 of NSGA-II


@dataclass(frozen=True)
class Outcome:
    """What a form found: `front` with the form's own losses, and what it did for it."""

    front: Front
    steps: int
    evaluations: int
    seconds: float


class NotebookForm:
    """A pair that was `prepared` with the preset "notebook"; the notebook's own losses."""

    def __init__(self, prepared: Prepared):
        settings, mixture = prepared.settings, prepared.mixture
        self.prepared = prepared
        self.basis = MaskBasis(
            tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma
        )
        self._losses = NotebookLosses(mixture, self.basis)

    def run(
        self,
        *,
        steps: int = STEPS,
        generations: int = GENERATIONS,
        members: int = MEMBERS,
        seconds: float = math.inf,
        seed: int = 0,
    ) -> Outcome:
        """Descend from ten seeds, then evolve them among random members; end after `seconds`."""
        started = time.perf_counter()
        black, white = torch.zeros(self.basis.grid_shape), torch.ones(self.basis.grid_shape)
        descents = seed_descents(self._losses, (black, white), SEEDS, seed)
        done = 0
        with workers() as pool:
            inner = pool.map(next, descents)
            while done < steps and time.perf_counter() - started <= SEEDING_SHARE * seconds:
                inner = pool.map(next, descents)
                done += 1
        seeds = uint8_from_grid(torch.stack((white, *inner, black)))
        random = random_masks(max(members - SEEDS, 0), self.basis.grid_shape, seed)
        start = np.concatenate((seeds, random))
        return _evolved(self._losses, start, generations, started, seconds, seed, done)


class ReadmeForm:
    """22,050 Hz, 2048 / 512, 128 x 256, sigma 3, log mixing; NSGA-II from random members alone.

    It shares `mixture` and `basis` with ours, whose defaults are these values. `losses` replaces
    its own, which cost what they cost as published: pytorch-msssim at full size, and log-L1.
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis, losses: Callable | None = None):
        self._mixture, self._basis = mixture, basis
        self._losses = losses or self.losses

    def losses(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return 1 - SSIM by pytorch-msssim and log-L1 in nats of `grid` (height, width)."""
        mixed = self._mixture.in_band(self._basis.mask(grid))
        shown = self._mixture.display.normalised(mixed)
        similarity = ssim(shown[None, None], self._mixture.picture[None, None], data_range=1.0)
        return 1 - similarity.item(), (mixed - self._mixture.audio_in_band).abs().mean().item()

    def run(
        self,
        *,
        generations: int = GENERATIONS,
        members: int = MEMBERS,
        seconds: float = math.inf,
        seed: int = 0,
    ) -> Outcome:
        """Evolve both anchors and random members; end after `seconds`."""
        started = time.perf_counter()
        start = random_masks(members, self._basis.grid_shape, seed)
        start[0], start[1] = WHITE, 0
        return _evolved(self._losses, start, generations, started, seconds, seed, steps=0)


def _evolved(losses, start, generations, started, seconds, seed, steps):
    archive = Archive()
    evaluations = 0

    def evaluate(grids: np.ndarray) -> Iterator[np.ndarray | None]:
        nonlocal evaluations
        masks = np.rint(WHITE * grids).astype(np.uint8)
        found = []
        for first in range(0, len(masks), pool.count):
            some = masks[first : first + pool.count]
            found += pool.map(lambda mask: losses(grid_from_uint8(mask)), some)
            archive.add(some, np.array(found[first:]))
            evaluations += len(some)
            yield None
        yield np.array(found)

    def is_late() -> bool:
        # The anchors are known without a search, so both always count.
        return evaluations > SEEDS and time.perf_counter() - started > seconds

    grids = start.astype(np.float32) / WHITE
    with workers() as pool:
        first = None
        for first in evaluate(grids):  # noqa: B007
            if is_late():
                break
        else:
            limits = {"generations": generations, "operators": "published", "seed": seed}
            for _ in evolve(grids, first, evaluate, **limits, pool=pool):
                if is_late():
                    break
    front = archive.front(len(start))
    return Outcome(front, steps, evaluations, time.perf_counter() - started)
