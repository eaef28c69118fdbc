"""A folder of results that appears when it is whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moss.errors import OutputError


@contextmanager
def new_folder(path: str | os.PathLike, *, overwrite: bool = False) -> Iterator[Path]:
    """Give an empty folder beside `path` to write into, and move it to `path` at the end.

    Nothing is left of it if the block is left by an exception. A folder that has something in
    it is replaced only with `overwrite`, and only once the new one is whole. Raises OutputError
    before anything else is done if `path` is taken or its parent cannot be written.
    """
    path = Path(path).absolute()
    try:
        _check_free(path, overwrite)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}); choose another output folder."
        ) from error
    try:
        aside.chmod(0o777 & ~_umask())  # mkdtemp makes folders that only their owner can read
        yield aside
        _check_free(path, overwrite)
        _move(aside, path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}); "
            "free some space or choose another folder."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _check_free(path, overwrite):
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path} is a file; give the output a folder's name.")
    if path.is_dir() and not overwrite and any(path.iterdir()):
        raise OutputError(
            f"{path} has something in it; choose another folder, or --overwrite to replace it."
        )


def _move(aside, path):
    if not path.exists():
        aside.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
    path.rename(old / "run")
    try:
        aside.rename(path)
    except BaseException:  # an interrupt too must bring the old run back
        (old / "run").rename(path)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
