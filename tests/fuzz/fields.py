"""Where formats keep their lengths and sizes, and how a changed file gets its checksums right."""

import re
import struct
import zlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Field:
    """A number of `width` bytes that lies `offset` bytes from where a `marker` begins."""

    marker: bytes
    offset: int
    width: int
    order: str = "little"


def _fields(order, *rows):
    return [
        Field(marker, offset, width, order)
        for markers, offset, width in rows
        for marker in markers.split()
    ]


RIFF = _fields("little", (b"RIFF LIST", 4, 4))
BOXES = _fields(
    "big",
    (b"ftyp moov mdat trak mdia minf stbl stsd stts stsc stsz stco esds mp4a elst", -4, 4),
    (b"moof traf trun tfhd tfdt mvex trex alac twos", -4, 4),
    (b"stts stsc stsz stco elst", 8, 4),
    (b"trun", 8, 4),
)
BOX_SIZES = _fields(
    "big",
    (b"mvhd mdhd", 16, 4),  # the time scale
    (b"mvhd mdhd", 20, 4),  # the duration
    (b"tkhd", 24, 4),
    (b"elst", 12, 4),
    (b"elst stts stsz", 16, 4),
    (b"stts stsz stsc stco trun", 12, 4),
    (b"mp4a alac twos", 20, 2),  # channels
    (b"mp4a alac twos", 28, 4),  # the sample rate
)
EBML = _fields(
    "big",
    (b"\x18\x53\x80\x67 \x15\x49\xa9\x66 \x16\x54\xae\x6b \x1f\x43\xb6\x75", 4, 1),
    (b"\x18\x53\x80\x67 \x1f\x43\xb6\x75", 5, 4),
    (b"\xae \xe0 \xe1 \xa3 \xa0 \x86 \x63\xa2", 1, 1),
)
EBML_SIZES = _fields(
    "big",
    (b"\x44\x89", 3, 8),  # the duration
    (b"\x2a\xd7\xb1", 4, 3),  # nanoseconds in a tick
    (b"\xe7", 2, 1),  # when a cluster begins
    (b"\xb5", 2, 4),  # the sample rate
    (b"\x9f", 2, 1),  # channels
)
OGG = _fields("little", (b"OggS", 26, 1), (b"OggS", 27, 1))
OGG_SIZES = _fields(
    "little",
    (b"OggS", 6, 8),  # how many samples are over at the end of a page
    (b"OggS", 18, 4),
    (b"\x01vorbis", 11, 1),
    (b"\x01vorbis", 12, 4),
    (b"\x01vorbis", 28, 1),
    (b"OpusHead", 9, 1),
    (b"OpusHead", 10, 2),
    (b"OpusHead", 12, 4),
    (b"OpusHead", 16, 2),
)

STILL_BOXES = _fields("big", (b"ftyp meta hdlr pitm iloc iinf iprp ipco ipma mdat", -4, 4))
STILL_SIZES = _fields("big", (b"ispe", 8, 4), (b"ispe", 12, 4))

# Of each format: how long its parts say they are.
LENGTHS = {
    "AVIF": STILL_BOXES + _fields("big", (b"av1C", -4, 4)),
    "HEIF": STILL_BOXES + _fields("big", (b"hvcC", -4, 4)),
    "PNG": _fields("big", (b"IHDR IDAT PLTE tRNS eXIf IEND", -4, 4)),
    "JPEG": _fields(
        "big", (b"\xff\xdb \xff\xc4 \xff\xda \xff\xc0 \xff\xc2 \xff\xe1 \xff\xee", 2, 2)
    ),
    "WebP": RIFF + _fields("little", (b"VP8 VP8L VP8X ALPH ANIM ANMF EXIF", 4, 4)),
    "GIF": _fields("little", (b"!\xf9 !\xff", 2, 1), (b",\0\0\0\0", 10, 1), (b",\0\0\0\0", 11, 1)),
    "BMP": _fields("little", (b"BM", 2, 4), (b"BM", 10, 4), (b"BM", 14, 4), (b"BM", 46, 4)),
    "TIFF": _fields(
        "little",
        (b"II*", 4, 4),
        (b"\x11\x01\x04 \x17\x01\x04 \x02\x01\x03 \x53\x01\x03", 4, 4),
        (b"\x11\x01\x04 \x17\x01\x04 \x16\x01\x03 \x16\x01\x04", 8, 4),
    ),
    "WAV": RIFF + _fields("little", (b"fmt data fact", 4, 4)),
    "FLAC": _fields("big", (b"fLaC", 5, 3), (b"fLaC", 43, 3)),
    "OGG": OGG,
    "Opus": OGG,
    "MP3": _fields("big", (b"ID3", 6, 4), (b"TIT2", 4, 4)),
    "M4A": BOXES,
    "MP4": BOXES,
    "MOV": BOXES,
    "WebM": EBML,
    "MKV": EBML,
    "AVI": RIFF + _fields("little", (b"avih strh strf idx1 01wb 00dc JUNK", 4, 4)),
}

