"""Make the example pictures and tracks again: `python -m examples.make [--only NAME]`."""

import argparse
import io
import struct
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from examples import handwriting, pictures, tracks

HERE = Path(__file__).parent

# Name: seed, maker, file ending, what the encoder is told.
PICTURES = {
    "fern": (7, pictures.fern, "jpg", {"quality": 80}),
    "moon": (7, pictures.moon, "webp", {"quality": 86, "method": 6}),
    "galaxy": (7, pictures.galaxy, "jpg", {"quality": 82}),
    "handwriting": (7, handwriting.handwriting, "png", {"optimize": True}),
}
# Name: seed, maker, peak in dBFS (loudness then falls between -16 and -20 LUFS), Vorbis
# compression from 0 (best) to 1 (smallest).
TRACKS = {
    "pad": (11, tracks.pad, -4.8, 0.8),
    "strings": (12, tracks.strings, -3.2, 0.8),
    "rain": (13, tracks.rain, -3.2, 0.9),
}


def picture_bytes(name):
    """One picture as the bytes of its file."""
    seed, maker, ending, options = PICTURES[name]
    levels = np.rint(255 * maker(np.random.default_rng(seed))).astype(np.uint8)
    image = Image.fromarray(levels)
    if ending == "png":
        # One tint of ink needs few colours; without dithering flat ground stays flat.
        image = image.quantize(128, dither=Image.Dither.NONE)
    file = io.BytesIO()
    image.save(file, {"jpg": "jpeg"}.get(ending, ending), **options)
    return file.getvalue()


def track_bytes(name):
    """One track as the bytes of its Ogg Vorbis file."""
    seed, maker, peak_dbfs, compression = TRACKS[name]
    waveform = maker(np.random.default_rng(seed))
    waveform *= 10 ** (peak_dbfs / 20) / np.abs(waveform).max()
    file = io.BytesIO()
    soundfile.write(
        file, waveform.T, tracks.SAMPLE_RATE, "VORBIS", format="OGG", compression_level=compression
    )
    return with_serial(file.getvalue(), seed)


def ogg_checksum_table():
    """The table of Ogg's cyclic redundancy check, polynomial 0x04C11DB7, not reflected."""
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


def with_serial(ogg, serial):
    """An Ogg stream under a chosen serial number: encoders draw one at random on every run."""
    table = ogg_checksum_table()
    pages, start = [], 0
    while start < len(ogg):
        segments = ogg[start + 26]
        end = start + 27 + segments + sum(ogg[start + 27 : start + 27 + segments])
        page = bytearray(ogg[start:end])
        struct.pack_into("<I", page, 14, serial)
        struct.pack_into("<I", page, 22, 0)  # the checksum counts its own field as zero
        checksum = 0
        for byte in page:
            checksum = (checksum << 8) & 0xFFFFFFFF ^ table[checksum >> 24 ^ byte]
        struct.pack_into("<I", page, 22, checksum)
        pages.append(page)
        start = end
    return b"".join(pages)


def main():
    """Write the chosen examples, all of them by default, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [*PICTURES, *TRACKS]
    parser.add_argument("--only", action="append", choices=names, help="may be given again")
    parser.add_argument("--output", type=Path, default=HERE, help="folder, default: examples")
    arguments = parser.parse_args()
    for name in arguments.only or names:
        is_picture = name in PICTURES
        data = picture_bytes(name) if is_picture else track_bytes(name)
        path = arguments.output / f"{name}.{PICTURES[name][2] if is_picture else 'ogg'}"
        path.write_bytes(data)
        print(f"{path.name:16} {len(data) / 1000:6.0f} kB")


if __name__ == "__main__":
    main()
