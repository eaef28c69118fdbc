"""What a search knows so far, told as events that come neither too often nor too seldom."""

import time
from collections.abc import Iterator

import numpy as np

from moss.blending.archive import Archive
from moss.blending.mask import WHITE
from moss.progress import SearchProgress
from moss.signal.pareto import hypervolume, thinned

EVENT_S = 0.2  # between two events; the page wants two a second at least
MASKS_S = 2.0  # between two events that carry the front's masks
MAX_POPULATION = 1000  # of the points evaluated last
ROUNDING = 1e-6  # of SSIM in float32: nothing is nearer than this to the picture but itself


class Tally:
    """The archive of a search, the losses it evaluated last, and the events that tell of them.

    Attributes
    ----------
    archive : the best masks.
    population : (n, 2) losses.
    capacity : points on an event's front.
    """

    def __init__(self, capacity: int, reference: tuple[float, float]):
        self._reference = reference  # of the hypervolume
        self.archive, self.capacity = Archive(), capacity
        self.population = np.zeros((0, 2))
        self._started = time.perf_counter()
        self._last_event = self._last_masks = -np.inf

    def keep(self, masks: np.ndarray, losses: np.ndarray) -> None:
        """Take in `masks` (n, height, width) uint8 with their `losses` (n, 2)."""
        self.archive.add(masks, losses)
        self.population = np.concatenate((self.population, losses))[-MAX_POPULATION:]

    def settle(self, masks: np.ndarray, losses: np.ndarray) -> None:
        """Put a sorted front and its exact `losses` in the place of all that was estimated."""
        self.archive.masks, self.archive.losses = list(masks), losses
        self.population = losses
        self._last_masks = -np.inf

    def tell(self, stage: str, step: int, steps: int) -> Iterator[SearchProgress]:
        """Yield an event where the last one is long enough ago."""
        if time.perf_counter() - self._last_event >= EVENT_S:
            yield self.event(stage, step, steps)

    def event(
        self,
        stage: str,
        step: int,
        steps: int,
        seeds: np.ndarray | None = None,
        *,
        is_sketch: bool = False,
    ) -> SearchProgress:
        """Return an event that tells of everything so far, and of measured `seeds`.

        A sketch has masks however soon it comes.
        """
        now = time.perf_counter()
        front = thinned(self.archive.losses, self.capacity)
        others = self.population[-2 * self.capacity :]
        losses = np.concatenate((self.archive.losses[front], others))
        on_front = np.zeros(len(losses), bool)
        on_front[: len(front)] = True
        with_masks = is_sketch or now - self._last_masks >= MASKS_S
        self._last_event = now
        if with_masks:
            self._last_masks = now
        return SearchProgress(
            stage,
            step,
            steps,
            now - self._started,
            losses,
            on_front,
            hypervolume(self.archive.losses, self._reference),
            self.archive.stacked(front) if with_masks else None,
            seeds,
            is_sketch,
        )


def settled(masks: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return the losses such that rounding makes no mask better than the pure picture."""
    pure = (masks == WHITE).all(axis=(1, 2))
    exact = pure & (losses[:, 0] < ROUNDING)
    losses[:, 0] = np.where(exact, 0.0, np.maximum(losses[:, 0], ROUNDING))
    return losses
