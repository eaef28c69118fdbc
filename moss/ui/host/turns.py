"""Whose turn it is: one run at a time on this machine, and a fair queue of those that wait."""

import contextvars
import queue
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from moss.errors import OutputError
from moss.parallel import TICK_S

T = TypeVar("T")

MAX_WAITING = 20
RESERVED_SHARE = 0.25  # of the places, for visitors none of whose runs waits


@dataclass(frozen=True)
class Waiting:
    """A run is not at work yet: `ahead` others come before it; with none, its turn has come."""

    ahead: int


@dataclass(frozen=True)
class _Ticket:
    visitor: str
    number: int


class Turns:
    """Lets `at_once` runs work at a time, and `max_waiting` wait.

    First come, first served, but of a visitor who has several runs here only the first one counts
    as such: the second comes after everybody's first, and so on.
    """

    def __init__(self, at_once: int = 1, max_waiting: int = MAX_WAITING) -> None:
        self._at_once, self._max_waiting = at_once, max_waiting
        self._working: list[_Ticket] = []
        self._waiting: list[_Ticket] = []
        self._condition = threading.Condition()
        self._last_number = 0
        # How many runs of a visitor have begun; forgotten when the visitor has no more runs here.
        self._begun: Counter[str] = Counter()

    def run(
        self, visitor: str, work: Callable[[], Generator[T, None, None]]
    ) -> Generator[T | Waiting | None, None, None]:
        """Yield `Waiting` until it is the turn of `visitor`, then what `work()` yields.

        The iterator of `work` lives in a thread of its own. None is yielded where it takes a
        while, so that whoever closes this generator never waits for long: the work is told to
        end, and the next one begins when it has.

        Raises
        ------
        OutputError
            Too many runs wait already.
        Exception
            Whatever the work raises.
        """
        ticket = self._enqueue(visitor)
        is_working = False
        try:
            while ahead := self._wait_a_tick(ticket):
                yield Waiting(ahead)
            yield Waiting(0)
            is_working = True
        finally:
            if not is_working:
                self._end(ticket)
        yield from _iterate_in_thread(work, lambda: self._end(ticket))

    def _enqueue(self, visitor: str) -> _Ticket:
        with self._condition:
            has_one = any(each.visitor == visitor for each in self._waiting)
            reserved = int(RESERVED_SHARE * self._max_waiting) if has_one else 0
            if len(self._waiting) >= self._max_waiting - reserved:
                raise OutputError(
                    f"{len(self._waiting)} runs are waiting already, and no more can; "
                    "try again in a few minutes."
                )
            self._last_number += 1
            ticket = _Ticket(visitor, self._last_number)
            self._waiting.append(ticket)
            return ticket

    def _wait_a_tick(self, ticket: _Ticket) -> int:
        """Wait for a moment, and return how many come before `ticket`; 0 lets it begin."""
        with self._condition:
            self._condition.wait_for(lambda: not self._count_ahead(ticket), TICK_S)
            ahead = self._count_ahead(ticket)
            if not ahead:
                self._waiting.remove(ticket)
                self._working.append(ticket)
                self._begun[ticket.visitor] += 1
            return ahead

    def _count_ahead(self, ticket: _Ticket) -> int:
        free = self._at_once - len(self._working)
        before = self._in_order().index(ticket)
        return 0 if before < free else before + len(self._working)

    def _in_order(self) -> list[_Ticket]:
        counts, rounds = Counter(self._begun), {}
        for ticket in self._waiting:
            rounds[ticket] = counts[ticket.visitor]
            counts[ticket.visitor] += 1
        # Sorting is stable: within a round, who came first is first.
        return sorted(self._waiting, key=lambda ticket: rounds[ticket])

    def _end(self, ticket: _Ticket) -> None:
        with self._condition:
            (self._working if ticket in self._working else self._waiting).remove(ticket)
            if all(each.visitor != ticket.visitor for each in (*self._working, *self._waiting)):
                self._begun.pop(ticket.visitor, None)
            self._condition.notify_all()


class _End:
    """The end of the work of a thread, by `error` unless that is None."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _iterate_in_thread(
    work: Callable[[], Generator[T, None, None]], on_end: Callable[[], None]
) -> Generator[T | None, None, None]:
    """Yield what `work()` yields in a thread of its own, which calls `on_end` at last."""
    items: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
    is_cancelled = threading.Event()

    def iterate() -> None:
        end = _End()
        try:
            with closing(work()) as iterator:
                for item in iterator:
                    items.put(item)
                    if is_cancelled.is_set():
                        break
        except BaseException as error:  # It is raised again in the thread that reads.
            end = _End(error)
        finally:
            on_end()
            items.put(end)

    # The context holds what gradio and ZeroGPU know of the visitor.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(iterate,), daemon=True).start()
    try:
        while True:
            try:
                item = items.get(timeout=TICK_S)
            except queue.Empty:
                yield None
                continue
            if isinstance(item, _End):
                if item.error:
                    raise item.error
                return
            yield item
    finally:
        is_cancelled.set()
