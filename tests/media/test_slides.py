"""The pictures of a folder come in the order a person gives them."""

import io
import struct
import zipfile

import pytest

from moss.errors import InputError
from moss.media import is_archive, pictures_in, slides, unpack_pictures
from moss.media.limits import MAX_SLIDES


def filled(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


def test_numbers_in_names_are_in_their_order(tmp_path):
    filled(
        tmp_path, "p10.png", "p2.PNG", "P1.jpg", "p02.webp", "10.gif", "9.bmp", "a.tif", "b.TIFF"
    )
    filled(tmp_path, "c.avif", "d.HEIC", "e.heif", "f.svg")
    names = [each.name for each in pictures_in(tmp_path)]
    expected = "9.bmp 10.gif a.tif b.TIFF c.avif d.HEIC e.heif f.svg P1.jpg p2.PNG p02.webp p10.png"
    # "p2." and "p02." are the same number: the suffix comes next.
    assert names == expected.split()


def test_only_pictures_that_are_seen(tmp_path):
    filled(tmp_path, "a.jpeg", ".b.png", "c.txt", "png", "d.png.part", "²3.png")
    (tmp_path / "folder.png").mkdir()
    assert [each.name for each in pictures_in(str(tmp_path))] == ["a.jpeg", "²3.png"]


def test_what_has_no_pictures_is_refused(tmp_path):
    with pytest.raises(InputError, match="no pictures"):
        pictures_in(tmp_path)
    filled(tmp_path, "a.png")
    with pytest.raises(InputError, match="not a folder"):
        pictures_in(tmp_path / "a.png")
    with pytest.raises(InputError, match="not found"):
        pictures_in(tmp_path / "none")


def zipped(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_zip_gives_its_pictures_in_their_order(tmp_path):
    members = {
        name: name.encode()
        for name in ("b/p10.png", "b/p2.png", "a/z.JPG", "10.heic", "9.svg", "a/readme.txt")
    }
    members |= {"__MACOSX/b/._p2.png": b"x", "b/.hidden.png": b"x", ".git/a.png": b"x"}
    path = zipped(tmp_path / "holiday.zip", members)
    assert is_archive(path) and not is_archive(tmp_path) and not is_archive(tmp_path / "none")
    found = unpack_pictures(path, tmp_path / "out")
    expected = ["9.svg", "10.heic", "a/z.JPG", "b/p2.png", "b/p10.png"]
    assert [each.read_bytes().decode() for each in found] == expected
    assert [each.name for each in found] == [each.rpartition("/")[2] for each in expected]


@pytest.mark.parametrize(
    "name",
    ["../a.png", "/tmp/a.png", "../../../../a.png", "C:\\a.png", "..\\a.png", "a/../../b.png"],
)
def test_nothing_is_written_outside(tmp_path, name):
    inside = tmp_path / "deep" / "out"
    path = zipped(tmp_path / "a.zip", {name: b"x", "b" * 300 + ".png": b"y", "a.png": b"z"})
    before = set(tmp_path.rglob("*"))
    try:
        found = unpack_pictures(path, inside)
    except InputError:
        found = []
    new = set(tmp_path.rglob("*")) - before
    assert all(each.resolve().is_relative_to(tmp_path / "deep") for each in [*found, *new])
    assert any(each.read_bytes() == b"z" for each in found)


def test_the_same_name_twice_is_two_pictures(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a/p.png": b"1", "b/p.png": b"2"})
    assert [each.read_bytes() for each in unpack_pictures(path, tmp_path / "out")] == [b"1", b"2"]


def encrypted():
    data = bytearray(packed({"a.png": b"x"}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def packed(members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    zipped(buffer, members, method)
    return buffer.getvalue()


def lying():
    """A directory that says a picture is of one byte, while it unpacks to megabytes."""
    data = bytearray(packed({"a.png": bytes(5_000_000)}))
    at = data.index(b"PK\1\2")
    struct.pack_into("<I", data, at + 24, 1)
    return bytes(data)


BAD_ZIPS = {
    "none": (lambda: packed({"a.txt": b"x"}), "no pictures"),
    "many": (lambda: packed({f"{k}.png": b"" for k in range(MAX_SLIDES + 1)}), "up to 1000"),
    "more": (lambda: packed({f"{k:0200}": b"" for k in range(5000)}), "too many files"),
    "cut": (lambda: packed({"a.png": bytes(1000)})[:-30], "cut short"),
    "noise": (lambda: b"PK\3\4" + bytes(range(256)) * 4 + b"PK\5\6" + bytes(18), "damaged|no pic"),
    "password": (encrypted, "password"),
    "lzma": (lambda: packed({"a.png": b"x"}, zipfile.ZIP_LZMA), "unusual"),
    "lying": (lying, "damaged|too much"),
}


@pytest.mark.parametrize("kind", BAD_ZIPS)
def test_a_bad_zip_is_refused_in_a_sentence(tmp_path, kind):
    make, reason = BAD_ZIPS[kind]
    (tmp_path / "a.zip").write_bytes(make())
    with pytest.raises(InputError, match=reason) as error:
        unpack_pictures(tmp_path / "a.zip", tmp_path / "out")
    assert str(error.value).startswith("a.zip ") and str(error.value).endswith(".")


def test_a_bomb_fills_no_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "MAX_UNPACKED_BYTES", 10_000_000)
    one = bytes(4_000_000)
    path = zipped(tmp_path / "a.zip", {f"{k}.png": one for k in range(9)})
    with pytest.raises(InputError, match="too much"):
        unpack_pictures(path, tmp_path / "out")
    written = sum(each.stat().st_size for each in (tmp_path / "out").rglob("*.png"))
    assert written <= 10_000_000
