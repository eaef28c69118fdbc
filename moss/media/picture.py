"""A picture file becomes luma as it is displayed."""

import os
import warnings
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image

from moss.errors import InputError
from moss.media.decoding import decode, open_picture, orientation_of, turned_upright
from moss.media.files import checked_file, name_of
from moss.media.limits import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, MIN_PICTURE_SIDE
from moss.media.luma import luma_of
from moss.media.svg import is_svg, rasterised

WORKS = "a PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or SVG picture"
MOST_MISSING = 0.75  # of a picture's rows; what has fewer left shows nothing that was meant
LEAST_CONTRAST = 0.5 / 255  # less than a step of 8 bits cannot be seen


@dataclass(frozen=True)
class Picture:
    """What a picture file shows.

    Attributes
    ----------
    luma : array of float32, (rows, columns)
        In [0, 1], row 0 on top.
    warning : str or None
        What somebody should know of it and did not stop it, in sentences.
    """

    luma: np.ndarray
    warning: str | None


def load_picture(path: str | os.PathLike) -> np.ndarray:
    """Return the luma of `read_picture` alone."""
    return read_picture(path).luma


def read_picture(path: str | os.PathLike) -> Picture:
    """Return a picture as it is displayed.

    The format is told by content; what moves or has pages gives its first frame. The orientation is
    applied; what it means for tone is `moss.media.luma`'s. Metadata that cannot be read is left
    out. Of a picture that is cut short, the rows that are missing are black.

    Raises
    ------
    InputError
        The file is missing, broken, no picture, or outside the limits.
    """
    path = checked_file(path, max_bytes=MAX_PICTURE_BYTES, works=WORKS)
    name = name_of(path)
    said = []
    try:
        # From a stream: Pillow 12 maps a named plain TIFF into memory before turning it upright,
        # with rows and columns confused.
        with path.open("rb") as file, warnings.catch_warnings(), ExitStack() as opened:
            # Pillow warns of sizes and odd metadata; the sizes are checked below.
            warnings.simplefilter("ignore")
            raw: BinaryIO = file
            if is_svg(raw):
                raw, left_out = rasterised(raw, name)
                if left_out:
                    said.append(f"{name} refers to other files, which are left out.")
            picture = opened.enter_context(open_picture(raw))
            _check_size(name, *picture.size)
            picture, missing, coarser = decode(picture, raw)
            opened.enter_context(picture)
            orientation = orientation_of(picture)
            luma, over_white = luma_of(picture, name)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(_too_large(name)) from error
    except Image.UnidentifiedImageError as error:
        raise InputError(f"{name} is not a picture that can be read; give {WORKS}.") from error
    except Exception as error:  # broken bytes make Pillow's decoders raise nearly anything
        raise InputError(_damaged(name)) from error
    share = (missing.stop - missing.start) / len(luma)
    if share > MOST_MISSING:
        raise InputError(_damaged(name))
    if share:
        luma[missing] = 0
        said.append(f"{name} is cut short: {max(1, round(100 * share))} % of it are missing.")
    if coarser:
        said.append(f"{name} is cut short and may look coarser than it was.")
    if over_white:
        said.append(f"{name} is dark and transparent, so white is laid under it.")
    if luma.max() - luma.min() < LEAST_CONTRAST:
        said.append(f"{name} has the same tone everywhere, so there is nothing to be seen in it.")
    return Picture(turned_upright(luma, orientation), " ".join(said) or None)


def _damaged(name: str) -> str:
    return f"{name} is damaged or cut short; save or download it again, or give {WORKS}."


def _too_large(name: str) -> str:
    return f"{name} has too many pixels; up to {MAX_PICTURE_PIXELS / 1e6:.0f} million works."


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > MAX_PICTURE_PIXELS:
        raise InputError(_too_large(name))
    if min(width, height) < MIN_PICTURE_SIDE:
        raise InputError(
            f"{name} is {width} x {height} pixels; "
            f"at least {MIN_PICTURE_SIDE} x {MIN_PICTURE_SIDE} works."
        )
