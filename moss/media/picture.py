"""A picture file becomes luma as it is displayed."""

import os
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageOps

from moss.errors import InputError
from moss.media.files import checked_file, name_of
from moss.media.limits import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, MIN_PICTURE_SIDE

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
WORKS = "a PNG, JPEG, WebP, GIF, BMP or TIFF picture"
BAND_PIXELS = 250_000  # of the largest pictures, whole copies would take gigabytes


def load_picture(path: str | os.PathLike) -> np.ndarray:
    """Return the luma of a picture as float32 (rows, columns) in [0, 1], row 0 on top.

    The format is told by content; a GIF or TIFF gives its first frame. The EXIF orientation
    is applied, transparency lies over black, colour becomes Rec. 601 luma in the file's own
    gamma-coded values. Grey of 16 bits keeps its precision; grey of 32 bits or floats, which
    has no fixed range, is scaled from its least to its greatest value.

    Raises
    ------
        InputError: the file is missing, broken, no picture, or outside the limits.
    """
    path = checked_file(path, max_bytes=MAX_PICTURE_BYTES, works=WORKS)
    name = name_of(path)
    try:
        # From a stream: Pillow 12 maps a named plain TIFF into memory before turning it upright,
        # with rows and columns confused.
        with path.open("rb") as raw, warnings.catch_warnings():
            # Pillow warns of sizes and odd metadata; the sizes are checked below.
            warnings.simplefilter("ignore")
            with Image.open(raw, formats=FORMATS) as picture:
                _check_size(name, *picture.size)
                picture.load()
                ImageOps.exif_transpose(picture, in_place=True)
                return _luma(picture, name)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(_too_large(name)) from error
    except Image.UnidentifiedImageError as error:
        raise InputError(f"{name} is not a picture that can be read; give {WORKS}.") from error
    except Exception as error:  # broken bytes make Pillow's decoders raise nearly anything
        raise InputError(
            f"{name} is damaged or cut short; save or download it again, or give {WORKS}."
        ) from error


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


def _luma(picture: Image.Image, name: str) -> np.ndarray:
    scale = _scale_of(picture, name) if picture.mode in ("I", "F") else None
    luma = np.empty((picture.height, picture.width), np.float32)
    for rows, band in _bands(picture):
        luma[rows] = _band_luma(band) if scale is None else scale(_doubles(band))
    return luma


def _bands(picture: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """Yield the picture in bands of rows, since every step copies all that it is given."""
    height = max(1, BAND_PIXELS // picture.width)
    for top in range(0, picture.height, height):
        bottom = min(top + height, picture.height)
        yield slice(top, bottom), picture.crop((0, top, picture.width, bottom))


def _band_luma(picture: Image.Image) -> np.ndarray:
    if picture.mode.startswith("I;16"):
        values = np.asarray(picture)
        luma = values.astype(np.float32) / np.float32(65535)
        transparent = picture.info.get("transparency")
        if transparent is not None:
            luma[values == transparent] = 0.0
        return luma
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        alpha = np.asarray(picture.getchannel("A"), dtype=np.float32) / np.float32(255)
    else:
        alpha = np.float32(1)
    # By way of RGB, since not every mode converts to grey directly.
    grey = picture if picture.mode == "L" else picture.convert("RGB").convert("L")
    return np.asarray(grey, dtype=np.float32) / np.float32(255) * alpha


def _doubles(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=np.float64)


def _scale_of(picture: Image.Image, name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return what takes values from the picture's least and greatest to 0 and 1."""
    low, high = np.inf, -np.inf
    for _, band in _bands(picture):
        values = _doubles(band)
        if not np.isfinite(values).all():
            raise InputError(f"{name} has pixels that are not finite numbers; give {WORKS}.")
        low, high = min(low, values.min()), max(high, values.max())
    if low == high:
        return lambda values: np.clip(values, 0, 1)
    return lambda values: (values - low) / (high - low)
