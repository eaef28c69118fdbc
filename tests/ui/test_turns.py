"""One run at a time, a fair queue, and a machine that is free as soon as somebody leaves."""

import contextvars
import threading
from contextlib import closing
from itertools import islice

import pytest

from moss.errors import InputError, OutputError
from moss.ui.host.turns import Turns, Waiting
from tests.waiting import eventually


class Work:
    """Work that goes on until it is let go, and knows how it ended."""

    def __init__(self, log=None, name=""):
        self.let_go, self.begun, self.ended = (threading.Event() for _ in range(3))
        self._log, self._name = log if log is not None else [], name

    def __call__(self):
        self.begun.set()
        self._log.append(self._name)
        try:
            while not self.let_go.wait(0.01):
                yield "at work"
            yield "done"
        finally:
            self.ended.set()


def reading(turns, visitor, work):
    """Read all that a run yields in a thread; return the list, and the thread."""
    items = []
    thread = threading.Thread(target=lambda: items.extend(turns.run(visitor, work)), daemon=True)
    thread.start()
    return items, thread


def waiting_for(turns, visitor, work):
    """A run that has taken its place in the queue, read as far as that."""
    run = turns.run(visitor, work)
    assert isinstance(next(run), Waiting)
    return run


def test_one_works_while_the_others_wait_and_know_their_place():
    turns, first, second = Turns(), Work(), Work()
    with closing(turns.run("a", first)) as running:
        assert next(running) == Waiting(0)
        assert next(running) in ("at work", None)
        with closing(turns.run("b", second)) as waiting, closing(turns.run("c", Work())) as last:
            assert next(waiting) == Waiting(1)
            assert next(last) == Waiting(2)
            assert not second.begun.is_set()
            first.let_go.set()
            assert "done" in running
            eventually(lambda: next(waiting) == Waiting(0))
            second.let_go.set()
            assert "done" in waiting
            eventually(lambda: next(last) == Waiting(0))


def test_as_many_work_at_once_as_are_allowed():
    turns, works = Turns(at_once=2), [Work(), Work(), Work()]
    runs = [turns.run(str(k), work) for k, work in enumerate(works)]
    assert [next(run) for run in runs] == [Waiting(0), Waiting(0), Waiting(2)]
    for run in runs:
        run.close()


def test_nobodys_second_run_comes_before_anybodys_first():
    turns, log, block = Turns(), [], Work()
    _, blocking = reading(turns, "blocker", block)
    eventually(block.begun.is_set)
    threads = []
    for name in ("a1", "a2", "a3", "b1", "c1", "b2"):
        work = Work(log, name)
        work.let_go.set()
        run = waiting_for(turns, name[0], work)
        threads.append(threading.Thread(target=lambda run=run: list(run)))
    for thread in threads:
        thread.start()
    block.let_go.set()
    for thread in (blocking, *threads):
        thread.join()
    assert log == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_no_more_wait_than_may():
    turns, block = Turns(max_waiting=2), Work()
    running = turns.run("a", block)
    next(running)
    waiting = [waiting_for(turns, name, Work()) for name in "bc"]
    with pytest.raises(OutputError, match="2 runs are waiting already"):
        next(turns.run("d", Work()))
    waiting[0].close()
    waiting.append(waiting_for(turns, "d", Work()))
    for run in (running, *waiting):
        run.close()


def test_one_visitor_cannot_take_every_place():
    turns, block = Turns(max_waiting=8), Work()
    runs = [turns.run("a", block)]
    next(runs[0])
    for _ in range(6):
        runs.append(waiting_for(turns, "a", Work()))
    with pytest.raises(OutputError, match="6 runs are waiting already"):
        next(turns.run("a", Work()))
    other = waiting_for(turns, "b", Work())
    assert next(other) == Waiting(1)  # nobody's second run comes before it
    for run in (*runs, other):
        run.close()


@pytest.mark.parametrize("items", range(1, 5))
def test_who_leaves_frees_the_machine(items):
    turns, work, after = Turns(), Work(), Work()
    after.let_go.set()
    run = turns.run("a", work)
    list(islice(run, items))
    run.close()  # and does not wait for the end of the work
    assert "done" in turns.run("b", after)
    if items > 1:
        eventually(work.ended.is_set)


def test_who_leaves_the_queue_is_gone_from_it():
    turns, first, other = Turns(), Work(), Work()
    with closing(turns.run("a", first)) as running:
        next(running)
        left = waiting_for(turns, "b", other)
        behind = waiting_for(turns, "c", Work())
        left.close()
        assert next(behind) == Waiting(1)
        behind.close()
    assert not other.begun.is_set()


@pytest.mark.parametrize("error", [InputError("The track is silent."), MemoryError()])
def test_what_the_work_raises_is_raised_and_frees_the_machine(error):
    def failing():
        yield "at work"
        raise error

    turns, after = Turns(), Work()
    after.let_go.set()
    run = turns.run("a", failing)
    with pytest.raises(type(error)) as raised:
        list(run)
    assert raised.value is error
    assert "done" in turns.run("a", after)


def test_slow_work_yields_none_meanwhile():
    def slow():
        release.wait()
        yield "done"

    release = threading.Event()
    with closing(Turns().run("a", slow)) as run:
        assert list(islice(run, 3)) == [Waiting(0), None, None]
        release.set()
        assert "done" in run


def test_the_work_knows_who_is_asking():
    asking = contextvars.ContextVar("asking", default="nobody")
    asking.set("somebody")
    assert "somebody" in Turns().run("a", lambda: iter([asking.get()]))
