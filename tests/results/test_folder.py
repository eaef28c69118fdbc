"""A folder of results appears when it is whole, or not at all."""

import errno
import inspect
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from moss import temporary
from moss.errors import OutputError
from moss.results.folder import new_folder

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize("state", ["empty", "missing", "full"])
def test_a_link_stays_and_what_it_names_is_written(tmp_path, state):
    target, link = tmp_path / "disk" / "runs", tmp_path / "out"
    target.parent.mkdir()
    if state != "missing":
        target.mkdir()
    if state == "full":
        (target / "old.txt").write_text("old")
    link.symlink_to("disk/runs")
    with new_folder(link, overwrite=state == "full") as folder:
        write(folder)
        assert folder.parent == target.parent  # on the disk that it will lie on
    assert link.is_symlink() and link.readlink() == Path("disk/runs")
    assert tree(target) == WRITTEN
    assert [path.name for path in target.parent.iterdir()] == ["runs"]


@pytest.mark.parametrize("path", ["loop", "loop/out", "there"])
def test_a_link_that_leads_to_itself_is_one_sentence(tmp_path, path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "there").symlink_to("back")
    (tmp_path / "back").symlink_to("there")
    says = "goes by a link that leads to itself"
    with pytest.raises(OutputError, match=says), new_folder(tmp_path / path, overwrite=True):
        pytest.fail("the work begins")
    assert {each.name for each in tmp_path.iterdir()} == {"loop", "there", "back"}


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
    with pytest.raises(OutputError, match="overwrite=True"), new_folder(out):
        pytest.fail("the block must not be entered")
    assert len(list(out.iterdir())) == 1
    assert list(tmp_path.iterdir()) == [out]


def test_folder_filled_meanwhile_is_not_touched(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(OutputError, match="overwrite=True"), new_folder(out) as folder:
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


# Killed processes

posix = pytest.mark.skipif(os.name == "nt", reason="folders have no owner there")
REPLACED = {"more.txt": "more", "old.txt": "old"}
NEW = {f"out/{file}": text for file, text in WRITTEN.items()}

# Builds the folder "out", but is killed just before one of its steps in the file system.
BUILDER = f"""
import os, signal, sys
from moss.results.folder import new_folder

{inspect.getsource(write)}
STEPS = "open os.mkdir os.chmod os.rename os.remove os.rmdir fcntl.flock".split()
place, overwrite, left = sys.argv[1], sys.argv[2] == "True", int(sys.argv[3])


def count(event, _):
    global left
    if event in STEPS:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(count)
with new_folder(place + "/out", overwrite=overwrite) as folder:
    write(folder)
left = 1000
"""


def build_but_die(place, overwrite, step):
    """Let a process build `place`/out and be killed before `step`; return whether it was."""
    command = [sys.executable, "-c", BUILDER, place, str(overwrite), str(step)]
    code = subprocess.run(command, cwd=ROOT, timeout=60).returncode
    assert code in (0, -signal.SIGKILL)
    return code != 0


@posix
@pytest.mark.parametrize(
    ("overwrite", "removed"), [(False, False), (True, False), (True, True)], ids=str
)
def test_killed_before_any_of_its_steps_it_leaves_all_or_nothing(tmp_path, overwrite, removed):
    """The next folder of that name finds what was there before, or the whole new one.

    Where a person has `removed` the new one, nothing of an old one comes back by halves.
    """
    step, killed, kinds, found = 0, True, set(), []
    while killed:
        out = tmp_path / str(step) / "out"
        out.parent.mkdir()
        if overwrite:
            out.mkdir()
            for file, text in REPLACED.items():
                (out / file).write_text(text)
        killed = build_but_die(out.parent, overwrite, step)
        kinds |= {path.suffix for path in out.parent.iterdir()}
        if out.exists():
            assert tree(out) in (REPLACED, WRITTEN)
            if removed and tree(out) == WRITTEN:
                shutil.rmtree(out)
        try:
            with new_folder(out):
                found.append({})
        except OutputError:  # there is something that has to stay
            found.append(tree(out))
        assert [path.name for path in out.parent.iterdir()] == ["out"]
        step += 1
    before, after = REPLACED if overwrite else {}, {} if removed else WRITTEN
    # At first what was there before, and from some step on the new one.
    assert found == [before] * found.count(before) + [after] * found.count(after)
    assert found[0] == before and found[-1] == after
    assert kinds >= ({"", ".part", ".old"} if overwrite else {"", ".part"})


@posix
def test_what_comes_in_the_place_of_a_lost_folder_stays(tmp_path):
    lost = tmp_path / ".out.abcd1234.old" / "run"
    lost.mkdir(parents=True)
    (lost / "old.txt").write_text("old")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="overwrite=True"), new_folder(tmp_path / "out"):
        pytest.fail("the block must not be entered")
    assert tree(tmp_path) == {"out/mine.txt": "mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@posix
def test_a_lost_link_comes_back_as_a_link(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "old.txt").write_text("old")
    (tmp_path / ".out.abcd1234.old").mkdir()
    (tmp_path / ".out.abcd1234.old" / "run").symlink_to("far")
    with pytest.raises(OutputError, match="overwrite=True"), new_folder(tmp_path / "out"):
        pytest.fail("the block must not be entered")
    assert (tmp_path / "out").readlink() == Path("far")
    assert tree(tmp_path / "out") == {"old.txt": "old"}


def test_a_folder_that_is_being_built_is_left_alone(tmp_path):
    with new_folder(tmp_path / "out") as one:
        write(one)
        with new_folder(tmp_path / "out") as other:
            assert one != other and tree(one) == WRITTEN
            with pytest.raises(ValueError), new_folder(tmp_path / "out"):
                raise ValueError
        assert tree(one) == WRITTEN
    assert tree(tmp_path) == NEW


@pytest.mark.parametrize(
    "name",
    [
        ".out.notes.part",
        ".out.more.abcd1234.part",  # of a folder "out.more"
        ".out.more.abcd1234.old",
        ".out.abcd1234.part.txt",
        ".Out.abcd1234.part",
        "xout.abcd1234.part",
        ".out2.abcd1234.old",
    ],
)
def test_what_belongs_to_another_name_is_left_alone(tmp_path, name):
    (tmp_path / name / "run").mkdir(parents=True)
    with new_folder(tmp_path / "out") as folder:
        write(folder)
    assert {path.name for path in tmp_path.iterdir()} == {"out", name}
    assert (tmp_path / name / "run").is_dir()


@posix
@pytest.mark.parametrize("suffix", [".part", ".old"])
def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path, suffix):
    (tmp_path / "mine" / "run").mkdir(parents=True)
    (tmp_path / "mine" / "run" / "mine.txt").write_text("mine")
    (tmp_path / f".out.abcd1234{suffix}").symlink_to("mine")
    with new_folder(tmp_path / "out") as folder:
        write(folder)
    assert tree(tmp_path / "mine") == {"run/mine.txt": "mine"}


def no_locks(*_):
    raise OSError(errno.ENOLCK, "No locks available")


@pytest.mark.parametrize("system", ["without locks", "with a disk without locks"])
def test_without_locks_nothing_is_ever_abandoned(tmp_path, monkeypatch, system):
    if system == "without locks":
        monkeypatch.setattr(temporary, "fcntl", None)
    elif temporary.fcntl:
        monkeypatch.setattr(temporary.fcntl, "flock", no_locks)
    (tmp_path / ".out.abcd1234.part").mkdir()
    with new_folder(tmp_path / "out") as folder:
        write(folder)
    assert tree(tmp_path) == NEW
    assert (tmp_path / ".out.abcd1234.part").is_dir()
