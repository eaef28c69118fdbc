"""The heavy part of a blend: the front is searched and its sounds are made, on one device."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

import numpy as np
import torch

from moss.blending.front import Front
from moss.blending.prepared import Prepared
from moss.blending.search import WarmStart, front_from, search
from moss.blending.sounds import sounds_of
from moss.blending.task import (
    FreshSearch,
    OnePoint,
    Points,
    SoundsProgress,
    SteeredSearch,
    StoppedSearch,
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
    prepared: Prepared, front: Front, task: Task | None = None
) -> Iterator[RenderProgress]:
    """Make the sounds that the front's points still need; an event brings each as it is done.

    The first event is a `SoundsProgress`, which says what points they are. The last one carries
    the morph, whose index is the number of points, unless the task is about one point only.
    """
    started = time.perf_counter()
    task = task or FreshSearch()
    points = points_of(front, task, prepared.settings.representatives)
    with_morph = not isinstance(task, OnePoint)
    steps = len(points.indices) - len(points.heard) + with_morph
    yield SoundsProgress("sounds", 0, steps, 0.0, points=points)
    found = sounds_of(
        prepared.waveform,
        prepared.mixture,
        prepared.views,
        points.front,
        points.indices,
        prepared.settings,
        {k: task.heard[number].sound for k, number in points.heard.items()},
        morph=with_morph,
    )
    step = 0
    for each in found:
        sounds = dict([each]) if each else {}
        step += len(sounds)
        yield RenderProgress("sounds", step, steps, time.perf_counter() - started, sounds)


def front_and_sounds(prepared: Prepared, task: Task | None = None) -> Iterator[Event]:
    """Find the front of `prepared`, then make its sounds: all that is worth a faster device.

    Works on `prepared.device`, which may be there only in here. The events hold NumPy alone; an
    error that a person can do something about is one of them, `Failed`. Without a `task` it is a
    fresh search.
    """
    task = task or FreshSearch()
    try:
        prepared = prepared.to(prepared.device)
        if isinstance(task, OnePoint):
            front = task.front
        else:
            event = None
            for event in find_front(prepared, _start_of(task)):
                yield event
            assert event is not None, "a search always tells of its end"
            front = front_from(event)
        yield from make_sounds(prepared, front, task)
    except MossError as error:
        yield Failed(str(error))
    except (MemoryError, torch.OutOfMemoryError):
        yield Failed(NO_MEMORY)


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

    Where `stop()` is true after an event of the search that has masks, it is computed again from
    the front so far, which is then only measured.
    """
    log = _Log(seconds)
    stopped = yield from log.follow(compute(prepared, task), stop)
    if stopped:
        assert log.last_masks is not None, "a search is stopped at an event with masks"
        measured = StoppedSearch(front_from(log.last_masks), task)
        yield from log.follow(compute(prepared, measured), never)
    assert log.points is not None, "the sounds begin with their points"
    heard = {k: task.heard[number] for k, number in log.points.heard.items()}
    return Found(log.points, log.seeds, log.history, log.sounds, heard)


class _Log:
    """What the events of a computation brought."""

    def __init__(self, seconds: dict[str, float]):
        self._seconds, self._spent = seconds, 0.0
        self.history: list[SearchProgress] = []
        self.seeds = np.zeros((0, 2))
        self.sounds: dict[int, np.ndarray] = {}
        self.last_masks: SearchProgress | None = None
        self.points: Points | None = None

    def follow(
        self, events: Iterator[Event], stop: Callable[[], bool]
    ) -> Generator[SearchProgress | RenderProgress, None, bool]:
        """Yield `events`; return whether `stop()` ended the search."""
        self._spent = 0.0
        with closing(raise_failures(events)) as wanted:
            for event in wanted:
                self._add(event)
                yield event
                if _is_searching(event) and stop():
                    return True
        return False

    def _add(self, event: SearchProgress | RenderProgress) -> None:
        if isinstance(event, RenderProgress):
            self._seconds["sounds"] = event.elapsed_s
            self.sounds |= event.sounds
            if isinstance(event, SoundsProgress):
                self.points = event.points
            return
        spent = event.elapsed_s - self._spent
        self._seconds[event.stage] = self._seconds.get(event.stage, 0.0) + spent
        self._spent = event.elapsed_s
        if event.masks is not None:
            self.last_masks = event
        if event.seeds is not None:
            self.seeds = event.seeds
        self.history.append(replace(event, masks=None))


def _is_searching(event: SearchProgress | RenderProgress) -> bool:
    """Whether `event` has the masks of a front that is still being searched."""
    if not isinstance(event, SearchProgress) or event.masks is None:
        return False
    return event.stage != "front" or event.step < event.steps
