"""A NumPy file becomes a spectrogram's levels as they are painted."""

import os

import numpy as np

from moss.errors import InputError
from moss.media.files import checked_file, name_of
from moss.media.limits import MAX_ARRAY_BYTES, MAX_PICTURE_PIXELS, MIN_PICTURE_SIDE

WORKS = "an .npy file with two axes of uint8, float16, float32 or float64"
TYPES = ("uint8", "float16", "float32", "float64")


def load_array(path: str | os.PathLike) -> np.ndarray:
    """Return an .npy array as float32 (frequencies, times) in [0, 1].

    Row 0 is the top and the highest frequency, as in a picture. uint8 is divided by 255. Floats
    within [0, 1] stay; others are scaled from their least to their greatest, or clipped where all
    are the same.

    Raises
    ------
        InputError: missing, no .npy file, cut short, another type or rank, numbers that are not
            finite, or a size outside the limits.
    """
    path = checked_file(path, max_bytes=MAX_ARRAY_BYTES, works=WORKS)
    name = name_of(path)
    with path.open("rb") as raw:
        shape, dtype = _header(raw, name)
    _check(name, shape, dtype)
    try:
        # Mapped, the file itself is the only copy in its own type.
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{name} is cut short; save or download it again.") from error
    if dtype == np.uint8:
        return values.astype(np.float32) / np.float32(255)
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise InputError(f"{name} has values that are not finite numbers; replace them.")
    if low == high or (low >= 0 and high <= 1):
        return values.astype(np.float64).clip(0, 1).astype(np.float32)
    # Halved, the ends of float64 have a difference that still is one.
    half = values.astype(np.float64) / 2
    return ((half - low / 2) / (high / 2 - low / 2)).clip(0, 1).astype(np.float32)


def _header(raw, name: str) -> tuple[tuple[int, ...], np.dtype]:
    try:
        version = np.lib.format.read_magic(raw)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(raw)
        elif version == (2, 0):
            shape, _, dtype = np.lib.format.read_array_header_2_0(raw)
        else:
            raise ValueError(f"version {version}")  # 3.0 is for names of fields, which are refused
    except Exception as error:  # the header is a Python literal: broken ones raise nearly anything
        raise InputError(f"{name} is not an .npy file that can be read; give {WORKS}.") from error
    return shape, dtype


def _check(name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if dtype.name not in TYPES:
        raise InputError(f"{name} holds {dtype.name}; uint8, float16, float32 or float64 works.")
    if len(shape) != 2:
        raise InputError(f"{name} has rank {len(shape)}; two axes (frequencies, times) work.")
    rows, columns = shape
    if min(shape) < MIN_PICTURE_SIDE:
        raise InputError(
            f"{name} is {rows} x {columns}; at least {MIN_PICTURE_SIDE} x {MIN_PICTURE_SIDE} works."
        )
    if rows * columns > MAX_PICTURE_PIXELS:
        raise InputError(
            f"{name} has too many values; up to {MAX_PICTURE_PIXELS / 1e6:.0f} million works."
        )
