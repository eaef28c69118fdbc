"""The best masks a search has seen: its front, which never loses hypervolume."""

import numpy as np

from moss.blending.front import Front
from moss.signal.pareto import non_dominated, thinned

CAPACITY = 1_500  # members; 50 MB of masks at the default grid


class Archive:
    """Keeps the mutually non-dominated of all masks it is given, with their losses."""

    def __init__(self, grid_shape: tuple[int, int]):
        self.masks = np.zeros((0, *grid_shape), np.uint8)
        self.losses = np.zeros((0, 2))

    def add(self, masks: np.ndarray, losses: np.ndarray) -> None:
        """Take in `masks` (n, height, width) uint8 with estimated `losses` (n, 2)."""
        everything = np.concatenate((self.losses, losses))
        new = non_dominated(everything)
        kept, taken = new[: len(self.losses)], new[len(self.losses) :]
        if not taken.any():
            return
        self.masks = np.concatenate((self.masks[kept], masks[taken]))
        self.losses = everything[new]
        order = np.argsort(self.losses[:, 1], kind="stable")
        if len(order) > CAPACITY:
            order = order[thinned(self.losses[order], CAPACITY)]
        self.masks, self.losses = self.masks[order], self.losses[order]

    def front(self, count: int) -> Front:
        """Return the `count` members that keep most hypervolume, from audio to picture."""
        return Front(self.masks, self.losses).thinned(count)
