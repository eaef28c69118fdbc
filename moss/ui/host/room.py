"""The temporary files of the page: within a bound, and what is in use among them stays."""

import asyncio
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from moss.errors import OutputError

MAX_BYTES = 8 * 2**30  # some eighty results of 30 s
MIN_FREE_BYTES = 2**28  # of the disk, to which other programs write as well
# What is younger stays: an upload whose run has not begun, a result that a program is fetching.
FRESH_S = 300.0
MAX_HOLD_S = 24 * 3600.0  # for a page that nobody closes, or a program that never opened one
SWEEP_S = 60.0
FULL = "There is no room for more files on this machine right now; try again in a few minutes."


class Room:
    """Keeps what lies in the folder `root` within `max_bytes`.

    Whatever is directly in `root` is kept or deleted as one. What nobody holds is deleted when it
    has not been used for `life_s` seconds, or, the oldest first, when room is needed. With a life
    of None only the latter. Where room is needed, a hold older than `life_s` keeps nothing.
    """

    def __init__(
        self, root: Path, *, max_bytes: int = MAX_BYTES, life_s: float | None = None
    ) -> None:
        self._root, self._max_bytes, self._life_s = root, max_bytes, life_s
        # By holder and what: since when, and which entries of the root.
        self._holds: dict[tuple[str, str], tuple[float, frozenset[Path]]] = {}
        self._reserved_bytes = 0
        self._lock = threading.RLock()

    def hold(self, holder: str, what: str, *paths: Path) -> None:
        """Keep what `paths` lie in for `holder`, in place of what it held before as `what`."""
        self.release(holder, what)
        if entries := frozenset(filter(None, map(self._entry, paths))):
            with self._lock:
                self._holds[holder, what] = time.time(), entries

    def release(self, holder: str, what: str | None = None) -> None:
        """End a hold of `holder`, or all of them: its entries count as used until now."""
        with self._lock:
            for key in [k for k in self._holds if k[0] == holder and what in (None, k[1])]:
                for entry in self._holds.pop(key)[1]:
                    with suppress(OSError):
                        os.utime(entry)

    @property
    def holders(self) -> set[str]:
        """Who holds something."""
        with self._lock:
            return {holder for holder, _ in self._holds}

    def reserve(self, size_bytes: int) -> Callable[[], None]:
        """Make room for `size_bytes` that are about to come; return what ends the reservation.

        Raises
        ------
        OutputError
            There is not as much room.
        """
        with self._lock:
            self._reserved_bytes += size_bytes
            try:
                self.sweep()
                if self._missing_bytes() > 0:
                    raise OutputError(FULL)
            except BaseException:
                self._reserved_bytes -= size_bytes
                raise

        def end() -> None:
            with self._lock:
                self._reserved_bytes -= size_bytes

        return end

    def sweep(self) -> None:
        """Delete what is too old, and what has to go so that there is room for what is reserved."""
        now = time.time()
        with self._lock:
            for key, (since, _) in list(self._holds.items()):
                if now - since > MAX_HOLD_S:
                    self.release(*key)
            held_since = {e: since for since, entries in self._holds.values() for e in entries}
            entries = sorted((_last_used(entry), entry) for entry in self._root.iterdir())
            free = [
                (used, e) for used, e in entries if e not in held_since and now - used > FRESH_S
            ]
            if self._life_s is not None:
                for used, entry in free:
                    if now - used > self._life_s:
                        _delete(entry)
                held = ((since, entry) for entry, since in held_since.items())
                free += sorted(each for each in held if now - each[0] > self._life_s)
            for _, entry in free:
                if self._missing_bytes() <= 0:
                    break
                _delete(entry)

    def _missing_bytes(self) -> int:
        """Return how many bytes have to go; with 0 or less there is room for what is reserved."""
        excess_bytes = _size_of(self._root) + self._reserved_bytes - self._max_bytes
        free_bytes = shutil.disk_usage(self._root).free - self._reserved_bytes
        return max(excess_bytes, MIN_FREE_BYTES - free_bytes)

    def _entry(self, path: Path) -> Path | None:
        """Return what `path` lies in of all that is directly in the root; None for elsewhere."""
        path = path.resolve()
        if path == self._root or not path.is_relative_to(self._root):
            return None
        return self._root / path.relative_to(self._root).parts[0]

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """Sweep every minute for as long as `app`, an ASGI application, is served."""
        task = asyncio.create_task(self._sweep_regularly())
        try:
            yield
        finally:
            task.cancel()

    async def _sweep_regularly(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await asyncio.to_thread(self.sweep)


def _paths_in(entry: Path) -> Iterator[Path]:
    """Yield `entry` and, where it is a folder, all files in it; links are not followed."""
    yield entry
    for folder, _, names in () if entry.is_symlink() else os.walk(entry):
        for name in names:
            yield Path(folder, name)


def _size_of(folder: Path) -> int:
    return sum(_status(path).st_size for path in _paths_in(folder))


def _last_used(entry: Path) -> float:
    return max(_status(path).st_mtime for path in _paths_in(entry))


def _status(path: Path) -> os.stat_result:
    try:
        return path.lstat()
    except OSError:  # It was deleted meanwhile.
        return os.stat_result([0] * 10)


def _delete(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        with suppress(OSError):
            entry.unlink()
