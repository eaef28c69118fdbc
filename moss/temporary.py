"""Temporary folders that last as long as the process that made them, however it ends.

A process that is killed cleans nothing up. Each folder is therefore locked by the process that owns
it. The kernel lets go of the lock when the process ends, so a folder that can be locked is
abandoned, and the next process that looks deletes it. A number of a process in its name would not
do: numbers are given again, and the processes of two containers have the same ones.

The lock is the folder's own, so that it moves with the folder when that is renamed, and nothing is
left once the folder is gone. The package filelock was tried: it locks only files, which it opens
for writing, and refuses a folder with IsADirectoryError. A lock file in the folder would become
part of a result, and one beside it would stay behind when the process is killed.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

try:
    fcntl: ModuleType | None = import_module("fcntl")
except ImportError:  # Windows: folders have no owner, and none is ever called abandoned
    fcntl = None

# No name that a person would give to a folder of results in the same place.
NAME = ("moss-", ".temp")


@contextmanager
def temporary_folder(parent: str | os.PathLike | None = None) -> Iterator[Path]:
    """Give an empty folder in `parent`, and delete it at the end of the block.

    `parent` is made where it is missing, and is the system's folder for temporary files unless
    given. What killed processes of MOSS left there is deleted first.

    Raises
    ------
    OSError
        The folder cannot be made.
    """
    parent = Path(parent or tempfile.gettempdir()).resolve()
    parent.mkdir(parents=True, exist_ok=True)
    for folder in abandoned_folders(parent, *NAME):
        shutil.rmtree(folder, ignore_errors=True)
    with owned_folder(parent, *NAME) as folder:
        yield folder


@contextmanager
def owned_folder(parent: Path, prefix: str, suffix: str) -> Iterator[Path]:
    """Make a folder in `parent` that this process owns, and delete it at the end of the block.

    Its name is `prefix`, eight characters, `suffix`. It may be moved away in the block.

    Raises
    ------
    OSError
        It cannot be made.
    """
    folder, lock = _make_owned(parent, prefix, suffix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def abandoned_folders(parent: Path, prefix: str, suffix: str) -> Iterator[Path]:
    """Yield the folders that `owned_folder` made in `parent` and whose process has ended.

    No other process is given the same one before the next is asked for. A `parent` that is not
    there or cannot be read has none.
    """
    name = re.compile(f"{re.escape(prefix)}[a-z0-9_]{{8}}{re.escape(suffix)}")
    found = []
    with suppress(OSError):
        found = [each for each in parent.iterdir() if name.fullmatch(each.name)]
    if fcntl is None:
        return
    for folder in found:
        lock = None
        try:
            lock = _open_folder(folder)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # owned, gone, another person's, or on a disk that has no locks
            pass
        else:
            yield folder
        finally:
            if lock is not None:
                os.close(lock)


def _make_owned(parent: Path, prefix: str, suffix: str) -> tuple[Path, int | None]:
    """Return a new folder and the file descriptor of its lock, None on a system without locks."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=parent))
        if fcntl is None:
            return folder, None
        # Until it is locked it looks abandoned. Whoever takes it for that holds the lock until it
        # is deleted, so the lock is waited for, and where the folder is gone then, comes another.
        with suppress(FileNotFoundError):
            lock = _open_folder(folder)
            with suppress(OSError):  # a disk that has no locks: then it is never called abandoned
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _open_folder(folder: Path) -> int:
    """Return a file descriptor of a folder, for its lock."""
    # Never a link, which in a folder that everybody writes to could lead anywhere.
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
