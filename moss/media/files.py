"""Whether a path can be read at all, and what its bytes hash to."""

import errno
import hashlib
import os
import re
import stat
import unicodedata
from pathlib import Path

from moss.errors import InputError

FilePath = str | os.PathLike[str]
# What cannot be shown: halves of bytes that are not UTF-8, control characters, ends of lines.
UNSHOWN = ("Cs", "Cc", "Zl", "Zp")
INSTEAD = "\ufffd"
# As `Path` leaves a web address: with one slash.
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/+[^/]", re.IGNORECASE)


def name_of(path: FilePath) -> str:
    """Return the last part of a path, which is how a person knows the file, as one can show it."""
    return shown(Path(path).name or str(path))


def shown(text: str) -> str:
    """Return a name or a path with a sign in the place of each character that cannot be shown."""
    return "".join(INSTEAD if unicodedata.category(each) in UNSHOWN else each for each in text)


def checked_file(path: str | os.PathLike, *, max_bytes: int, works: str) -> Path:
    """Return `path` as a Path if it is a readable file of 1 to `max_bytes` bytes.

    `works` names what would do instead, such as "a PNG or JPEG picture".

    Raises
    ------
    InputError
        Missing, a folder, not a regular file, unreadable, empty, or too large.
    """
    path = Path(path)
    name = name_of(path)
    try:
        status = path.stat()
    except PermissionError as error:
        raise InputError(f"{name} is in a folder that may not be read; allow it.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        if ADDRESS.match(str(path)):
            raise InputError(f"{name} is a web address; download it and give the file.") from error
        raise InputError(f"{name} was not found; check its name and its folder.") from error
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ELOOP:
            raise InputError(f"{name} is a link that leads to itself; give {works}.") from error
        raise InputError(f"{name[:80]!r} is not a usable file name; give {works}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{name} is a folder; give {works}.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{name} is not a regular file; give {works}.")
    if not os.access(path, os.R_OK):
        raise InputError(f"{name} may not be read; give yourself permission to read it.")
    if status.st_size == 0:
        raise InputError(f"{name} is empty (0 bytes); give {works}.")
    if status.st_size > max_bytes:
        raise InputError(
            f"{name} has {status.st_size / 2**20:,.0f} MiB; up to {max_bytes // 2**20:,} MiB works."
        )
    return path


def recorded_input(path: str | os.PathLike) -> dict[str, str]:
    """Return the path and the SHA-256 of a file that a result is made of."""
    return {"path": str(Path(path).resolve()), "sha256": sha256_of(path)}


def sha256_of(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits, read piece by piece.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    path = Path(path)
    try:
        with path.open("rb") as raw:
            return hashlib.file_digest(raw, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{name_of(path)} cannot be read; check that the file exists.") from error
