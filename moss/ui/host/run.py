"""A run as the page and the endpoints do it: when it is its turn, where there is room for it."""

import secrets
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import gradio as gr

from moss.blending.prepared import Prepared
from moss.errors import OutputError
from moss.results.run import Run
from moss.sonification.design import Design
from moss.ui.host.files import temp_root
from moss.ui.host.result import Result, result_of
from moss.ui.host.room import FULL, Room
from moss.ui.host.turns import Turns, Waiting
from moss.usecases.compute import Compute, Event
from moss.usecases.sonify import Synthesise, synthesise

T = TypeVar("T")


@dataclass(frozen=True)
class Begun:
    """A run is at work; what lies in its `home` is deleted with its result, or when it fails."""

    home: Path


Item = Waiting | Begun | Prepared | Design | Event | Result | None


@dataclass(frozen=True)
class Order:
    """A run that somebody asks for; orders.py makes them.

    Attributes
    ----------
    name : of the result.
    make : the use case that fills the folder it is given.
    inputs : files that have to stay until it is done.
    size_bytes : about what it will leave.
    """

    name: str
    make: Callable[[Path], Generator[Prepared | Design | Event | Run, None, None]]
    inputs: tuple[Path, ...]
    size_bytes: int


@dataclass(frozen=True)
class Host:
    """What all runs on this machine share.

    Attributes
    ----------
    compute, synthesise : the heavy parts of a blend and of a sound.
    device : "cpu" or "cuda", where they work.
    results : the folder where copies of results stay, or None.
    room : of the temporary files.
    turns : whose turn it is.
    """

    compute: Compute
    device: str
    results: Path | None
    room: Room
    turns: Turns = field(default_factory=Turns)
    synthesise: Synthesise = synthesise

    def run(self, request: gr.Request | None, order: Order) -> Generator[Item, None, None]:
        """Yield what happens to `order`: `Waiting`, `Begun`, events, and the Result at last.

        None is yielded where it takes a while. A copy of the result stays in `results` unless
        that is None or cannot be written. Closing the generator ends the work, without waiting
        for it, and leaves nothing behind.

        Raises
        ------
        MossError
            What the use case raises.
        OutputError
            Too many runs wait already, or there is no room.
        """
        return self.run_work(
            request, lambda: self._run_in_a_home(order), order.inputs, order.size_bytes
        )

    def run_work(
        self,
        request: gr.Request | None,
        work: Callable[[], Generator[T, None, None]],
        inputs: Iterable[Path],
        size_bytes: int,
    ) -> Generator[T | Waiting | None, None, None]:
        """Yield `Waiting` until it is the visitor's turn, then what `work()` yields, and None.

        `inputs` stay until the end, and there is room for `size_bytes` when the work begins.

        Raises
        ------
        OutputError
            Too many runs wait already, or there is no room.
        """
        holder = secrets.token_hex(8)
        self.room.hold(holder, "inputs", *inputs)

        def work_within_room() -> Generator[T, None, None]:
            end_reservation = self.room.reserve(size_bytes)
            try:
                with closing(work()) as items:
                    yield from items
            finally:
                end_reservation()

        visitor = request.client.host if request and request.client else ""
        try:
            with closing(self.turns.run(visitor, work_within_room)) as items:
                yield from items
        finally:
            self.room.release(holder)

    def _run_in_a_home(self, order: Order) -> Generator[Item, None, None]:
        token = secrets.token_hex(16)
        home, result = run_home(token), None
        folder = home / "moss"
        self.room.hold(token, "home", home)  # However long a search takes, its files stay.
        try:
            home.mkdir()
            yield Begun(home)
            with closing(order.make(folder)) as items:
                for item in items:
                    if isinstance(item, Run):
                        result = result_of(folder, item.summary, order.name, self.results)
                        yield result
                    else:
                        yield item
        except OutputError as error:
            if self.results is None:  # A visitor cannot know whose disk it is.
                raise OutputError(FULL) from error
            raise
        finally:
            self.room.release(token)
            if result is None:
                shutil.rmtree(home, ignore_errors=True)


def run_home(token: str) -> Path:
    """Return the folder of the run with this `token`, which only the visitor who made it knows."""
    return temp_root() / f"run-{token}"
