"""Each kind of pixel becomes the luma that a reference made here has."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from moss.media import load_picture, read_picture

ROWS, COLUMNS = 24, 32
SLOPE = np.add.outer(np.arange(ROWS), np.arange(COLUMNS)) / (ROWS + COLUMNS - 2)  # 0 to 1
STEP = 1.1 / 255


def tiff(samples, *, photometric=1, sample_format=1, bits=None, order="<", channels=1):
    """An uncompressed TIFF of one strip; `samples` are bytes."""
    bits = [bits] * channels
    tags = [
        (256, 4, [COLUMNS]),
        (257, 4, [ROWS]),
        (258, 3, bits),
        (259, 3, [1]),
        (262, 3, [photometric]),
        (273, 4, [None]),
        (277, 3, [channels]),
        (278, 4, [ROWS]),
        (279, 4, [len(samples)]),
        (339, 3, [sample_format] * channels),
    ]
    begin = 8 + 2 + 12 * len(tags) + 4
    extra, entries = b"", b""
    for tag, kind, values in tags:
        if tag == 273:
            values = [begin + 64]
        data = struct.pack(f"{order}{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(data) > 4:
            offset = struct.pack(f"{order}I", begin + len(extra))
            extra += data
            data = offset
        entries += struct.pack(f"{order}HHI", tag, kind, len(values)) + data.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    directory = struct.pack(f"{order}H", len(tags)) + entries + bytes(4)
    return head + directory + extra.ljust(64, b"\0") + samples


def packed(values, bits):
    """Numbers of few bits, the first the highest, rows filled up to bytes."""
    planes = (values[..., None] >> np.arange(bits)[::-1]) & 1
    return np.packbits(planes.reshape(len(values), -1).astype(np.uint8), axis=1).tobytes()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows, *, depth, colour, clear):
    """A PNG of rows of bytes, with a tRNS chunk of `clear`."""
    head = struct.pack(">IIBBBBB", COLUMNS, ROWS, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"tRNS", clear),
            chunk(b"IDAT", data),
            chunk(b"IEND", b""),
        ]
    )


def grey_rows(values, bits):
    data = packed(values, bits)
    width = len(data) // ROWS
    return [data[k * width : (k + 1) * width] for k in range(ROWS)]


def luma_from(folder, data, name="a.png"):
    (folder / name).write_bytes(data)
    return load_picture(folder / name)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_grey_tiff_is_positive_whatever_its_least_value_means(tmp_path, bits, photometric, order):
    white = 2**bits - 1
    values = np.rint(SLOPE * white).astype(np.int64)
    stored = values if photometric else white - values
    data = stored.astype(f"{order}u2").tobytes() if bits == 16 else packed(stored, bits)
    luma = luma_from(tmp_path, tiff(data, photometric=photometric, bits=bits, order=order))
    assert np.abs(luma - values / white).max() < 1e-6


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_compressed_grey_tiff_may_have_white_at_zero(tmp_path, dtype, compression):
    white = np.iinfo(dtype).max
    values = np.rint(SLOPE * white).astype(dtype)
    # Pillow turns 8 bits about where the tag asks for it, and stores 16 as they are.
    stored = values if dtype == np.uint8 else white - values
    image = Image.fromarray(stored)
    image.save(tmp_path / "a.tif", compression=compression, tiffinfo={262: 0})
    with Image.open(tmp_path / "a.tif") as saved:
        assert saved.tag_v2[262] == 0
    assert np.abs(load_picture(tmp_path / "a.tif") - values / white).max() < 1e-6


def test_grey_tiff_of_12_bits_reaches_white(tmp_path):
    values = np.rint(SLOPE * 4095).astype(np.int64)
    luma = luma_from(tmp_path, tiff(packed(values, 12), bits=12))
    assert np.abs(luma - values / 4095).max() < 1e-6


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("u4", 0, 2**32 - 1),
        ("u4", 2**31 - 5000, 2**31 + 5000),
        ("i4", -(2**31), 2**31 - 1),
        ("i2", -32768, 32767),
        ("i2", -100, 300),
        ("i1", -128, 127),
        ("f4", -3, 5),
        ("f4", -3e38, 3e38),
        ("f8", -1e30, 1e30),
    ],
)
def test_numbers_of_no_range_are_scaled_with_their_sign(tmp_path, code, low, high, order):
    values = (low + SLOPE * (float(high) - low)).astype(order + code)
    sample_format = {"u": 1, "i": 2, "f": 3}[code[0]]
    bits = 8 * int(code[1])
    data = tiff(values.tobytes(), sample_format=sample_format, bits=bits, order=order)
    luma = luma_from(tmp_path, data)
    half = values.astype(np.float64) / 2
    expected = (half - half.min()) / (half.max() - half.min())
    assert np.abs(luma - expected).max() < 1e-6


@pytest.mark.parametrize(("code", "sample_format"), [("u4", 1), ("f4", 3), ("i2", 2)])
@pytest.mark.parametrize("order", "<>")
def test_numbers_of_no_range_may_have_white_at_the_least(tmp_path, code, sample_format, order):
    values = (1000 - 900 * SLOPE).astype(order + code)
    data = tiff(
        values.tobytes(),
        photometric=0,
        sample_format=sample_format,
        bits=8 * int(code[1]),
        order=order,
    )
    luma = luma_from(tmp_path, data)
    assert np.abs(luma - (1000 - values) / 900).max() < 2e-3  # integers are coarse


def test_cielab_tiff_shows_the_lightness_of_srgb(tmp_path):
    lightness = np.rint(SLOPE * 255)
    data = np.stack([lightness, 0 * lightness, 0 * lightness], -1).astype(np.uint8).tobytes()
    luma = luma_from(tmp_path, tiff(data, photometric=8, bits=8, channels=3))
    star = lightness / 255 * 100
    linear = np.where(star > 8, ((star + 16) / 116) ** 3, star * 27 / 24389)
    coded = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    assert np.abs(luma - coded).max() < 2.1 / 255


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("clear", ["least", "greatest", "middle"])
def test_a_transparent_grey_of_png_is_of_the_picture_s_own_bits(tmp_path, bits, clear):
    white = 2**bits - 1
    values = np.rint(SLOPE * white).astype(np.int64)
    value = {"least": 0, "greatest": white, "middle": (white + 1) // 2}[clear]
    data = png(grey_rows(values, bits), depth=bits, colour=0, clear=struct.pack(">H", value))
    luma = luma_from(tmp_path, data)
    shown = values != value
    expected = np.where(shown, values / white, 0)
    if expected.sum() < (1 - shown.mean()) / 2 * shown.sum():
        expected[~shown] = 1
    assert np.abs(luma - expected).max() < 1e-6


@pytest.mark.parametrize("bits", [8, 16])
def test_a_transparent_colour_of_png_is_of_the_picture_s_own_bits(tmp_path, bits):
    colours = np.full((ROWS, COLUMNS, 3), 2**bits - 1, np.int64)
    colours[:6] = np.array([200, 150, 100]) * (2**bits // 256)
    rows = [row.astype(">u2" if bits == 16 else "u1").tobytes() for row in colours]
    data = png(rows, depth=bits, colour=2, clear=struct.pack(">3H", *colours[0, 0]))
    luma = luma_from(tmp_path, data)
    assert (luma[:6] == 0).all() and np.abs(luma[6:] - 1).max() < STEP


def profile_of(name):
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def wide_profile():
    """sRGB's profile with red and green changed about: what it does to luma is plain to see."""
    data = bytearray(profile_of("sRGB"))
    count = struct.unpack_from(">I", data, 128)[0]
    table = {bytes(data[132 + 12 * k : 136 + 12 * k]): 132 + 12 * k for k in range(count)}
    red, green = table[b"rXYZ"], table[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.avif", "a.heic"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_colour_profile_is_applied_before_luma(tmp_path, name, mode):
    if name == "a.jpg" and mode == "RGBA":
        pytest.skip("JPEG has no alpha")
    image = Image.new(mode, (COLUMNS, ROWS), (250, 10, 10))
    lossless = {"lossless": True} if name == "a.webp" else {}
    image.save(tmp_path / name, quality=95, icc_profile=wide_profile(), **lossless)
    # Red is green in these colours.
    assert load_picture(tmp_path / name).mean() == pytest.approx(0.587 * 240 / 255 + 0.04, abs=0.03)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "P"])
