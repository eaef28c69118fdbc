"""The use cases, end to end: a picture and a track become a folder of sounds."""

import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from moss.blending.front import Front
from moss.blending.prepared import Prepared, prepare
from moss.blending.search import WarmStart, front_from, search
from moss.blending.sounds import sounds_of
from moss.blending.task import Task, points_of
from moss.errors import MossError, OutputError
from moss.progress import Failed, RenderProgress, SearchProgress
from moss.results.folder import new_folder
from moss.results.write_run import Found, write_run
from moss.settings.blend import BlendSettings

Event = SearchProgress | RenderProgress | Failed
Compute = Callable[[Prepared, Task], Iterator[Event]]

WHOLE_RUN = Task()
NO_MEMORY = "There is too little memory for this run; choose a shorter part or fewer sounds."


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, and what its summary.json says."""

    folder: Path
    summary: dict[str, Any]


def find_front(prepared: Prepared, start: WarmStart | None = None) -> Iterator[SearchProgress]:
    """Search the Pareto front of `prepared`; the last event carries it."""
    return search(prepared.mixture, prepared.settings, prepared.mixture.audio.device, start)


def make_sounds(
    prepared: Prepared, front: Front, task: Task = WHOLE_RUN
) -> Iterator[RenderProgress]:
    """Make the sounds that the front's points still need; an event brings each as it is done.

    The last one carries the morph, whose index is the number of points, unless the task is about
    one point only.
    """
    started = time.perf_counter()
    points = points_of(front, task, prepared.settings.representatives)
    with_morph = task.only is None
    steps = len(points.indices) - len(points.heard) + with_morph
    found = sounds_of(
        prepared.waveform,
        prepared.mixture,
        prepared.views,
        points.front,
        points.indices,
        prepared.settings,
        {k: point.sound for k, point in points.heard.items()},
        morph=with_morph,
    )
    step = 0
    for each in found:
        sounds = dict([each]) if each else {}
        step += len(sounds)
        yield RenderProgress("sounds", step, steps, time.perf_counter() - started, sounds)


def front_and_sounds(prepared: Prepared, task: Task = WHOLE_RUN) -> Iterator[Event]:
    """Find the front of `prepared`, then make its sounds: all that is worth a faster device.

    Works on `prepared.device`, which may be there only in here. The events hold NumPy alone; an
    error that a person can do something about is one of them, `Failed`.
    """
    try:
        prepared = prepared.to(prepared.device)
        if task.only is not None:
            yield from make_sounds(prepared, task.start.front, task)
            return
        event = None
        for event in find_front(prepared, task.start):
            yield event
        yield from make_sounds(prepared, front_from(event), task)
    except MossError as error:
        yield Failed(str(error))
    except (MemoryError, torch.OutOfMemoryError):
        yield Failed(NO_MEMORY)


def checked(events: Iterator[Event]) -> Iterator[Event]:
    """Yield `events` of heavy work, and close them; MossError where it has failed."""
    with closing(events):
        for event in events:
            if isinstance(event, Failed):
                raise MossError(event.sentence)
            yield event


def never() -> bool:
    """Return False: the search is not to be stopped."""
    return False


def blend(
    picture: str | os.PathLike,
    audio: str | os.PathLike,
    output: str | os.PathLike,
    settings: BlendSettings,
    *,
    device: str = "cpu",
    overwrite: bool = False,
    compute: Compute = front_and_sounds,
    stop: Callable[[], bool] = never,
) -> Generator[Prepared | Event | Run, None, None]:
    """Blend a picture and a track into the folder `output`; the last item is the finished Run.

    Yields first what was prepared, then the progress of the search, of the sounds and of the
    files. The folder appears when it is whole: whatever ends the generator early leaves nothing
    behind. `compute` may be `front_and_sounds` behind a decorator. Once `stop()` is true, the
    search ends at its next event with masks, and the front that this one has becomes the run.

    Raises InputError for files and settings that cannot be used, OutputError where `output`
    cannot be written or has something in it and `overwrite` is false.
    """
    check_apart(output, picture, audio)
    with new_folder(output, overwrite=overwrite) as folder:
        started = time.perf_counter()
        prepared = prepare(picture, audio, settings, device)
        seconds = {"reading": time.perf_counter() - started}
        yield prepared
        found = yield from computed(prepared, WHOLE_RUN, compute, stop, seconds)
        summary = yield from write_run(prepared, found, folder, seconds)
    yield Run(Path(output), summary)


def computed(
    prepared: Prepared,
    task: Task,
    compute: Compute,
    stop: Callable[[], bool],
    seconds: dict[str, float],
) -> Generator[Event, None, Found]:
    """Yield the events of `compute` and return what they found; `seconds` gains each stage's.

    Where `stop()` is true after an event of the search that has masks, it is computed again from
    the front so far, which is then only measured.
    """
    log = _Log(seconds)
    stopped = yield from log.follow(checked(compute(prepared, task)), stop)
    if stopped:
        task = replace(task, start=WarmStart(front_from(log.last_masks)))
        yield from log.follow(checked(compute(prepared, task)), never)
    points = points_of(front_from(log.last_masks), task, prepared.settings.representatives)
    return Found(points, log.seeds, log.history, log.sounds)


def check_apart(output: str | os.PathLike, *inputs: str | os.PathLike) -> None:
    """Refuse an output folder that holds an input: replacing it would delete the input."""
    for path in inputs:
        if Path(output).resolve() in Path(path).resolve().parents:
            raise OutputError(
                f"{Path(path).name} lies in the output folder {output}; choose another folder."
            )


class _Log:
    """What the events of a computation brought."""

    def __init__(self, seconds):
        self._seconds, self._spent = seconds, 0.0
        self.history, self.seeds, self.sounds, self.last_masks = [], np.zeros((0, 2)), {}, None

    def follow(self, events, stop):
        """Yield `events`; return whether `stop()` ended the search."""
        self._spent = 0.0
        with closing(events):
            for event in events:
                self._add(event)
                yield event
                if _searching(event) and event.masks is not None and stop():
                    return True
        return False

    def _add(self, event):
        if isinstance(event, RenderProgress):
            self._seconds["sounds"] = event.elapsed_s
            self.sounds |= event.sounds
            return
        spent = event.elapsed_s - self._spent
        self._seconds[event.stage] = self._seconds.get(event.stage, 0.0) + spent
        self._spent = event.elapsed_s
        if event.masks is not None:
            self.last_masks = event
        if event.stage == "seeding":
            self.seeds = event.losses[event.on_front]
        self.history.append(replace(event, masks=None))


def _searching(event):
    done = event.stage == "front" and event.step == event.steps
    return isinstance(event, SearchProgress) and not done
