"""Independent pieces of work on all processor cores."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager

import torch

MAX_WORKERS = 8


class Workers:
    """A pool of threads that each run PyTorch on one core.

    One piece of work per core beats splitting each small operation over the cores: torch
    releases the interpreter's lock, and nothing waits at a barrier for a core that another
    program holds, which on a shared machine costs a factor of ten and more.
    """

    def __init__(self, device: torch.device | str = "cpu"):
        on_cpu = torch.device(device).type == "cpu"
        self.count = min(os.cpu_count() or 1, MAX_WORKERS) if on_cpu else 1
        self._pool = ThreadPoolExecutor(
            self.count, initializer=torch.set_num_threads, initargs=(1,)
        )

    def submit(self, function: Callable, *args) -> Future:
        """Start function(*args) on a core."""
        return self._pool.submit(function, *args)

    def map(self, function: Callable, items: Iterable) -> list:
        """Return [function(item) for item in items], in order."""
        return list(self._pool.map(function, items))

    def as_completed(self, function: Callable, items: Iterable) -> Iterator[tuple]:
        """Yield (index, function(item)) as each is done."""
        futures = {self._pool.submit(function, item): i for i, item in enumerate(items)}
        for future in as_completed(futures):
            yield futures[future], future.result()

    def close(self) -> None:
        """Drop what has not begun and wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def workers(device: torch.device | str = "cpu"):
    """Give a pool of workers and close it at the end, however the end comes."""
    pool = Workers(device)
    try:
        yield pool
    finally:
        pool.close()