@pytest.mark.parametrize("icc", [b"not a profile", profile_of("LAB"), profile_of("sRGB")[:200]])
def test_a_profile_that_cannot_be_used_is_left_out(tmp_path, mode, icc):
    image = Image.fromarray(np.rint(SLOPE * 255).astype(np.uint8)).convert(mode)
    image.save(tmp_path / "a.tif", icc_profile=icc)
    assert np.abs(load_picture(tmp_path / "a.tif") - SLOPE).max() < STEP


def test_jpeg_of_four_inks_is_no_negative(tmp_path):
    grey = Image.fromarray(np.rint(SLOPE * 255).astype(np.uint8))
    grey.convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(load_picture(tmp_path / "a.jpg") - SLOPE).max() < 0.05


def inked(ground, ink):
    """A disc of ink on a transparent ground, whose hidden colour is `ground`."""
    y, x = np.mgrid[-1:1:48j, -1:1:64j]
    disc = y**2 + x**2 < 0.4
    pixels = np.where(disc[..., None], (*ink, 255), (*ground, 0)).astype(np.uint8)
    return Image.fromarray(pixels), disc


SAVED = {
    "a.png": {},
    "a.webp": {"lossless": True},
    "a.tif": {"compression": "tiff_lzw"},
    "palette.png": {},
    "a.gif": {},
    "a.avif": {"quality": 95},
    "a.heic": {"quality": 95},
}


