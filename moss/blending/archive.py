"""The best masks a search has seen: its front, which never loses hypervolume."""

import numpy as np

from moss.blending.front import Front
from moss.signal.pareto import non_dominated, thinned

CAPACITY = 1_500  # members; 50 MB of masks at the default grid of 30 s


class Archive:
    """Keeps the mutually non-dominated of all masks it is given, with their losses.

    Masks lie each on its own: those of five minutes are half a gigabyte, which is not copied
    whenever one joins them.
    """

    def __init__(self) -> None:
        self.masks: list[np.ndarray] = []
        self.losses = np.zeros((0, 2))

    def add(self, masks: np.ndarray, losses: np.ndarray) -> None:
        """Take in `masks` (n, height, width) uint8 with estimated `losses` (n, 2)."""
        everything = np.concatenate((self.losses, losses))
        new = np.flatnonzero(non_dominated(everything))
        count = len(self.losses)
        if (new < count).all():
            return
        order = new[np.argsort(everything[new, 1], kind="stable")]
        if len(order) > CAPACITY:
            order = order[thinned(everything[order], CAPACITY)]
        # A copy, because a part of `masks` would keep all of them.
        self.masks = [self.masks[i] if i < count else masks[i - count].copy() for i in order]
        self.losses = everything[order]

    def front(self, count: int) -> Front:
        """Return the `count` members that keep most hypervolume, from audio to picture."""
        kept = thinned(self.losses, count)
        return Front(self.stacked(kept), self.losses[kept])

    def stacked(self, members: np.ndarray) -> np.ndarray:
        """Return the masks (n, height, width) of the members with these indices."""
        return np.stack([self.masks[i] for i in members])
