"""Odd metadata never decides, and of a picture that is cut short there is what is left of it."""

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from moss.errors import InputError
from moss.media import load_picture, read_picture

ROWS, COLUMNS = 96, 128
SLOPE = np.add.outer(np.arange(ROWS), np.arange(COLUMNS)) / (ROWS + COLUMNS - 2)
NOISE = np.random.default_rng(0).normal(0, 6, SLOPE.shape)
PIXELS = np.clip(np.rint(30 + 190 * SLOPE + NOISE), 1, 254).astype(np.uint8)
LUMA = PIXELS / 255


def encoded(format, **options):
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).convert("RGB").save(buffer, format, **options)
    return buffer.getvalue()


def png_chunk(kind, data, *, sound=True):
    checksum = struct.pack(">I", zlib.crc32(kind + data) if sound else 1)
    return struct.pack(">I", len(data)) + kind + data + checksum


def with_chunk(kind, data, *, sound=True, last=False):
    png = encoded("PNG")
    at = len(png) - 12 if last else 33  # before IEND, or after IHDR
    return png[:at] + png_chunk(kind, data, sound=sound) + png[at:]


def with_segment(kind, data):
    jpeg = encoded("JPEG", quality=95)
    return jpeg[:2] + bytes([0xFF, kind]) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def exif_with_a_rational_over_zero():
    exif = Image.Exif()
    exif[0x011A] = 3.5
    return exif.tobytes().replace(struct.pack(">II", 7, 2), struct.pack(">iI", -1, 0))


