"""AVIF and HEIC of phones, drawings, and what moves: as they are displayed."""

import struct
import time

import numpy as np
import pytest
from PIL import Image

from moss.errors import InputError
from moss.media import load_picture, read_picture

UPRIGHT = np.full((48, 80), 20, np.uint8)
UPRIGHT[:24, :40] = 240  # bright at the top left
UPRIGHT[:24, 40:] = 120  # grey at the top right

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


@pytest.mark.parametrize("name", ["a.heic", "a.avif"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_phone_pictures_are_upright_once(tmp_path, name, mode, orientation):
    stored = {
        1: UPRIGHT,
        2: UPRIGHT[:, ::-1],
        3: UPRIGHT[::-1, ::-1],
        4: UPRIGHT[::-1],
        5: UPRIGHT.T,
        6: np.rot90(UPRIGHT),
        7: UPRIGHT[::-1, ::-1].T,
        8: np.rot90(UPRIGHT, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).convert(mode).save(
        tmp_path / name, quality=95, exif=exif.tobytes()
    )
    luma = load_picture(tmp_path / name)
    assert luma.shape == UPRIGHT.shape
    assert luma[6:18, 10:30].mean() * 255 == pytest.approx(240, abs=4)
    assert luma[6:18, 50:70].mean() * 255 == pytest.approx(120, abs=4)
    assert luma[30:42, 10:70].mean() * 255 == pytest.approx(20, abs=4)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.avif", "a.tif"])
def test_what_moves_gives_its_first_frame(tmp_path, name):
    frames = [Image.new("RGB", (64, 64), (value,) * 3) for value in (200, 100, 0)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    assert np.abs(load_picture(tmp_path / name) - 200 / 255).max() < 3 / 255


def drawing(folder, text, name="a.svg", encoding="utf-8"):
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("size", ['viewBox="0 0 100 50"', 'width="4in" height="2in"'])
def test_a_drawing_has_its_proportions_and_lies_over_what_shows_it(tmp_path, size, encoding):
    said = "utf-16" if encoding == "utf-16" else "utf-8"
    text = f'<?xml version="1.0" encoding="{said}"?><!-- a --><!DOCTYPE svg>{SVG}{size}>'
    text += '<rect width="50%" height="50%"/></svg>'
    picture = read_picture(drawing(tmp_path, text, "a.png", encoding))
    assert picture.luma.shape == (1024, 2048)
    assert (picture.luma[:512, :1024] == 0).all()
    assert (picture.luma[512:] == 1).all() and (picture.luma[:, 1024:] == 1).all()
    assert "white is laid" in picture.warning


def test_white_in_a_drawing_lies_over_black_and_it_may_be_upright(tmp_path):
    text = f'{SVG} viewBox="0 0 30 90"><circle cx="15" cy="15" r="15" fill="white"/></svg>'
    picture = read_picture(drawing(tmp_path, text))
    assert picture.luma.shape == (2048, 683)
    assert picture.luma.mean() == pytest.approx(np.pi * 15**2 / 2700, abs=0.003)
    assert picture.luma[1000:].max() == 0 and picture.warning is None


def test_letters_are_drawn_whatever_their_font(tmp_path):
    text = (
        f'{SVG} viewBox="0 0 100 50"><text y="40" font-family="None" font-size="40">Hé</text></svg>'
    )
    luma = load_picture(drawing(tmp_path, text))
    assert 0.05 < 1 - luma.mean() < 0.3


@pytest.mark.parametrize("wrap", ["{}", "<defs><g id='g'>{}</g></defs><use href='#g'/>", "data"])
@pytest.mark.parametrize("link", ["{path}", "file://{path}", "{name}", " {path}"])
def test_a_drawing_reads_no_other_file(tmp_path, monkeypatch, wrap, link):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (20, 20), "white").save(tmp_path / "secret.png")
    href = link.format(path=tmp_path / "secret.png", name="secret.png")
    image = f'<image xlink:href="{href}" width="100" height="50"/>'
    if wrap == "data":
        inner = f'{SVG} viewBox="0 0 100 50">{image}</svg>'.encode().hex()
        escaped = "".join(f"%{inner[k : k + 2]}" for k in range(0, len(inner), 2))
        image = f'<image href="data:image/svg+xml,{escaped}" width="100" height="50"/>'
    else:
        image = wrap.format(image)
    grey = '<rect width="50" height="50" fill="#808080"/>'
    picture = read_picture(
        drawing(
            tmp_path,
            f'{SVG} viewBox="0 0 100 50"><rect width="100" height="50"/>{grey}{image}</svg>',
        )
    )
    assert picture.luma.max() == pytest.approx(128 / 255, abs=0.01)
    assert wrap == "data" or "other files" in picture.warning


def nested_uses(depth):
    groups = "".join(
        f'<g id="g{k + 1}">' + f'<use href="#g{k}"/>' * 10 + "</g>" for k in range(depth)
    )
    return f'<defs><rect id="g0" width="1" height="1"/>{groups}</defs><use href="#g{depth}"/>'


ENTITIES = "".join(f'<!ENTITY e{k + 1} "{f"&e{k};" * 10}">' for k in range(12))
BAD_DRAWINGS = {
    "broken": f"{SVG}><rect></svg>",
    "entities": f'<!DOCTYPE svg [<!ENTITY e0 "aaaa">{ENTITIES}]>{SVG}><text>&e12;</text></svg>',
    "outer entity": '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    f"{SVG}><text>&e;</text></svg>",
    "uses": f'{SVG} viewBox="0 0 9 9">{nested_uses(9)}</svg>',
    "deep": f'{SVG} viewBox="0 0 9 9">{"<g>" * 100000}{"</g>" * 100000}</svg>',
    "a size that lies": f'{SVG} width="1in" height="1000000px"/>',
    "a line": f'{SVG} viewBox="0 0 1 1000000"/>',
    "no size": f'{SVG} width="0" height="-3"/>',
    "infinite": f'{SVG} width="1e400" height="1e-400"/>',
}


@pytest.mark.parametrize("kind", BAD_DRAWINGS)
def test_a_bad_drawing_is_refused_soon_and_in_a_sentence(tmp_path, kind):
    path = drawing(tmp_path, BAD_DRAWINGS[kind])
    begin = time.monotonic()
    with pytest.raises(InputError) as error:
        load_picture(path)
    assert time.monotonic() - begin < 30  # what the process of its own has, and some
    assert str(error.value).startswith("a.svg ") and str(error.value).endswith(".")


def test_a_heic_that_claims_to_be_huge_is_refused_before_it_is_decoded(tmp_path):
    Image.fromarray(UPRIGHT).save(tmp_path / "a.heic")
    data = (tmp_path / "a.heic").read_bytes()
    at = data.index(b"ispe") + 8
    (tmp_path / "a.heic").write_bytes(data[:at] + struct.pack(">II", 60000, 60000) + data[at + 8 :])
    with pytest.raises(InputError, match=r"too many pixels|damaged|not a picture"):
        load_picture(tmp_path / "a.heic")
