"""Pairs of losses as a Pareto front, both minimised: dominance, hypervolume, spread."""

from heapq import heapify, heappop, heappush

import numpy as np

# Of the hypervolume, by what the audio loss is: fixed, so that runs compare. The heard difference
# of the pure picture is 1.
REFERENCE_POINTS = {"log": (1.0, 4.0), "heard": (1.0, 1.0)}


def non_dominated(losses: np.ndarray) -> np.ndarray:
    """Return a bool (n,) that is true where no other row of `losses` (n, 2) is as good in both.

    Of equal rows the first counts.
    """
    order = np.lexsort((losses[:, 1], losses[:, 0]))
    best_before = np.minimum.accumulate(np.concatenate(([np.inf], losses[order, 1])))[:-1]
    keep = np.zeros(len(losses), bool)
    keep[order] = losses[order, 1] < best_before
    return keep


def hypervolume(
    losses: np.ndarray, reference: tuple[float, float] = REFERENCE_POINTS["log"]
) -> float:
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


def evenly_along_arc(losses: np.ndarray, count: int) -> np.ndarray:
    """Return up to `count` distinct indices of sorted `losses` (n, 2), evenly along their arc."""
    if count >= len(losses):
        return np.arange(len(losses))
    arc = arc_of(losses)
    nearest = [int(np.abs(arc - at).argmin()) for at in np.linspace(0, arc[-1], count)]
    return np.unique(nearest)


def thinned(losses: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of `count` points of a sorted front that keep most hypervolume.

    The point whose removal costs the least area goes first, over and over; the ends stay.
    """
    visual, audio = losses.T.tolist()
    before = list(range(-1, len(losses) - 1))
    after = list(range(1, len(losses) + 1))

    def cost(i: int) -> float:
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


def arc_of(losses: np.ndarray) -> np.ndarray:
    """Return how far along their polyline sorted `losses` (n, 2) lie, each loss in its own span."""
    steps = np.hypot(*np.diff(normalised(losses), axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))