@pytest.mark.parametrize("name", SAVED)
@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("ink", [0, 60, 255])
def test_ink_is_seen_on_a_transparent_ground(tmp_path, name, hidden, ink):
    image, disc = inked((hidden,) * 3, (ink,) * 3)
    if name == "palette.png":
        image = image.quantize(4, method=Image.Quantize.FASTOCTREE)
    image.save(tmp_path / name, **SAVED[name])
    picture = read_picture(tmp_path / name)
    ground = 0 if ink == 255 else 1
    tolerance = 0.06 if name in ("a.avif", "a.heic") else 0.03
    inside = np.abs(picture.luma - np.where(disc, ink / 255, ground)) < tolerance
    assert inside.mean() > (0.9 if name in ("a.avif", "a.heic") else 0.999)
    assert bool(picture.warning) == (ground == 1)
    if ground:
        assert "white is laid under it" in picture.warning


def test_a_dark_picture_keeps_its_transparent_border_black(tmp_path):
    values = np.rint(SLOPE * 160).astype(np.uint8)
    alpha = np.full((ROWS, COLUMNS), 255, np.uint8)
    alpha[:2] = 0
    image = Image.fromarray(values).convert("RGB")
    image.putalpha(Image.fromarray(alpha))
    image.save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert (picture.luma[:2] == 0).all() and picture.warning is None
    assert np.abs(picture.luma[2:] - values[2:] / 255).max() < STEP


@pytest.mark.parametrize("colour", [0, 9, 255])
@pytest.mark.parametrize("alpha", [0, 100, 255])
def test_one_tone_everywhere_is_said(tmp_path, colour, alpha):
    Image.new("RGBA", (20, 20), (colour,) * 3 + (alpha,)).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert picture.luma.min() == picture.luma.max()
    assert "same tone everywhere" in picture.warning
