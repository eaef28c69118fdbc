"""The Pareto front in (visual loss, audio loss): both are minimised."""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

REFERENCE_POINT = (1.0, 4.0)  # visual loss, audio loss in nats; fixed so that runs compare
STRETCH = 0.2  # of the arc: how far one look for more picture or more music goes


@dataclass(frozen=True)
class Front:
    """Mutually non-dominated masks, sorted from pure audio to pure picture.

    Masks that somebody has heard may be among them, even where others have become better.

    masks : (n, height, width) uint8, 255 shows the picture.
    losses : (n, 2) float64, visual and audio loss.
    """

    masks: np.ndarray
    losses: np.ndarray

    @property
    def hypervolume(self) -> float:
        """The area dominated up to the reference point."""
        return hypervolume(self.losses)

    def representatives(self, count: int) -> np.ndarray:
        """Return the indices of `count` points evenly along the arc, both ends included."""
        return evenly_along_arc(self.losses, count)

    def undominated(self) -> "Front":
        """Return the front without the points that another one dominates."""
        kept = non_dominated(self.losses)
        return Front(self.masks[kept], self.losses[kept])

    @property
    def arc(self) -> np.ndarray:
        """How far along the front each point lies (n,), from 0 at pure audio to 1."""
        length = _arc_of(self.losses)
        return length / (length[-1] or 1.0)

    def nearest(self, losses: np.ndarray) -> int:
        """Return the index of the point nearest to `losses` (2,), both normalised by the front."""
        together = normalised(np.vstack((self.losses, losses)))
        return int(np.hypot(*(together[:-1] - together[-1]).T).argmin())

    def best_at(self, price: float) -> int:
        """Return the index of the least visual loss + `price` * audio loss."""
        return int((self.losses @ (1.0, price)).argmin())

    def thinned(self, count: int) -> "Front":
        """Return the `count` points that keep most hypervolume, both ends included."""
        kept = thinned(self.losses, count)
        return Front(self.masks[kept], self.losses[kept])

    def price(self, index: int) -> float:
        """Return how much visual loss one nat of audio loss buys around point `index`.

        It is -d visual / d audio over the neighbours' chord: the weight of the audio loss for
        which this point is the best of the front.
        """
        reach = max(1, len(self.losses) // 30)  # a chord over 6 %: single steps are noisy
        first, last = max(0, index - reach), min(len(self.losses) - 1, index + reach)
        d_visual, d_audio = self.losses[last] - self.losses[first]
        return float(-d_visual / d_audio) if d_audio > 0 else 0.0

    def stretch_toward(self, side: str, index: int) -> tuple[float, float]:
        """Return where on the arc the `STRETCH` from point `index` toward a side begins and ends.

        `side` is "picture" or "music"; near the end of the front the stretch is shorter.
        """
        here = float(self.arc[index])
        if side == "music":
            return max(0.0, here - STRETCH), here
        return here, min(1.0, here + STRETCH)

    def stretch_around(self, index: int) -> tuple[float, float]:
        """Return where on the arc half a `STRETCH` around point `index` begins and ends."""
        start = min(max(float(self.arc[index]) - STRETCH / 4, 0.0), 1.0 - STRETCH / 2)
        return start, start + STRETCH / 2


def non_dominated(losses: np.ndarray) -> np.ndarray:
    """Return a bool (n,) that is true where no other row of `losses` (n, 2) is as good in both.

    Of equal rows the first counts.
    """
    order = np.lexsort((losses[:, 1], losses[:, 0]))
    best_before = np.minimum.accumulate(np.concatenate(([np.inf], losses[order, 1])))[:-1]
    keep = np.zeros(len(losses), bool)
    keep[order] = losses[order, 1] < best_before
    return keep


def hypervolume(losses: np.ndarray, reference: tuple[float, float] = REFERENCE_POINT) -> float:
    """Return the area that `losses` (n, 2) dominate up to `reference`; NaN rows count for none."""
    inside = losses[(losses < reference).all(axis=1)]
    front = inside[non_dominated(inside)]
    front = front[np.argsort(front[:, 0])]
    above = np.concatenate(([reference[1]], front[:-1, 1]))
    return float(((reference[0] - front[:, 0]) * (above - front[:, 1])).sum())


def normalised(losses: np.ndarray) -> np.ndarray:
    """Return `losses` (n, 2) scaled so that their least and greatest values are 0 and 1."""
    low, high = losses.min(axis=0), losses.max(axis=0)
    return (losses - low) / np.where(high > low, high - low, 1)


def weighted_price(front: Front, music: float) -> float:
    """Return the price of audio whose best point is the best by a weight of `music` in (0, 1).

    It is the best of music * audio loss + (1 - music) * visual loss, both over their spans.
    """
    visual_span, audio_span = np.ptp(front.losses, axis=0)
    if audio_span == 0:
        return 0.0
    return float(music / audio_span * visual_span / (1 - music))


def evenly_along_arc(losses: np.ndarray, count: int) -> np.ndarray:
    """Return up to `count` distinct indices of sorted `losses` (n, 2), evenly along their arc."""
    if count >= len(losses):
        return np.arange(len(losses))
    arc = _arc_of(losses)
    nearest = [int(np.abs(arc - at).argmin()) for at in np.linspace(0, arc[-1], count)]
    return np.unique(nearest)


def thinned(losses: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of `count` points of a sorted front that keep most hypervolume.

    The point whose removal costs the least area goes first, over and over; the ends stay.
    """
    visual, audio = losses.T.tolist()
    before = list(range(-1, len(losses) - 1))
    after = list(range(1, len(losses) + 1))

    def cost(i):
        return (visual[before[i]] - visual[i]) * (audio[after[i]] - audio[i])

    costs = {i: cost(i) for i in range(1, len(losses) - 1)}
    queue = [(value, i) for i, value in costs.items()]
    heapify(queue)
    while len(costs) > max(count, 2) - 2 and queue:
        value, i = heappop(queue)
        if costs.get(i) != value:
            continue  # gone, or its cost changed when a neighbour went
        del costs[i]
        after[before[i]], before[after[i]] = after[i], before[i]
        for neighbour in (before[i], after[i]):
            if neighbour in costs:
                costs[neighbour] = cost(neighbour)
                heappush(queue, (costs[neighbour], neighbour))
    return np.array([0, *sorted(costs), len(losses) - 1][: len(losses)])


def _arc_of(losses):
    steps = np.hypot(*np.diff(normalised(losses), axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))
