"""What a computation starts from, and which points of its front become sounds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from moss.blending.front import Front, audio_weight_of
from moss.blending.search import WarmStart
from moss.signal.pareto import non_dominated, normalised

NEW_POINTS = 3  # that one steer makes sounds of
# Of the span of each loss, together: two sounds nearer than this are too alike to have both.
LEAST_APART = 0.03


@dataclass(frozen=True)
class Heard:
    """A point whose sound was made before.

    mask : (height, width) uint8. losses : (2,) visual and audio loss, as designed.
    samples : (channels, samples) float32, as its file has them; gain : what they were raised by.
    """

    mask: np.ndarray
    losses: np.ndarray
    samples: np.ndarray
    gain: float

    @property
    def sound(self) -> np.ndarray:
        """The samples (channels, samples) at the level of the track."""
        return self.samples / np.float32(self.gain)


@dataclass(frozen=True)
class Task:
    """What a computation starts from; by default from nothing, which is a whole run.

    start : the front that the search goes on from.
    heard : points that have sounds; without any, the front's representatives get some.
    arc_span : where on the arc of the front, from 0 to 1, new points become sounds besides.
    music : the weight of the audio loss whose best point is the first of these; None for no such.
    only : the place in the front of `start` of the one point that becomes a sound besides;
        nothing is searched then, and there is no morph.
    """

    start: WarmStart | None = None
    heard: Sequence[Heard] = ()
    arc_span: tuple[float, float] | None = None
    music: float | None = None
    only: int | None = None


@dataclass(frozen=True)
class Points:
    """The points that become the sounds of a run, in order from music to picture.

    front : all masks found. Points that were heard are among them, even dominated ones.
    indices : (k,) of the points in `front`, rising. heard : {place in `indices`: point}.
    new : the places in `indices` of the points that the task asked for besides, rising.
    """

    front: Front
    indices: np.ndarray
    heard: dict[int, Heard] = field(default_factory=dict)
    new: Sequence[int] = ()


def points_of(front: Front, task: Task, representatives: int) -> Points:
    """Return which points of `front` become sounds, the same wherever it is asked.

    Points that were heard all stay, in order, also where a new point is better: a person
    knows them.
    """
    wanted = None if task.only is None else front.masks[task.only]
    if task.heard:
        front, kept = _with_heard(front, task.heard)
    else:
        kept = front.representatives(representatives)
    if wanted is not None:
        new = [next(i for i, mask in enumerate(front.masks) if np.array_equal(mask, wanted))]
    else:
        new = _asked_for(front, kept, task) if task.arc_span else []
    indices = np.union1d(kept, new).astype(int)
    places = {int(index): place for place, index in enumerate(indices)}
    heard = {places[int(i)]: point for i, point in zip(kept, task.heard, strict=False)}
    return Points(front, indices, heard, [places[index] for index in sorted(new)])


def _with_heard(front, heard):
    """The front and the heard points, sorted, and where each of those is."""
    masks, losses = np.stack([p.mask for p in heard]), np.stack([p.losses for p in heard])
    known = {mask.tobytes() for mask in masks}
    others = [i for i, mask in enumerate(front.masks) if mask.tobytes() not in known]
    masks = np.concatenate((masks, front.masks[others]))
    losses = np.concatenate((losses, front.losses[others]))
    order = np.lexsort((-losses[:, 0], losses[:, 1]))
    places = np.argsort(order)
    return Front(masks[order], losses[order]), places[: len(heard)]


def _asked_for(front, kept, task):
    """Of each part of the arc_span the point that is farthest from all that have sounds.

    The best by a weight is one of them. Where all is too near to what there is, there are fewer.
    """
    members = np.flatnonzero(non_dominated(front.losses))
    best = front.undominated()
    places = normalised(front.losses)
    choices = []
    if task.music is not None:
        choices.append(members[[best.best_at(audio_weight_of(best, task.music))]])
    bounds = np.linspace(*task.arc_span, NEW_POINTS - len(choices) + 1)
    choices += [members[(best.arc >= begin) & (best.arc <= end)] for begin, end in pairwise(bounds)]
    new = []
    for within in choices:
        taken = places[[*kept, *new]]
        apart = np.linalg.norm(places[within][:, None] - taken, axis=2).min(axis=1)
        if apart.max(initial=0.0) >= LEAST_APART:
            new.append(int(within[apart.argmax()]))
    return new
