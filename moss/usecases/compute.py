"""The heavy part of a blend: the front is searched and its sounds are made, on one device."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

import numpy as np
import torch

from moss.allocation import give_back, keep_less
from moss.blending.front import Front
from moss.blending.prepared import Prepared
from moss.blending.search import WarmStart, front_from, search
from moss.blending.sounds import sounds_of
from moss.blending.task import (
    DraftsProgress,
    FreshSearch,
    OnePoint,
    Points,
    SoundsProgress,
    SteeredSearch,
    StoppedSearch,
    StoppedSounds,
    Task,
    points_of,
)
from moss.errors import MossError
from moss.progress import Failed, RenderProgress, SearchProgress
from moss.results.write_run import Found

Event = SearchProgress | RenderProgress | Failed
Progress = TypeVar("Progress", bound=SearchProgress | RenderProgress)
Compute = Callable[[Prepared, Task], Iterator[Event]]

NO_MEMORY = "There is too little memory for this run; choose a shorter part or fewer sounds."


def find_front(prepared: Prepared, start: WarmStart | None = None) -> Iterator[SearchProgress]:
    """Search the Pareto front of `prepared`; the last event carries it."""
    return search(prepared.mixture, prepared.settings, prepared.mixture.audio.device, start)


def make_sounds(
    prepared: Prepared, points: Points, task: Task | None = None
) -> Iterator[RenderProgress]:
    """Make the sounds that the `points` still need; an event brings each as it is done.

    The first event is a `SoundsProgress`, which says what points they are. The last one carries
    the morph, whose index is the number of points, unless the task is about one point only.
    What was stopped gets drafts.
    """
    started = time.perf_counter()
    task = task or FreshSearch()
    with_morph = not isinstance(task, OnePoint)
    there = {k: task.heard[number].sound for k, number in points.heard.items()}
    if isinstance(task, StoppedSounds):
        there |= task.made
    steps = len(points.indices) - len(there) + with_morph
    yield SoundsProgress("sounds", 0, steps, 0.0, points=points)
    drafts = isinstance(task, StoppedSearch | StoppedSounds)
    found = sounds_of(prepared, points, there, morph=with_morph, drafts=drafts)
    step = 0
    for each in found:
        sounds = dict([each]) if each else {}
        step += len(sounds)
        yield RenderProgress("sounds", step, steps, time.perf_counter() - started, sounds)


def make_drafts(prepared: Prepared, sketch: Front) -> Iterator[DraftsProgress]:
    """Make drafts of the sounds of a `sketch` of the front; an event brings each as it is done.

    The first event says what points they are.
    """
    started = time.perf_counter()
    points = points_of(sketch, FreshSearch(), prepared.settings.representatives)
    steps, step = len(points.indices), 0
    yield DraftsProgress("drafts", 0, steps, 0.0, points=points)
    for each in sounds_of(prepared, points, morph=False, drafts=True):
        sounds = dict([each]) if each else {}
        step += len(sounds)
        yield DraftsProgress("drafts", step, steps, time.perf_counter() - started, sounds)


def front_and_sounds(prepared: Prepared, task: Task | None = None) -> Iterator[Event]:
    """Find the front of `prepared`, then make its sounds: all that is worth a faster device.

    Works on `prepared.device`, which may be there only in here. The events hold NumPy alone; an
    error that a person can do something about is one of them, `Failed`. Without a `task` it is a
    fresh search.
    """
    task = task or FreshSearch()
    try:
        keep_less()
        prepared = prepared.to(prepared.device)
        points = yield from _points(prepared, task)
        give_back()  # a search leaves as much behind as it held
        yield from make_sounds(prepared, points, task)
    except MossError as error:
        yield Failed(str(error))
    except (MemoryError, torch.OutOfMemoryError):
        yield Failed(NO_MEMORY)


def _points(prepared: Prepared, task: Task) -> Generator[Event, None, Points]:
    """Return the points that a task makes sounds of; yield the events of its search, if any."""
    if isinstance(task, StoppedSounds):
        return task.points
    if isinstance(task, OnePoint):
        front = task.front
    else:
        event = None
        for event in find_front(prepared, _start_of(task)):
            yield event
            if event.is_sketch and isinstance(task, FreshSearch) and task.drafts:
                yield from make_drafts(prepared, front_from(event))
        assert event is not None, "a search always tells of its end"
        front = front_from(event)
    return points_of(front, task, prepared.settings.representatives)


def _start_of(task: FreshSearch | SteeredSearch | StoppedSearch) -> WarmStart | None:
    if isinstance(task, FreshSearch):
        return None
    return WarmStart(task.front, task.arc_span if isinstance(task, SteeredSearch) else None)


def raise_failures(events: Iterator[Progress | Failed]) -> Generator[Progress, None, None]:
    """Yield the `events` of heavy work, and close them at the end.

    Raises
    ------
    MossError
        The work has `Failed`.
    """
    try:
        for event in events:
            if isinstance(event, Failed):
                raise MossError(event.sentence)
            yield event
    finally:
        if isinstance(events, Generator):
            events.close()


def never() -> bool:
    """Return False: the search is not to be stopped."""
    return False


def compute_found(
    prepared: Prepared,
    task: FreshSearch | SteeredSearch,
    compute: Compute,
    stop: Callable[[], bool],
    seconds: dict[str, float],
) -> Generator[SearchProgress | RenderProgress, None, Found]:
    """Yield the events of `compute` and return what they found; `seconds` gains each stage's.

    Once `stop()` is true, what is there becomes the result: the front so far, as soon as it has as
    many points as there will be sounds, is only measured, and the sounds that are not made yet are
    drafts.
    """
    log = _Log(seconds, prepared.settings.representatives)
    if (yield from log.follow(compute(prepared, task), stop)):
        yield from log.follow(compute(prepared, log.stopped(task)), never)
    assert log.points is not None, "the sounds begin with their points"
    heard = {k: task.heard[number] for k, number in log.points.heard.items()}
    return Found(log.points, log.seeds, log.history, log.sounds, heard)


class _Log:
    """What the events of a computation brought."""

    def __init__(self, seconds: dict[str, float], enough: int):
        self._enough = enough  # masks to go on with
        self._seconds, self._spent, self._drafting = seconds, 0.0, 0.0
        self.history: list[SearchProgress] = []
        self.seeds = np.zeros((0, 2))
        self.sounds: dict[int, np.ndarray] = {}
        self._last_masks: SearchProgress | None = None
        self.points: Points | None = None

    def follow(
        self, events: Iterator[Event], stop: Callable[[], bool]
    ) -> Generator[SearchProgress | RenderProgress, None, bool]:
        """Yield `events`; return whether `stop()` ended the search or the sounds."""
        self._spent = self._drafting = 0.0
        with closing(raise_failures(events)) as wanted:
            for event in wanted:
                self._add(event)
                yield event
                is_last = event.stage == "sounds" and event.step == event.steps
                if self._last_masks is not None and not is_last and stop():
                    return True
        return False

    def stopped(self, task: FreshSearch | SteeredSearch) -> StoppedSearch | StoppedSounds:
        """Return what makes a result of what there is."""
        if self.points is not None:
            return StoppedSounds(self.points, self.sounds, task)
        assert self._last_masks is not None, "a search is stopped after an event with masks"
        return StoppedSearch(front_from(self._last_masks), task)

    def _add(self, event: SearchProgress | RenderProgress) -> None:
        if isinstance(event, DraftsProgress):
            self._seconds["drafts"] = self._drafting = event.elapsed_s
        elif isinstance(event, RenderProgress):
            self._add_sounds(event)
        else:
            self._add_search(event)

    def _add_sounds(self, event: RenderProgress) -> None:
        self._seconds["sounds"] = event.elapsed_s
        self.sounds |= event.sounds
        if isinstance(event, SoundsProgress):
            self.points = event.points

    def _add_search(self, event: SearchProgress) -> None:
        elapsed_s = event.elapsed_s - self._drafting
        spent = elapsed_s - self._spent
        self._seconds[event.stage] = self._seconds.get(event.stage, 0.0) + spent
        self._spent = elapsed_s
        if event.masks is not None and self._is_enough(event):
            self._last_masks = event
        if event.seeds is not None:
            self.seeds = event.seeds
        self.history.append(replace(event, masks=None))

    def _is_enough(self, event: SearchProgress) -> bool:
        return event.stage != "seeding" or event.on_front.sum() >= self._enough
