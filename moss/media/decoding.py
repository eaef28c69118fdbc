"""Pillow's decoders read what has sound pixels, whatever else is wrong with the file."""

from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, PngImagePlugin, TiffImagePlugin
from pillow_heif import register_heif_opener

from moss.media.repairs import with_end_of_jpeg, without_metadata

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
JPEGS = ("JPEG", "MPO")  # MPO: JPEGs one after another, of which the first is shown
ORIENTATION = 0x0112  # EXIF's tag
WHITE_OF_RAW_MODES = {"L;2": 3, "L;4": 15}  # grey of PNG that Pillow stretches to 8 bits

ANY = range(256)
UNKNOWN = {"PNG": range(1), "BMP": range(1), "TIFF": range(1)}  # what pixels are before decoding
UNKNOWN_IN_JPEG = range(127, 129)  # what its decoder makes of blocks that are missing, or negatives
BROKEN_STREAM = "when reading image file"  # in what Pillow says of pixels that cannot be decoded

register_heif_opener()
# Profiles of printers are larger than the one MiB that Pillow takes; bombs are much larger.
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20
# What Pillow can unpack and does not look for: (byte order, photometric interpretation, sample
# format, fill order, bits, extra samples) -> (mode, raw mode).
TiffImagePlugin.OPEN_INFO |= {
    (b"MM", 0, (1,), 1, (16,), ()): ("I;16B", "I;16B"),
    (b"II", 0, (1,), 1, (32,), ()): ("I", "I;32"),
    (b"MM", 0, (1,), 1, (32,), ()): ("I", "I;32B"),
    (b"MM", 1, (1,), 1, (32,), ()): ("I", "I;32B"),
    (b"II", 0, (2,), 1, (16,), ()): ("I", "I;16S"),
    (b"MM", 0, (2,), 1, (16,), ()): ("I", "I;16BS"),
    (b"II", 1, (3,), 1, (64,), ()): ("F", "F;64F"),
    (b"MM", 1, (3,), 1, (64,), ()): ("F", "F;64BF"),
}


def open_picture(raw: BinaryIO) -> Image.Image:
    """Open a picture whose size can then be looked at; where that fails, without its metadata.

    Raises
    ------
    Exception
        Of nearly any class: it cannot be opened.
    """
    try:
        picture: Image.Image = Image.open(raw, formats=FORMATS)
    except Image.DecompressionBombError:
        raise
    except Exception:
        bare = without_metadata(raw)
        if bare is None:
            raise
        picture = Image.open(bare, formats=FORMATS)
    _scale_transparency(picture)
    return picture


def decode(picture: Image.Image, raw: BinaryIO) -> tuple[Image.Image, slice, bool]:
    """Return the decoded picture, the rows that are missing, and whether it may be coarser.

    Pillow would show what there is of a picture that is cut short only by a setting that all
    threads share. The pixels are there without it: the decoder writes them into the picture before
    it fails. A JPEG without an end is given one, so that its decoder writes all it knows.

    Raises
    ------
    Exception
        Of nearly any class: nothing can be decoded.
    """
    whole = slice(0, 0)
    try:
        picture.load()
        return picture, whole, False
    except Exception as error:
        if picture.format in JPEGS:
            picture = open_picture(with_end_of_jpeg(raw))
            picture.load()
            # Its scans are the whole picture, again and again.
            coarser = bool(picture.info.get("progressive"))
            return picture, _missing_rows(picture, UNKNOWN_IN_JPEG), coarser
        if not isinstance(picture, ImageFile.ImageFile) or not _has_pixels(picture):
            raise
        if _ends_later(picture, error):
            return picture, whole, False
        if _is_interlaced(picture):
            raise OSError("pixels are missing everywhere") from error
        picture.tile = []  # of which nothing more is to be decoded
        return picture, _missing_rows(picture, UNKNOWN.get(picture.format or "", ANY)), False


def orientation_of(picture: Image.Image) -> int:
    """Return the EXIF orientation from 1 to 8: 1, upright, where it cannot be told."""
    try:
        value = picture.getexif().get(ORIENTATION)
    except Exception:  # metadata raises nearly anything and never decides
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def turned_upright(luma: np.ndarray, orientation: int) -> np.ndarray:
    """Return rows and columns as they are displayed, by the EXIF orientation from 1 to 8."""
    if orientation >= 5:
        luma = luma.T
    if orientation in (3, 4, 7, 8):
        luma = luma[::-1]
    if orientation in (2, 3, 6, 7):
        luma = luma[:, ::-1]
    return np.ascontiguousarray(luma)


def _has_pixels(picture: ImageFile.ImageFile) -> bool:
    return picture._im is not None


def _is_interlaced(picture: ImageFile.ImageFile) -> bool:
    """Return whether what is stored last lies between what is stored first."""
    if picture.format == "GIF":
        arguments = picture.tile[0].args if picture.tile else None
        return isinstance(arguments, tuple) and bool(arguments[1])  # bits, whether interlaced
    return bool(picture.info.get("interlace"))


def _ends_later(picture: ImageFile.ImageFile, error: Exception) -> bool:
    """Return whether a PNG has all its pixels, and the error lies in what comes after them."""
    return picture.format == "PNG" and not picture.tile and BROKEN_STREAM not in str(error)


def _missing_rows(picture: Image.Image, unknown: range) -> slice:
    """Return the rows at the end that no decoder has written to: all of one value of these."""
    upwards = picture.format == "BMP"  # its last row is stored first
    rows = range(picture.height) if upwards else range(picture.height - 1, -1, -1)
    count, last = 0, None
    for row in rows:
        values = np.asarray(picture.crop((0, row, picture.width, row + 1)))[0]
        last = values[0] if last is None else last
        if not (values == last).all() or not np.isin(last, unknown).all():
            break
        count += 1
    return slice(0, count) if upwards else slice(picture.height - count, picture.height)


def _scale_transparency(picture: Image.Image) -> None:
    """Give a PNG's transparent colour the bits that Pillow gives to its pixels."""
    clear = picture.info.get("transparency")
    if picture.format != "PNG" or clear is None or not isinstance(picture, ImageFile.ImageFile):
        return
    raw_mode = picture.tile[0].args if picture.tile else None
    if isinstance(clear, int) and isinstance(raw_mode, str) and raw_mode in WHITE_OF_RAW_MODES:
        picture.info["transparency"] = clear * 255 // WHITE_OF_RAW_MODES[raw_mode]
    elif isinstance(clear, tuple) and raw_mode == "RGB;16B":
        picture.info["transparency"] = tuple(value >> 8 for value in clear)
