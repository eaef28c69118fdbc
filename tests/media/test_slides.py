"""The pictures of a folder come in the order a person gives them."""

import pytest

from moss.errors import InputError
from moss.media import pictures_in


def filled(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


def test_numbers_in_names_are_in_their_order(tmp_path):
    filled(
        tmp_path, "p10.png", "p2.PNG", "P1.jpg", "p02.webp", "10.gif", "9.bmp", "a.tif", "b.TIFF"
    )
    names = [each.name for each in pictures_in(tmp_path)]
    expected = "9.bmp 10.gif a.tif b.TIFF P1.jpg p2.PNG p02.webp p10.png"
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
