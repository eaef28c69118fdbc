"""Whose turn it is: one run at a time on this machine, and a fair queue of those that wait."""

import contextvars
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from moss.errors import OutputError
from moss.parallel import TICK_S

MOST_WAITING = 20
KEPT_FREE = 0.25  # of the places, for visitors who have no run that waits


@dataclass(frozen=True)
class Waiting:
    """A run is not at work yet: `ahead` others come before it; with none, its turn has come."""

    ahead: int


@dataclass(frozen=True)
class _Ticket:
    visitor: str
    number: int


class Turns:
    """Lets `at_once` runs work at a time, and `most_waiting` wait.

    First come, first served, but of a visitor who has several runs here only the first one counts
    as such: the second comes after everybody's first, and so on.
    """

    def __init__(self, at_once: int = 1, most_waiting: int = MOST_WAITING):
        self._at_once, self._most_waiting = at_once, most_waiting
        self._working: list[_Ticket] = []
        self._waiting: list[_Ticket] = []
        self._changed = threading.Condition()
        self._given = 0
        self._turns_of = Counter()  # visitors who have runs here, until they have none

    def run(self, visitor: str, work: Callable[[], Iterator]) -> Iterator:
        """Yield `Waiting` until it is the turn of `visitor`, then what `work()` yields.

        The iterator of `work` lives in a thread of its own. None is yielded where it takes a
        while, so that whoever closes this generator never waits for long: the work is told to
        end, and the next one begins when it has. Raises what the work raises, and OutputError
        where too many wait.
        """
        ticket = self._take(visitor)
        is_working = False
        try:
            while ahead := self._ahead(ticket):
                yield Waiting(ahead)
            yield Waiting(0)
            is_working = True
        finally:
            if not is_working:
                self._end(ticket)
        yield from _in_a_thread(work, lambda: self._end(ticket))

    def _take(self, visitor):
        with self._changed:
            has_one = any(each.visitor == visitor for each in self._waiting)
            kept = int(KEPT_FREE * self._most_waiting) if has_one else 0
            if len(self._waiting) >= self._most_waiting - kept:
                raise OutputError(
                    f"{len(self._waiting)} runs are waiting already, and no more can; "
                    "try again in a few minutes."
                )
            self._given += 1
            ticket = _Ticket(visitor, self._given)
            self._waiting.append(ticket)
            return ticket

    def _ahead(self, ticket):
        """Wait for a moment, and return how many come before `ticket`; 0 lets it begin."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count_ahead(ticket), TICK_S)
            ahead = self._count_ahead(ticket)
            if not ahead:
                self._waiting.remove(ticket)
                self._working.append(ticket)
                self._turns_of[ticket.visitor] += 1
            return ahead

    def _count_ahead(self, ticket):
        free = self._at_once - len(self._working)
        before = self._in_order().index(ticket)
        return 0 if before < free else before + len(self._working)

    def _in_order(self):
        seen, rounds = Counter(self._turns_of), {}
        for ticket in self._waiting:
            rounds[ticket] = seen[ticket.visitor]
            seen[ticket.visitor] += 1
        return sorted(self._waiting, key=rounds.get)  # stable: who came first is first

    def _end(self, ticket):
        with self._changed:
            (self._working if ticket in self._working else self._waiting).remove(ticket)
            if all(each.visitor != ticket.visitor for each in (*self._working, *self._waiting)):
                self._turns_of.pop(ticket.visitor, None)
            self._changed.notify_all()


class _Over:
    """The work of a thread has ended, by `error` unless that is None."""

    def __init__(self, error=None):
        self.error = error


def _in_a_thread(work, ended):
    items, unwanted = queue.SimpleQueue(), threading.Event()

    def iterate():
        over = _Over()
        try:
            with closing(work()) as iterator:
                for item in iterator:
                    items.put(item)
                    if unwanted.is_set():
                        break
        except BaseException as error:  # it is raised again where somebody reads
            over = _Over(error)
        finally:
            ended()
            items.put(over)

    # What gradio and ZeroGPU know of the visitor is in the context.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(iterate,), daemon=True).start()
    try:
        while True:
            try:
                item = items.get(timeout=TICK_S)
            except queue.Empty:
                yield None
                continue
            if isinstance(item, _Over):
                if item.error:
                    raise item.error
                return
            yield item
    finally:
        unwanted.set()