# Of each format: what it says of width and height, of channels, rate and duration.
SIZES = {
    "AVIF": STILL_SIZES,
    "HEIF": STILL_SIZES,
    "PNG": _fields("big", (b"IHDR", 4, 4), (b"IHDR", 8, 4), (b"IHDR", 12, 1), (b"IHDR", 13, 1)),
    "JPEG": _fields("big", (b"\xff\xc0 \xff\xc2", 5, 2), (b"\xff\xc0 \xff\xc2", 7, 2)),
    "WebP": _fields(
        "little",
        (b"VP8X", 12, 3),
        (b"VP8X", 15, 3),
        (b"ANMF", 14, 3),
        (b"\x9d\x01\x2a", 3, 2),
        (b"\x9d\x01\x2a", 5, 2),
        (b"VP8L", 9, 4),
    ),
    "GIF": _fields(
        "little",
        (b"GIF8", 6, 2),
        (b"GIF8", 8, 2),
        (b",\0\0\0\0", 5, 2),
        (b",\0\0\0\0", 7, 2),
    ),
    "BMP": _fields("little", (b"BM", 18, 4), (b"BM", 22, 4), (b"BM", 28, 2), (b"BM", 30, 4)),
    "TIFF": _fields(
        "little",
        (b"\0\x01\x03\0 \0\x01\x04\0 \x01\x01\x03\0 \x01\x01\x04\0", 8, 4),
        (b"\x02\x01\x03\0 \x03\x01\x03\0 \x06\x01\x03\0 \x15\x01\x03\0 \x53\x01\x03\0", 8, 2),
    ),
    "WAV": _fields(
        "little",
        (b"fmt", 8, 2),
        (b"fmt", 10, 2),
        (b"fmt", 12, 4),
        (b"fmt", 16, 4),
        (b"fmt", 20, 2),
        (b"fmt", 22, 2),
        (b"fact", 8, 4),
    ),
    "FLAC": _fields("big", (b"fLaC", 8, 4), (b"fLaC", 18, 3), (b"fLaC", 20, 2), (b"fLaC", 21, 5)),
    "OGG": OGG_SIZES,
    "Opus": OGG_SIZES,
    "MP3": _fields("big", (b"Xing Info", 8, 4), (b"Xing Info", 12, 4), (b"\xff\xfb", 2, 2)),
    "M4A": BOX_SIZES,
    "MP4": BOX_SIZES,
    "MOV": BOX_SIZES,
    "WebM": EBML_SIZES,
    "MKV": EBML_SIZES,
    "AVI": _fields(
        "little",
        (b"avih", 8, 4),
        (b"avih", 24, 4),
        (b"auds", 20, 4),
        (b"auds", 24, 4),
        (b"auds", 32, 4),
        (b"auds", 44, 4),
        (b"strf", 10, 2),
        (b"strf", 12, 4),
    ),
}


def places(data: bytes, field: Field) -> list[int]:
    """Return where a field lies in a file, every time that it has its marker."""
    found = (match.start() + field.offset for match in re.finditer(re.escape(field.marker), data))
    return [at for at in found if 0 <= at <= len(data) - field.width]


def sealed(data: bytes) -> bytes:
    """Return a file with the checksums of PNG chunks and of Ogg pages made right.

    Readers look at little that is behind a wrong one.
    """
    if data.startswith(b"\x89PNG"):
        return _sealed_png(bytearray(data))
    return _sealed_ogg(bytearray(data)) if data.startswith(b"OggS") else data


def _sealed_png(data):
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            break
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return bytes(data)


def _sealed_ogg(data):
    for match in re.finditer(b"OggS", bytes(data)):
        at = match.start()
        if at + 27 > len(data):
            continue
        body = at + 27 + data[at + 26]
        end = body + sum(data[at + 27 : body])
        data[at + 22 : at + 26] = bytes(4)
        struct.pack_into("<I", data, at + 22, _ogg_checksum(data[at:end]))
    return bytes(data)


def _crc_table():
    table = np.arange(256, dtype=np.uint32) << 24
    for _ in range(8):
        table = (table << 1) ^ np.where(table >> 31, np.uint32(0x04C11DB7), np.uint32(0))
    return table.tolist()


CRC_TABLE = _crc_table()


def _ogg_checksum(page):
    crc = 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ CRC_TABLE[crc >> 24 ^ byte]
    return crc
