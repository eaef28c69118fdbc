"""What long work tells while it runs: frozen events of plain numbers and NumPy arrays."""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Generic, ParamSpec, TypeVar

import numpy as np

Item = TypeVar("Item")
Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


@dataclass(frozen=True)
class SearchProgress:
    """The state of a search: every evaluated point that still matters, and the front among them.

    Attributes
    ----------
    stage : "seeding", "evolution" or "front"; the one event of "front" is the last.
    step, steps : how far the stage is.
    elapsed_s : seconds since the search was called.
    losses : (n, 2) visual and audio loss, estimated. In the last event they are measured for some
        points along the front, those that become sounds above all, and corrected for the others.
    on_front : (n,) bool, the mutually non-dominated ones.
    hypervolume : of the front so far, against one of `moss.signal.pareto.REFERENCE_POINTS`.
    masks : (m, height, width) uint8, the m points on the front in the order of `losses`, where
        255 shows the picture; every two seconds and at the end, otherwise None.
    seeds : (s, 2) the measured losses of what the evolution begins with, evenly thinned; in the
        last event of the seeding, otherwise None.
    is_sketch : whether this is the first front that spans the whole trade-off. It has masks.
    """

    stage: str
    step: int
    steps: int
    elapsed_s: float
    losses: np.ndarray
    on_front: np.ndarray
    hypervolume: float
    masks: np.ndarray | None = None
    seeds: np.ndarray | None = None
    is_sketch: bool = False


@dataclass(frozen=True)
class RenderProgress:
    """How far the sounds and files of a run are: `step` of `steps` in `stage`.

    Attributes
    ----------
    stage : "sounds" or "files", before them "reading" where many files are read.
    sounds : {k: (channels, samples) float32} of the sounds that this event brings.
    """

    stage: str
    step: int
    steps: int
    elapsed_s: float
    sounds: Mapping[int, np.ndarray] = field(default_factory=dict)


# The stages of a blend, in order. A sound of what is visible has those of SOUND_STAGES.
BLEND_STAGES = ("seeding", "evolution", "front", "sounds", "files")
SOUND_STAGES = ("sounds", "files")


@dataclass(frozen=True)
class Failed:
    """The work has ended without a result; `sentence` says why.

    Of an exception that is raised in another process only the name of its class comes here.
    """

    sentence: str


class Work(Iterator[Item], Generic[Item, Result]):
    """Long work under way: an iterator of its events, whose last item is its result.

    Closing it ends the work and leaves nothing behind.
    """

    def __init__(self, items: Generator[Item, None, Result]):
        self._items = items
        self._result: list[Result] = []

    def __next__(self) -> Item:
        """Work on, and return the next event; what the work raises is raised here."""
        try:
            return next(self._items)
        except StopIteration as end:
            if not self._result and end.value is not None:
                self._result.append(end.value)
            raise

    def close(self) -> None:
        """End the work."""
        self._items.close()

    def result(self) -> Result:
        """Work to the end and return the result.

        Raises
        ------
        RuntimeError
            The work was closed, or has failed, before it had a result.
        """
        for _ in self:
            pass
        if not self._result:
            raise RuntimeError("This work has ended without a result; begin it anew.")
        return self._result[0]


def as_work(
    function: Callable[Parameters, Generator[Item, None, Result]],
) -> Callable[Parameters, Work[Item, Result]]:
    """Let a generator function that returns its result return `Work` instead of a generator."""

    @wraps(function)
    def begin(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Work[Item, Result]:
        return Work(function(*args, **kwargs))

    return begin
