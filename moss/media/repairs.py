"""A picture file without what no pixel depends on, for decoders that stumble over that."""

import io
import struct
import zlib
from typing import BinaryIO

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND")
START_OF_JPEG, END_OF_JPEG = b"\xff\xd8", b"\xff\xd9"
JPEG_SCAN = 0xDA  # what follows it is pixels
# Segments of applications and comments, without 14, which tells the colours.
JPEG_METADATA = (*range(0xE0, 0xEE), 0xEF, 0xFE)
EXIF = b"Exif\0\0"
TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
# Sizes, bits, compression, tone, orientation, strips, planes, fax, predictor, palette, tiles, extra
# samples, sample format, JPEG's tables, YCbCr.
TIFF_TAGS = (
    *(254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320),
    *(322, 323, 324, 325, 338, 339, 347, 529, 530, 531, 532),
)


def without_metadata(raw: BinaryIO) -> BinaryIO | None:
    """Return a copy of a PNG, JPEG or TIFF that keeps the orientation; None for other files.

    Raises
    ------
    struct.error
        It is cut short before its pixels.
    """
    raw.seek(0)
    data = raw.read()
    if data.startswith(PNG_SIGNATURE):
        return io.BytesIO(_png(data))
    if data.startswith(START_OF_JPEG):
        return io.BytesIO(_jpeg(data))
    if data[:4] in TIFF_ORDERS:
        return io.BytesIO(_tiff(data, TIFF_ORDERS[data[:4]]))
    return None


def with_end_of_jpeg(raw: BinaryIO) -> BinaryIO:
    """Return a copy of a JPEG that ends as it should: its decoder then gives all it knows."""
    raw.seek(0)
    return io.BytesIO(raw.read() + END_OF_JPEG)


def _png(data: bytes) -> bytes:
    at, kept = len(PNG_SIGNATURE), [PNG_SIGNATURE]
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        sound = struct.pack(">I", zlib.crc32(data[at + 4 : end - 4])) == data[end - 4 : end]
        if kind in PNG_CHUNKS and (sound or kind != b"eXIf"):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def _jpeg(data: bytes) -> bytes:
    at, kept = len(START_OF_JPEG), [START_OF_JPEG]
    while True:
        mark, kind, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF or kind == JPEG_SCAN:
            return b"".join(kept) + data[at:]
        segment = data[at : at + 2 + length]
        if kind not in JPEG_METADATA or segment[4:].startswith(EXIF):
            kept.append(segment)
        at += 2 + length


def _tiff(data: bytes, order: str) -> bytes:
    (begin,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, begin)
    entries = [data[begin + 2 + 12 * k : begin + 14 + 12 * k] for k in range(count)]
    kept = [each for each in entries if struct.unpack_from(f"{order}H", each)[0] in TIFF_TAGS]
    # The new directory lies over the old one, which is no shorter, and no other follows it.
    directory = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + bytes(4)
    return data[:begin] + directory + data[begin + len(directory) :]
