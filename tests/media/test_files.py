"""Paths of any kind are read, or refused in one sentence."""

import os

import pytest

from moss.errors import InputError
from moss.media import load_audio, load_picture, load_video
from moss.media.array import load_array
from moss.media.files import name_of, shown

LOADERS = {
    "picture": load_picture,
    "array": load_array,
    "video": lambda path: load_video(path, rows=8, columns_per_s=10.0, max_duration_s=1.0),
    "audio": lambda path: load_audio(path, sample_rate=8000, start_s=0, duration_s=1, mono=False),
}


@pytest.fixture(params=LOADERS)
def load(request):
    return LOADERS[request.param]


@pytest.mark.parametrize("path", ["https://example.org/a.png", "FTP://example.org/b/a.png"])
def test_web_address_is_told_from_a_missing_file(load, path):
    with pytest.raises(InputError, match=r"^a\.png is a web address; download it and give"):
        load(path)


def test_link_that_leads_to_itself_is_refused(load, tmp_path):
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")
    with pytest.raises(InputError, match=r"^a\.png is a link that leads to itself; give an? "):
        load(tmp_path / "a.png")


@pytest.mark.parametrize(
    "name, seen",
    [
        (b"caf\xe9.png", "caf\ufffd.png"),
        (b"two\nlines\x1b[31m.png", "two\ufffdlines\ufffd[31m.png"),
        ("絵 😀 é.png".encode(), "絵 😀 é.png"),
    ],
)
def test_sentences_show_names_of_any_bytes(load, tmp_path, name, seen):
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"words " * 99)
    with pytest.raises(InputError) as raised:
        load(path)
    sentence = str(raised.value)
    assert seen in sentence
    assert sentence.encode()  # which half of a character would not let it be
    assert sentence.isprintable()
    assert name_of(path) == seen == shown(os.fsdecode(name))
