"""How much the page keeps: temporary files within a bound, what is in use among them."""

import asyncio
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from moss.errors import OutputError

MOST_BYTES = 8 * 2**30  # some eighty results of 30 s
LEAST_FREE_BYTES = 2**28  # of the disk, which others write to as well
FRESH_S = 300.0  # an upload whose run has not begun, a result that a program is fetching
LONGEST_HOLD_S = 24 * 3600.0  # of a page that is never closed, or that never was one
SWEEP_S = 60.0
FULL = "There is no room for more files on this machine right now; try again in a few minutes."


class Room:
    """Keeps what lies in the folder `root` within `most_bytes`.

    Whatever is directly in `root` is kept or deleted as one. What nobody holds is deleted when it
    has not been used for `life_s` seconds, or, the oldest first, when room is needed. With a life
    of None only the latter. A hold that is older than its `life_s` does not stand against need.
    """

    def __init__(self, root: Path, *, most_bytes: int = MOST_BYTES, life_s: float | None = None):
        self._root, self._most_bytes, self._life_s = root, most_bytes, life_s
        self._holds: dict[tuple[str, str], tuple[float, frozenset[Path]]] = {}
        self._promised = 0
        self._lock = threading.RLock()

    def hold(self, holder: str, what: str, *paths: Path) -> None:
        """Keep what `paths` lie in for `holder`, in place of what it held before as `what`."""
        self.let_go(holder, what)
        if entries := frozenset(filter(None, map(self._entry, paths))):
            with self._lock:
                self._holds[holder, what] = time.time(), entries

    def let_go(self, holder: str, what: str | None = None) -> None:
        """End a hold of `holder`, or all of them: what was held counts as used until now."""
        with self._lock:
            ended = [key for key in self._holds if key[0] == holder and what in (None, key[1])]
            for key in ended:
                for entry in self._holds.pop(key)[1]:
                    with suppress(OSError):
                        os.utime(entry)

    @property
    def holders(self) -> set[str]:
        """Who holds something."""
        with self._lock:
            return {holder for holder, _ in self._holds}

    def promise(self, size_bytes: int) -> Callable[[], None]:
        """Make room for `size_bytes` that are about to come; return what ends the promise.

        Raises OutputError where there is not as much room.
        """
        with self._lock:
            self._promised += size_bytes
            try:
                self.sweep()
                if self._missing(self._promised) > 0:
                    raise OutputError(FULL)
            except BaseException:
                self._promised -= size_bytes
                raise

        def end():
            with self._lock:
                self._promised -= size_bytes

        return end

    def sweep(self) -> None:
        """Delete what is too old, and what has to go so that there is room for what is promised."""
        now = time.time()
        with self._lock:
            for key, (since, _) in list(self._holds.items()):
                if now - since > LONGEST_HOLD_S:
                    self.let_go(*key)
            held = {e: since for since, entries in self._holds.values() for e in entries}
            entries = sorted((_last_used(entry), entry) for entry in self._root.iterdir())
            free = [(used, e) for used, e in entries if e not in held and now - used > FRESH_S]
            if self._life_s is not None:
                for used, entry in free:
                    if now - used > self._life_s:
                        _delete(entry)
                long_held = [(t, e) for e, t in held.items() if now - t > self._life_s]
                free += sorted(long_held)
            for _, entry in free:
                if self._missing(self._promised) <= 0:
                    break
                _delete(entry)

    def _missing(self, size_bytes):
        over = _size_of(self._root) + size_bytes - self._most_bytes
        left = shutil.disk_usage(self._root).free - size_bytes
        return max(over, LEAST_FREE_BYTES - left)

    def _entry(self, path):
        path = path.resolve()
        if path == self._root or not path.is_relative_to(self._root):
            return None
        return self._root / path.relative_to(self._root).parts[0]

    @asynccontextmanager
    async def kept(self, _) -> AsyncIterator[None]:
        """Sweep every minute for as long as the app that is served lives."""
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()

    async def _keep(self):
        while True:
            await asyncio.sleep(SWEEP_S)
            await asyncio.to_thread(self.sweep)


def _files_in(entry):
    yield entry
    for folder, _, names in () if entry.is_symlink() else os.walk(entry):
        for name in names:
            yield Path(folder, name)


def _size_of(folder):
    return sum(_status(path).st_size for path in _files_in(folder))


def _last_used(entry):
    return max(_status(path).st_mtime for path in _files_in(entry))


def _status(path):
    try:
        return path.lstat()
    except OSError:  # it was deleted meanwhile
        return os.stat_result([0] * 10)


def _delete(entry):
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        with suppress(OSError):
            entry.unlink()
