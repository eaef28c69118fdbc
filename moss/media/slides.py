"""A folder of pictures becomes their paths in the order in which a person would show them."""

import os
import re
from pathlib import Path

from moss.errors import InputError
from moss.media.files import name_of

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
WORKS = "a folder with PNG, JPEG, WebP, GIF, BMP or TIFF pictures"


def pictures_in(folder: str | os.PathLike) -> list[Path]:
    """Return the picture files of a folder, told by suffix, numbers in names in their order.

    Hidden files and the folders in it are left out; "p2" comes before "p10".

    Raises
    ------
        InputError: no folder, one that may not be read, or no picture in it.
    """
    folder = Path(folder)
    name = name_of(folder)
    try:
        found = [each for each in folder.iterdir() if _is_picture(each)]
    except FileNotFoundError as error:
        raise InputError(f"{name} was not found; give {WORKS}.") from error
    except NotADirectoryError as error:
        raise InputError(f"{name} is not a folder; give {WORKS}.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name[:80]!r} is a folder that cannot be read; give {WORKS}.") from error
    if not found:
        raise InputError(f"{name} has no pictures in it; give {WORKS}.")
    return sorted(found, key=natural_order)


def _is_picture(path: Path) -> bool:
    hidden = path.name.startswith(".")
    return not hidden and path.suffix.lower() in SUFFIXES and path.is_file()


def natural_order(path: Path) -> tuple:
    """Return what sorts paths by their names, numbers in their order: "p2" before "p10"."""
    # Odd parts are digits, so numbers only meet numbers; the name itself settles "p1" and "p01".
    parts = re.split(r"([0-9]+)", path.name.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], path.name