def exif_of_orientation(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def bomb(bytes_unpacked):
    return zlib.compress(bytes(bytes_unpacked))


ODD = {
    "EXIF rational -1/0": lambda: encoded(
        "JPEG", quality=95, exif=exif_with_a_rational_over_zero()
    ),
    "EXIF rational in WebP": lambda: encoded(
        "WEBP", lossless=True, exif=exif_with_a_rational_over_zero()
    ),
    "orientation 0": lambda: encoded("JPEG", quality=95, exif=exif_of_orientation(0)),
    "orientation 9": lambda: encoded("JPEG", quality=95, exif=exif_of_orientation(9)),
    "orientation as text": lambda: encoded(
        "PNG", exif=exif_of_orientation(6).replace(b"\x01\x12\0\3", b"\x01\x12\0\2")
    ),
    "EXIF of noise": lambda: with_segment(0xE1, b"Exif\0\0" + random.Random(0).randbytes(500)),
    "EXIF cut short": lambda: with_segment(0xE1, exif_of_orientation(1)[:12]),
    "no JFIF version": lambda: with_segment(0xE0, b"JFIF\0"),
    "ICC without its count": lambda: with_segment(0xE2, b"ICC_PROFILE\0\1"),
    "Photoshop cut short": lambda: with_segment(0xED, b"Photoshop 3.0\x008BIM\4\4\7x"),
    "MPF of noise": lambda: with_segment(0xE2, b"MPF\0" + random.Random(0).randbytes(30)),
    "profile of 2 MB": lambda: with_chunk(
        b"iCCP", b"a\0\0" + zlib.compress(random.Random(0).randbytes(2_000_000))
    ),
    "profile that is a bomb": lambda: with_chunk(b"iCCP", b"a\0\0" + bomb(2**26)),
    "profile of noise": lambda: with_chunk(b"iCCP", b"a\0\0noise"),
    "text that is a bomb": lambda: with_chunk(b"zTXt", b"a\0\0" + bomb(2**26)),
    "bomb after the pixels": lambda: with_chunk(b"zTXt", b"a\0\0" + bomb(2**26), last=True),
    "text, bad CRC": lambda: with_chunk(b"tEXt", b"a\0b", sound=False),
    "text after, bad CRC": lambda: with_chunk(b"tEXt", b"a\0b", sound=False, last=True),
    "EXIF, bad CRC": lambda: with_chunk(b"eXIf", exif_of_orientation(6)[6:], sound=False),
    "pHYs of one byte": lambda: with_chunk(b"pHYs", b"a"),
    "gAMA of one byte": lambda: with_chunk(b"gAMA", b"a"),
    "acTL of nothing": lambda: with_chunk(b"acTL", b""),
    "animation of no frame": lambda: with_chunk(b"acTL", bytes(8)),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_metadata_does_not_decide(tmp_path, kind):
    (tmp_path / "a.png").write_bytes(ODD[kind]())
    picture = read_picture(tmp_path / "a.png")
    assert picture.warning is None
    assert np.abs(picture.luma - LUMA).max() < 0.06  # the tolerance of JPEG


@pytest.mark.parametrize("order", ["<", ">"])
def test_odd_tags_of_tiff_do_not_decide(tmp_path, order):
    values = PIXELS.astype(f"{order}u2")
    tags = [(256, 3, 1, COLUMNS), (257, 3, 1, ROWS), (258, 3, 1, 16), (259, 3, 1, 1)]
    tags += [(262, 3, 1, 1), (270, 99, 2**31, 2**31), (273, 4, 1, 4096), (274, 3, 1, 1)]
    tags += [(277, 3, 1, 1), (278, 3, 1, ROWS), (279, 4, 1, values.nbytes)]
    tags += [(282, 5, 1, 2**32 - 1), (305, 2, 2**32 - 1, 7), (34665, 4, 1, 2**32 - 1)]
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        short = kind == 3 and order == ">"
        directory += struct.pack(f"{order}HHII", tag, kind, count, value << 16 if short else value)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    (tmp_path / "a.tif").write_bytes((head + directory).ljust(4096, b"\0") + values.tobytes())
    assert np.abs(load_picture(tmp_path / "a.tif") - PIXELS / 65535).max() < 1e-6


def test_a_large_profile_is_used(tmp_path):
    # A profile may be followed by what nobody asks for.
    from tests.media.test_picture_tone import wide_profile

    data = wide_profile() + random.Random(0).randbytes(2_000_000)
    data = struct.pack(">I", len(data)) + data[4:]
    Image.new("RGB", (16, 16), (250, 10, 10)).save(tmp_path / "a.png", icc_profile=data)
    assert load_picture(tmp_path / "a.png").mean() > 0.5


def test_a_jpeg_without_its_end_mark_is_whole(tmp_path):
    jpeg = encoded("JPEG", quality=95)
    assert jpeg.endswith(b"\xff\xd9")
    (tmp_path / "a.jpg").write_bytes(jpeg)
    (tmp_path / "b.jpg").write_bytes(jpeg[:-2])
    picture = read_picture(tmp_path / "b.jpg")
    assert np.array_equal(picture.luma, load_picture(tmp_path / "a.jpg"))
    assert picture.warning is None


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize("margin", [0, 255])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_margin_is_not_taken_for_what_is_missing(tmp_path, format, margin, progressive):
    picture = Image.fromarray(PIXELS)
    picture.paste(margin, (0, ROWS - 32, COLUMNS, ROWS))
    if format == "PNG":
        picture = picture.quantize(64)  # the margin may be the first of its colours
    picture.save(tmp_path / "a", format, progressive=progressive)
    whole = (tmp_path / "a").read_bytes()
    ends = [whole[:-2]]
    if format == "PNG":
        text = png_chunk(b"zTXt", b"a\0\0" + bomb(2**26))
        ends = [whole[:-12] + text, whole[:-12] + text[:-9], whole[:-12], whole[:-2]]
    for data in ends:
        (tmp_path / "b").write_bytes(data)
        found = read_picture(tmp_path / "b")
        assert np.array_equal(found.luma, load_picture(tmp_path / "a"))
        assert not found.warning or "%" not in found.warning


CUT = {
    "PNG": {},
    "JPEG": {"quality": 95},
    "GIF": {"interlace": 0},
    "BMP": {},
    "TIFF": {},
}


@pytest.mark.parametrize("format", CUT)
@pytest.mark.parametrize("orientation", [1, 3])
def test_of_a_cut_picture_there_is_what_is_left(tmp_path, format, orientation):
    options = CUT[format]
    if orientation != 1:
        if format in ("GIF", "BMP"):
            pytest.skip("has no orientation")
        options = options | {"exif": exif_of_orientation(orientation)}
    whole = encoded(format, **options)
    (tmp_path / "a").write_bytes(whole)
    (tmp_path / "b").write_bytes(whole[: round(0.7 * len(whole))])
    complete, picture = load_picture(tmp_path / "a"), read_picture(tmp_path / "b")
    same = (np.abs(picture.luma - complete) < 0.02).all(axis=1)
    black = (picture.luma == 0).all(axis=1)
    assert 0.5 < same.mean() < 0.75
    assert (same | black).mean() > 0.9  # a row of blocks may be in between
    first = (format == "BMP") != (orientation == 3)  # stored upside down, or turned about
    assert black[0 if first else -1] and same[-1 if first else 0]
    assert "cut short" in picture.warning and "%" in picture.warning


def test_a_cut_progressive_jpeg_is_said_to_be_coarser(tmp_path):
    whole = encoded("JPEG", quality=95, progressive=True)
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    picture = read_picture(tmp_path / "a.jpg")
    assert np.corrcoef(picture.luma.ravel(), LUMA.ravel())[0, 1] > 0.97
    assert "coarser" in picture.warning


@pytest.mark.parametrize("format", [*CUT, "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("share", [0.001, 0.02, 0.1, 0.2])
def test_of_too_little_there_is_a_sentence(tmp_path, format, share):
    whole = encoded(format)
    (tmp_path / "a.png").write_bytes(whole[: round(share * len(whole))])
    with pytest.raises(InputError, match=r"cut short|not a picture"):
        load_picture(tmp_path / "a.png")


def test_an_interlaced_gif_that_is_cut_is_refused(tmp_path):
    data = encoded("GIF", interlace=1)
    (tmp_path / "a.gif").write_bytes(data[: round(0.7 * len(data))])
    with pytest.raises(InputError, match="cut short"):
        load_picture(tmp_path / "a.gif")


def test_an_interlaced_png_that_is_cut_is_refused(tmp_path):
    # Pixels are missing everywhere in it, not at its end.
    rows = [b"\0" + bytes(range(200, 208))] * 64
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 1)
    data = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(b"".join(rows)))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    with pytest.raises(InputError, match="cut short"):
        load_picture(tmp_path / "a.png")


def test_the_setting_that_all_threads_share_stays_as_it_is(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded("PNG")[:-2000])
    read_picture(tmp_path / "a.png")
    assert not PngImagePlugin.ImageFile.LOAD_TRUNCATED_IMAGES
