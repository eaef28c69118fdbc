"""What a computation starts from, and which points of its front become sounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from moss.blending.front import Front, audio_weight_of
from moss.progress import RenderProgress
from moss.signal.pareto import non_dominated, normalised

NEW_POINTS = 3  # that one steer makes sounds of
# Of the span of each loss, together: two sounds nearer than this are too alike to have both.
LEAST_APART = 0.03


@dataclass(frozen=True)
class Heard:
    """A point whose sound was made before.

    Attributes
    ----------
    mask : (height, width) uint8.
    losses : (2,) visual and audio loss, as designed.
    samples : (channels, samples) float32, as its file has them.
    gain : what they were raised by.
    analysed : the same at the rate of the analysis, where the file has another.
    """

    mask: np.ndarray
    losses: np.ndarray
    samples: np.ndarray
    gain: float
    analysed: np.ndarray | None = None

    @property
    def sound(self) -> np.ndarray:
        """What is heard (channels, samples) at the rate of the analysis and the track's level."""
        samples = self.samples if self.analysed is None else self.analysed
        return samples / np.float32(self.gain)


@dataclass(frozen=True)
class FreshSearch:
    """A search from nothing; the representatives of its front become sounds.

    Attributes
    ----------
    drafts : whether those of its first sketch become drafts of sounds meanwhile.
    """

    drafts: bool = False

    @property
    def heard(self) -> Sequence[Heard]:
        """No point has a sound yet."""
        return ()


@dataclass(frozen=True)
class SteeredSearch:
    """A search that goes on from a front, and new points of it that become sounds.

    Attributes
    ----------
    front : where the search starts.
    arc_span : where on its arc, from 0 to 1, to look further.
    heard : points that have sounds; without any, the front's representatives get some.
    music : the share of the audio loss, in (0, 1), whose best point is the first of the new
        ones; None where no such point is wanted.
    """

    front: Front
    arc_span: tuple[float, float]
    heard: Sequence[Heard] = ()
    music: float | None = None


@dataclass(frozen=True)
class OnePoint:
    """No search: point `index` of a `front` becomes a sound beside those `heard`."""

    front: Front
    index: int
    heard: Sequence[Heard]


@dataclass(frozen=True)
class StoppedSearch:
    """No search any more: its `front` so far is measured, and the `task`'s sounds are drafts."""

    front: Front
    task: FreshSearch | SteeredSearch

    @property
    def heard(self) -> Sequence[Heard]:
        """The points that have sounds."""
        return self.task.heard


@dataclass(frozen=True)
class Points:
    """The points that become the sounds of a run, in order from music to picture.

    Attributes
    ----------
    front : all masks found. Points that were heard are among them, even dominated ones.
    indices : (k,) of the points in `front`, rising.
    heard : {place in `indices`: number of the task's heard point}.
    new : the places in `indices` of the points that the task asked for besides, rising.
    """

    front: Front
    indices: np.ndarray
    heard: dict[int, int] = field(default_factory=dict)
    new: Sequence[int] = ()


@dataclass(frozen=True)
class StoppedSounds:
    """No search: of the `points` of a `task` some are `made`, {k: sound}, the others are drafts."""

    points: Points
    made: Mapping[int, np.ndarray]
    task: FreshSearch | SteeredSearch

    @property
    def heard(self) -> Sequence[Heard]:
        """The points that have sounds."""
        return self.task.heard


Task = FreshSearch | SteeredSearch | OnePoint | StoppedSearch | StoppedSounds


@dataclass(frozen=True)
class SoundsProgress(RenderProgress):
    """The first event of the sounds of a run, which says what `points` get them."""

    points: Points | None = None


@dataclass(frozen=True)
class DraftsProgress(RenderProgress):
    """How far the drafts of the sounds are, in the midst of a search; the stage is "drafts".

    Attributes
    ----------
    points : the sketch of the front and which of it become drafts, in the first event.
    """

    points: Points | None = None


def points_of(
    front: Front, task: FreshSearch | SteeredSearch | OnePoint | StoppedSearch, representatives: int
) -> Points:
    """Return which points of `front` become sounds.

    Points that were heard all stay, in order, also where a new point is better: a person
    knows them.
    """
    mask = front.masks[task.index] if isinstance(task, OnePoint) else None
    if task.heard:
        front, kept = _with_heard(front, task.heard)
    else:
        kept = front.representatives(representatives)
    steered = task.task if isinstance(task, StoppedSearch) else task
    new: list[int] = []
    if mask is not None:
        new = [next(i for i, each in enumerate(front.masks) if np.array_equal(each, mask))]
    elif isinstance(steered, SteeredSearch):
        new = _new_points(front, kept, steered)
    indices = np.union1d(kept, new).astype(int)
    places = {int(index): place for place, index in enumerate(indices)}
    heard = {places[int(kept[number])]: number for number in range(len(task.heard))}
    return Points(front, indices, heard, [places[index] for index in sorted(new)])


def _with_heard(front: Front, heard: Sequence[Heard]) -> tuple[Front, np.ndarray]:
    """Return the front and the heard points, sorted, and where each of those is."""
    masks, losses = np.stack([p.mask for p in heard]), np.stack([p.losses for p in heard])
    known = {mask.tobytes() for mask in masks}
    others = [i for i, mask in enumerate(front.masks) if mask.tobytes() not in known]
    masks = np.concatenate((masks, front.masks[others]))
    losses = np.concatenate((losses, front.losses[others]))
    order = np.lexsort((-losses[:, 0], losses[:, 1]))
    places = np.argsort(order)
    return Front(masks[order], losses[order]), places[: len(heard)]


def _new_points(front: Front, kept: np.ndarray, task: SteeredSearch) -> list[int]:
    """Return, of each part of the arc span, the point that is farthest from all that have sounds.

    The best by a share of music is one of them. Where all is too near to what there is, there
    are fewer.
    """
    members = np.flatnonzero(non_dominated(front.losses))
    best = front.undominated()
    places = normalised(front.losses)
    choices = []
    if task.music is not None:
        choices.append(members[[best.best_at(audio_weight_of(best, task.music))]])
    bounds = np.linspace(*task.arc_span, NEW_POINTS - len(choices) + 1)
    choices += [members[(best.arc >= begin) & (best.arc <= end)] for begin, end in pairwise(bounds)]
    new: list[int] = []
    for within in choices:
        taken = places[[*kept, *new]]
        apart = np.linalg.norm(places[within][:, None] - taken, axis=2).min(axis=1)
        if apart.max(initial=0.0) >= LEAST_APART:
            new.append(int(within[apart.argmax()]))
    return new
