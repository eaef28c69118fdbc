"""Losses of masks along a front: measured for a few, and corrected as these tell for the others."""

import numpy as np

from moss.signal.pareto import arc_of, evenly_along_arc

CALIBRATION_POINTS = 12  # are enough to tell how far off the estimates are anywhere


class Calibration:
    """How far off the `estimates` (n, 2) of a sorted front are, known at some of its points.

    It changes slowly along the front, so that it is taken as straight between those points: what
    is left then is some 0.001 of visual loss and 0.01 of the heard difference, a fifth of it.
    """

    def __init__(self, estimates: np.ndarray) -> None:
        self._estimates, self._arc = estimates, arc_of(estimates)
        self._measured: dict[int, np.ndarray] = {}

    def take(self, places: np.ndarray, losses: np.ndarray) -> None:
        """Take in the measured `losses` (k, 2) of the points at `places` (k,)."""
        self._measured |= dict(zip(places.tolist(), losses, strict=True))

    def unmeasured(self, count: int) -> np.ndarray:
        """Return those of `count` points evenly along the front that are not measured yet."""
        return np.setdiff1d(evenly_along_arc(self.losses, count), list(self._measured))

    @property
    def losses(self) -> np.ndarray:
        """The losses (n, 2) as they are known by now; a measured one is what was measured."""
        if not self._measured:
            return self._estimates
        places = sorted(self._measured)
        measured = np.array([self._measured[place] for place in places])
        off = (measured - self._estimates[places]).T
        losses = self._estimates + np.stack(
            [np.interp(self._arc, self._arc[places], each) for each in off], axis=1
        )
        losses[places] = measured
        return losses
