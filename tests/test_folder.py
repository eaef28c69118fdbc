"""A folder of results appears when it is whole, or not at all."""

import stat
from pathlib import Path

import pytest

from moss.errors import OutputError
from moss.folder import new_folder


class Interrupted(BaseException):
    """Leaves a block as Ctrl-C and a closed generator do."""


def tree(folder):
    """Every file below `folder` with its text."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(folder):
    (folder / "front").mkdir()
    (folder / "front" / "00.txt").write_text("sound")
    (folder / "summary.txt").write_text("figures")


WRITTEN = {"front/00.txt": "sound", "summary.txt": "figures"}


@pytest.mark.parametrize("name", ["out", "deep/er/out", "with spaces", "ünï-codé", ".hidden"])
def test_folder_appears_whole_and_alone(tmp_path, name):
    with new_folder(tmp_path / name) as folder:
        write(folder)
        assert not (tmp_path / name).exists()
    assert tree(tmp_path) == {f"{name}/{file}": text for file, text in WRITTEN.items()}
    assert [path.name for path in (tmp_path / name).parent.iterdir()] == [Path(name).name]


def test_it_is_built_beside_its_place(tmp_path):
    """So that moving it never copies from one disk to another."""
    with new_folder(tmp_path / "out") as folder:
        assert folder.parent == tmp_path
        assert list(folder.iterdir()) == []


def test_path_may_be_text_and_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with new_folder("out") as folder:
        monkeypatch.chdir("/")
        write(folder)
    assert tree(tmp_path / "out") == WRITTEN


@pytest.mark.parametrize("error", [ValueError, Interrupted, KeyboardInterrupt, GeneratorExit])
def test_nothing_is_left_by_what_ends_early(tmp_path, error):
    with pytest.raises(error), new_folder(tmp_path / "out") as folder:
        write(folder)
        raise error
    assert list(tmp_path.iterdir()) == []


def test_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out") as folder:
        write(folder)
    assert tree(tmp_path / "out") == WRITTEN


@pytest.mark.parametrize("content", ["file", "folder", "hidden"])
def test_folder_with_something_in_it_is_not_touched(tmp_path, content):
    out = tmp_path / "out"
    out.mkdir()
    if content == "folder":
        (out / "sub").mkdir()
    else:
        (out / (".keep" if content == "hidden" else "mine.txt")).write_text("mine")
    with pytest.raises(OutputError, match="--overwrite"), new_folder(out):
        pytest.fail("the block must not be entered")
    assert len(list(out.iterdir())) == 1
    assert list(tmp_path.iterdir()) == [out]


def test_folder_filled_meanwhile_is_not_touched(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(OutputError, match="--overwrite"), new_folder(out) as folder:
        write(folder)
        out.mkdir()
        (out / "mine.txt").write_text("mine")
    assert tree(tmp_path) == {"out/mine.txt": "mine"}


def test_overwrite_replaces_everything(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.txt").write_text("old")
    with new_folder(tmp_path / "out", overwrite=True) as folder:
        write(folder)
        assert tree(tmp_path / "out") == {"old.txt": "old"}
    assert tree(tmp_path / "out") == WRITTEN
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [ValueError, Interrupted])
def test_overwrite_keeps_the_old_folder_if_the_new_one_is_not_finished(tmp_path, error):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.txt").write_text("old")
    with pytest.raises(error), new_folder(tmp_path / "out", overwrite=True) as folder:
        write(folder)
        raise error
    assert tree(tmp_path) == {"out/old.txt": "old"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_is_never_replaced(tmp_path, overwrite):
    (tmp_path / "out").write_text("mine")
    with (
        pytest.raises(OutputError, match="is a file"),
        new_folder(tmp_path / "out", overwrite=overwrite),
    ):
        pytest.fail("the block must not be entered")
    assert tree(tmp_path) == {"out": "mine"}


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("mine")
    with (
        pytest.raises(OutputError, match="cannot be written") as raised,
        new_folder(tmp_path / "file" / "out"),
    ):
        pytest.fail("the block must not be entered")
    assert str(tmp_path / "file") in str(raised.value)
    assert "None" not in str(raised.value)
    assert tree(tmp_path) == {"file": "mine"}


def test_a_full_disk_is_an_output_error(tmp_path):
    """/dev/full refuses every byte, as a full disk does."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    with pytest.raises(OutputError, match="No space left"), new_folder(tmp_path / "out") as folder:
        write(folder)
        Path("/dev/full").write_text("x" * 100)
    assert list(tmp_path.iterdir()) == []


def test_folder_has_the_rights_of_any_other_new_folder(tmp_path):
    (tmp_path / "plain").mkdir()
    with new_folder(tmp_path / "out") as folder:
        write(folder)
    plain, out = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "out"))
    assert out == plain
