"""A folder or a zip of pictures becomes their paths in the order a person would show them in."""

import os
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from moss.errors import InputError
from moss.media.files import checked_file, name_of
from moss.media.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_DIRECTORY_BYTES,
    MAX_PICTURE_BYTES,
    MAX_SLIDES,
    MAX_UNPACKED_BYTES,
)

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".avif", ".heic", ".heif", ".gif", ".bmp"),
    *(".tif", ".tiff", ".svg"),
)
WORKS = "a folder or a zip with PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or SVG pictures"
ZIP_SIGNATURE = b"PK\3\4"
END_BYTES = 22 + 65535  # of a zip: the record that tells where its directory is, and a comment
END_SIGNATURE, ZIP64_SIGNATURE = b"PK\5\6", b"PK\6\7"
ZIP64_BYTES = 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for any amount of memory
ENCRYPTED = 1  # a flag of a member
MAX_NAME = 60  # characters, which as UTF-8 are a name that every file system takes
CHUNK_BYTES = 2**20


def pictures_in(folder: str | os.PathLike) -> list[Path]:
    """Return the picture files of a folder, told by suffix, numbers in names in their order.

    Hidden files and the folders in it are left out; "p2" comes before "p10".

    Raises
    ------
    InputError
        No folder, one that may not be read, or no picture in it.
    """
    folder = Path(folder)
    name = name_of(folder)
    try:
        found = [each for each in folder.iterdir() if _is_shown(each.name) and each.is_file()]
    except FileNotFoundError as error:
        raise InputError(f"{name} was not found; give {WORKS}.") from error
    except NotADirectoryError as error:
        raise InputError(f"{name} is not a folder; give {WORKS}.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name[:80]!r} is a folder that cannot be read; give {WORKS}.") from error
    if not found:
        raise InputError(f"{name} has no pictures in it; give {WORKS}.")
    return sorted(found, key=natural_order)


def is_archive(path: str | os.PathLike) -> bool:
    """Return whether a file begins as a zip does; what cannot be read does not."""
    try:
        with Path(path).open("rb") as raw:
            return raw.read(len(ZIP_SIGNATURE)) == ZIP_SIGNATURE
    except (OSError, ValueError):
        return False


def unpack_pictures(archive: str | os.PathLike, folder: Path) -> list[Path]:
    """Write the pictures of a zip into `folder`, and return them in the order of `pictures_in`.

    Those of folders inside come after one another. Only their names are taken from the zip, each
    into a folder of its own, and what its directory says of their sizes is not believed.

    Raises
    ------
    InputError
        Damaged, with a password, packed by an unusual method, without pictures, or too large.
    """
    path = checked_file(archive, max_bytes=MAX_ARCHIVE_BYTES, works=WORKS)
    name = name_of(path)
    left, found = MAX_UNPACKED_BYTES, []
    try:
        with path.open("rb") as raw:
            _check_directory(raw, name)
            with zipfile.ZipFile(raw) as opened:
                members = [each for each in opened.infolist() if _is_shown(each.filename)]
                if not members:
                    raise InputError(f"{name} has no pictures in it; give {WORKS}.")
                if len(members) > MAX_SLIDES:
                    raise InputError(
                        f"{name} has {len(members)} pictures; up to {MAX_SLIDES} work."
                    )
                members.sort(key=lambda each: _natural_parts(PurePosixPath(each.filename)))
                for k, member in enumerate(members):
                    _check_member(member, name)
                    target = folder / str(k) / PurePosixPath(member.filename).name[-MAX_NAME:]
                    target.parent.mkdir(parents=True)
                    with opened.open(member) as source, target.open("wb") as out:
                        left -= _copy(source, out, min(left, MAX_PICTURE_BYTES), name)
                    found.append(target)
    except InputError:
        raise
    except Exception as error:  # broken zips make zipfile and zlib raise nearly anything
        raise InputError(f"{name} is a damaged zip; pack it again, or give a folder.") from error
    return found


def natural_order(path: Path) -> tuple[list[int | str], str]:
    """Return what sorts paths by their names, numbers in their order: "p2" before "p10"."""
    # The parts at 1, 3, 5 ... are digits, so that numbers are only compared with numbers. The name
    # itself decides between "p1" and "p01".
    parts = re.split(r"([0-9]+)", path.name.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], path.name


def _natural_parts(path: PurePosixPath) -> list[tuple[list[int | str], str]]:
    return [natural_order(Path(part)) for part in path.parts]


def _is_shown(name: str) -> bool:
    """Return whether the name of a file is a picture's and none of its folders is hidden."""
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and not name.endswith("/") and path.suffix.lower() in SUFFIXES


def _check_directory(raw: BinaryIO, name: str) -> None:
    """Refuse a directory that would fill the memory, which is read as a whole."""
    raw.seek(0, os.SEEK_END)
    raw.seek(-min(raw.tell(), END_BYTES + ZIP64_BYTES), os.SEEK_CUR)
    end = raw.read()
    at = end.rfind(END_SIGNATURE)
    size = int.from_bytes(end[at + 12 : at + 16], "little")
    enlarged = end[max(at - ZIP64_BYTES, 0) :].startswith(ZIP64_SIGNATURE)
    if at < 0:
        raise InputError(f"{name} is a zip that is cut short; pack or download it again.")
    if size > MAX_DIRECTORY_BYTES or enlarged:
        raise InputError(f"{name} has too many files in it; up to {MAX_SLIDES} pictures work.")


def _check_member(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & ENCRYPTED:
        raise InputError(f"{name} has a password; pack it without one, or give a folder.")
    if member.compress_type not in METHODS:
        raise InputError(f"{name} is packed in an unusual way; pack it as a plain zip.")


def _copy(source: IO[bytes], out: BinaryIO, most: int, name: str) -> int:
    """Copy up to `most` bytes and return how many there were."""
    count = 0
    while chunk := source.read(CHUNK_BYTES):
        count += len(chunk)
        if count > most:
            raise InputError(
                f"{name} unpacks to too much; up to {MAX_PICTURE_BYTES // 2**20} MiB a picture "
                f"and {MAX_UNPACKED_BYTES // 2**30} GiB in all work."
            )
        out.write(chunk)
    return count
