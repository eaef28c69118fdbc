"""Independent pieces of work on all processor cores, which end early once nobody wants them."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

import torch

MAX_WORKERS = 8
TICK_S = 0.2  # a generator that waits for a piece of work yields as often, so that it can be closed

_of_this_thread = threading.local()

Item = TypeVar("Item")
Result = TypeVar("Result")


class Cancelled(Exception):  # noqa: N818  (nothing is wrong)
    """The pool that this piece of work belongs to is closing."""


def check_cancelled() -> None:
    """Raise Cancelled in a worker whose pool is closing; elsewhere do nothing.

    Long work calls it every few milliseconds, so that closing a pool is a matter of those.
    """
    closing = getattr(_of_this_thread, "closing", None)
    if closing is not None and closing.is_set():
        raise Cancelled


class Workers:
    """A pool of threads that each run PyTorch on one core.

    One piece of work per core beats splitting each small operation over the cores: torch
    releases the interpreter's lock, and nothing waits at a barrier for a core that another
    program holds, which on a shared machine costs a factor of ten and more.

    Parameters
    ----------
    device : torch.device or str
        On the CPU there is a thread per core, up to MAX_WORKERS; another device has one thread.
    """

    def __init__(self, device: torch.device | str = "cpu") -> None:
        on_cpu = torch.device(device).type == "cpu"
        self.count = min(os.cpu_count() or 1, MAX_WORKERS) if on_cpu else 1
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(self.count, initializer=self._begin_thread)

    def _begin_thread(self) -> None:
        torch.set_num_threads(1)
        _of_this_thread.closing = self._closing

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return [function(item) for item in items], in order."""
        return list(self._pool.map(function, items))

    def as_completed(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[int, Result] | None]:
        """Yield (index, function(item)) as each is done, and None where that takes a while."""
        futures = {self._pool.submit(function, item): i for i, item in enumerate(items)}
        while futures:
            done, _ = wait(futures, TICK_S, FIRST_COMPLETED)
            if not done:
                yield None
            for future in done:
                yield futures.pop(future), future.result()

    def gather(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[list[Result | None]]:
        """Yield [function(item) for item in items] again and again, None for what is not done.

        It is the same list each time, and whole at the end.
        """
        results: list[Result | None] = [None] * len(items)
        yield results
        for found in self.as_completed(function, items):
            if found:
                results[found[0]] = found[1]
            yield results

    def close(self) -> None:
        """Drop what has not begun, end early what has, and wait for that."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def workers(device: torch.device | str = "cpu") -> Iterator[Workers]:
    """Give a pool of workers and close it at the end, however the end comes."""
    pool = Workers(device)
    try:
        yield pool
    finally:
        pool.close()
