"""A folder of results that appears when it is whole, or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from moss.errors import OutputError, TakenError
from moss.media.files import shown
from moss.temporary import abandoned_folders, owned_folder


@contextmanager
def new_folder(path: str | os.PathLike, *, overwrite: bool = False) -> Iterator[Path]:
    """Give an empty folder beside `path` to write into, and move it to `path` at the end.

    Nothing is left of it if the block is left by an exception. A folder that has something in
    it is replaced only with `overwrite`, and only once the new one is whole. What a killed process
    left beside `path` is cleared first; the folder that it was about to replace comes back.

    Raises
    ------
    OutputError
        `path` is taken or its parent cannot be written, which is found before anything else is
        done, or the disk is full.
    """
    link = Path(path).absolute()
    with ExitStack() as stack:
        try:
            _clear_leftovers(link)
            # A link to a folder stays, and what it names is written or replaced.
            path = Path(os.path.realpath(link))
            _clear_leftovers(path)
            _check_free(path, overwrite)
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = stack.enter_context(owned_folder(*_beside(path, ".part")))
        except OSError as error:
            raise OutputError(
                f"{shown(str(link))} cannot be written ({error.strerror}); choose another output "
                "folder."
            ) from error
        try:
            aside.chmod(0o777 & ~_umask())  # made so that only its owner can read it
            yield aside
            _check_free(path, overwrite)
            _move(aside, path)
        except OSError as error:
            raise OutputError(
                f"{shown(str(path))} cannot be written ({error.strerror or error}); "
                "free some space or choose another folder."
            ) from error


def _beside(path: Path, suffix: str) -> tuple[Path, str, str]:
    """Return where the folders lie that belong to `path`, and how their names begin and end."""
    return path.parent, f".{path.name}.", suffix


def _clear_leftovers(path: Path) -> None:
    """Delete what killed processes left beside `path`; what they were to replace comes back."""
    for old in abandoned_folders(*_beside(path, ".old")):
        if os.path.lexists(old / "run"):
            (old / "run").rename(old / "replaced" if _has_something(path) else path)
        shutil.rmtree(old, ignore_errors=True)
    for part in abandoned_folders(*_beside(path, ".part")):
        shutil.rmtree(part, ignore_errors=True)


def _check_free(path: Path, overwrite: bool) -> None:
    name = shown(str(path))
    if any(each.is_symlink() for each in (path, *path.parents)):  # after all were followed
        raise OutputError(
            f"{name} goes by a link that leads to itself; choose another output folder."
        )
    if path.exists() and not path.is_dir():
        raise OutputError(f"{name} is a file; give the output a folder's name.")
    if not overwrite and _has_something(path):
        raise TakenError(name)


def _has_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _move(aside: Path, path: Path) -> None:
    """Move the whole folder `aside` to `path`, whose old content is deleted."""
    if not path.exists():
        aside.rename(path)
        return
    # Owned as well, so that nobody else takes the run in it for one that a killed process left.
    with owned_folder(*_beside(path, ".old")) as old:
        try:
            path.rename(old / "run")
            aside.rename(path)
        finally:
            # An interrupt too must bring the old run back.
            if not path.exists() and os.path.lexists(old / "run"):
                (old / "run").rename(path)
        # Deleting takes a while, and what is left if that is cut short must never come back.
        (old / "run").rename(old / "replaced")


def _umask() -> int:
    """Return the rights that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
