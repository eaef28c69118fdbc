"""Killed with SIGKILL, neither the command line nor the app leaves harm behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from moss.results.folder import new_folder
from moss.temporary import NAME, owned_folder, temporary_folder
from tests.app_process import ROOT, running_app
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

PATIENCE_S = 300  # no run of these takes nearly as long
SEED = 20240607
KILLS = 5  # of each kind
# As small as it gets; every stage still has something to do.
SMALL = ["--duration=1", "--sample-rate=8000", "--n-fft=512", "--hop-length=128", "--device=cpu"]
SMALL += ["--representatives=3", "--grid-height=16", "--audio-weights=6", "--descent-steps=4"]
SMALL += ["--pop-size=12", "--generations=2", "--effort=0.1"]


def contents(folder):
    """Every path under a folder, hidden ones too, with the bytes of the files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def patient(condition):
    """Wait until `condition()`, and return what it returns."""
    return eventually(condition, PATIENCE_S)


@contextmanager
def started(command, **environment):
    """A process with a group of its own; none of the group outlives the block."""
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=os.environ | {name: str(value) for name, value in environment.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        with process:
            yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def group_ended(process):
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    with suppress(ChildProcessError):  # as process 1 of a container, this one buries its orphans
        os.waitpid(-process.pid, os.WNOHANG)
    return False


# The command line


class Lane:
    """One output folder, the command that makes it, and a folder for its temporary files."""

    def __init__(self, place, track, *more):
        self.output, self.temporary = place / "results" / "out", place / "temporary"
        self.temporary.mkdir(parents=True)
        self.command = ["-m", "moss", "blend", "--image", ROOT / "examples/fern.jpg"]
        self.command += ["--audio", track, "--output", self.output, *SMALL, *more]

    def run(self):
        """Run the command to its end; return how long that took, in seconds."""
        begun = time.monotonic()
        with started(self.command, TMPDIR=self.temporary) as process:
            said, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, said
        return time.monotonic() - begun

    def kill(self, moment_s):
        """Start the command and kill it after `moment_s`; what it started must end by itself."""
        with started(self.command, TMPDIR=self.temporary) as process:
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=moment_s)
            process.kill()
            process.communicate(timeout=PATIENCE_S)
            patient(lambda: group_ended(process))

    def beside(self):
        """What lies beside the output folder, by its kind."""
        names = {path.name for path in self.output.parent.glob("*")} - {self.output.name}
        return [re.fullmatch(r"\.out\.\w{8}(\.part|\.old)", name)[1] for name in names]


def is_whole(folder, finished):
    """Whether a folder has all that a finished run of the same command has."""
    found = contents(folder)
    return found.keys() == finished.keys() and all(
        found[name] == data for name, data in finished.items() if name.endswith((".wav", ".npy"))
    )


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    """A track that takes ffmpeg and a temporary file to read."""
    path = tmp_path_factory.mktemp("track") / "strings.m4a"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", ROOT / "examples/strings.ogg"]
    subprocess.run([*ffmpeg, "-c:a", "aac", path], check=True)
    return path


def test_a_command_that_is_killed_as_it_writes_leaves_nothing_that_stays(tmp_path, track):
    lane = Lane(tmp_path, track)
    with started(lane.command, TMPDIR=lane.temporary) as process:
        assert any(line.split()[-1:] == ["files"] for line in process.stdout)
        process.kill()
        process.communicate(timeout=PATIENCE_S)
        patient(lambda: group_ended(process))
    assert not lane.output.exists() and lane.beside() == [".part"]
    assert len(list(lane.temporary.iterdir())) <= 1
    with new_folder(lane.output):
        assert len(lane.beside()) == 1  # of this one: what the killed one left is gone
    assert lane.beside() == []
    with temporary_folder(lane.temporary) as mine:
        assert list(lane.temporary.iterdir()) == [mine]


@pytest.mark.soak
def test_a_killed_command_leaves_all_or_nothing(tmp_path, track):
    """Two commands at a time, a new result and one to overwrite, as each has a core then."""
    fresh, over = Lane(tmp_path / "fresh", track), Lane(tmp_path / "over", track, "--overwrite")
    with ThreadPoolExecutor() as pool:
        duration_s = max(pool.map(Lane.run, (fresh, over)))
        finished = contents(over.output)
        assert is_whole(fresh.output, finished)
        shutil.rmtree(fresh.output)
        # One at random in each fifth of the time that a run takes.
        random = np.random.default_rng(SEED).random((2, KILLS))
        moments_s = (np.arange(KILLS) + random) / KILLS * duration_s
        lanes = pool.map(killed_again_and_again, (fresh, over), moments_s, [finished] * 2)
        assert [".part"] in chain(*lanes)  # or none was killed at its work


def killed_again_and_again(lane, moments_s, finished):
    """Kill the lane's command at each moment, then run it; return what was left each time."""
    left = []
    for moment_s in moments_s:
        before = contents(lane.output) if lane.output.exists() else None
        lane.kill(moment_s)
        after = contents(lane.output) if lane.output.exists() else None
        if after != before:  # it was done already
            assert is_whole(lane.output, finished)
            if "--overwrite" not in lane.command:
                shutil.rmtree(lane.output)
        left.append(lane.beside())
        assert left[-1] in ([], [".part"])  # what an earlier one left is gone
        assert len(list(lane.temporary.iterdir())) <= 1
    lane.run()
    assert is_whole(lane.output, finished)
    assert lane.beside() == [] and list(lane.temporary.iterdir()) == []
    return left


# Temporary folders

HOLDER = """
import sys
from moss.temporary import temporary_folder
with temporary_folder(sys.argv[1]) as folder:
    (folder / "upload").write_text("private")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_temporary_folder_lasts_as_long_as_its_process(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path], cwd=ROOT, stdin=-1, stdout=-1, text=True
    )
    with holder:
        its = Path(holder.stdout.readline().strip())
        with temporary_folder(tmp_path) as mine:
            assert {*tmp_path.iterdir()} == {its, mine} and (its / "upload").exists()
        holder.kill()
        holder.wait(PATIENCE_S)
        assert [*tmp_path.iterdir()] == [its]
    with temporary_folder(tmp_path) as mine:
        assert [*tmp_path.iterdir()] == [mine]
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["moss-demo", "moss-2024.temp", "moss-abcd1234", "moss.temp"])
def test_what_a_person_calls_moss_is_left_alone(tmp_path, name):
    (tmp_path / name).mkdir()
    with temporary_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [name]


USER = """
import sys
from moss.temporary import temporary_folder

def use():
    with temporary_folder(sys.argv[1]) as folder:
        (folder / "sound.wav").write_text("sound")
        assert (folder / "sound.wav").read_text() == "sound"
"""
CROWD = """
for _ in range(100):
    use()
"""
# Before one step of the first in the file system, a second begins and ends: each step in turn.
MEETING = """
left = -1

def meet(event, _):
    global left
    if event in ("open", "os.mkdir", "os.rmdir", "fcntl.flock"):
        left -= 1
        if left == 0:
            use()

sys.addaudithook(meet)
for step in range(1, 100):
    left = step
    use()
    if left > 0:
        break
assert 5 < step < 99
"""


@pytest.mark.parametrize(("users", "script"), [(4, CROWD), (1, MEETING)], ids=["crowd", "meeting"])
def test_nobody_takes_a_new_folder_for_an_abandoned_one(tmp_path, users, script):
    """Many begin at the same time, and each looks for abandoned ones."""
    command = [sys.executable, "-c", USER + script, tmp_path]
    crowd = [subprocess.Popen(command, cwd=ROOT, stderr=-1, text=True) for _ in range(users)]
    assert [process.communicate(timeout=PATIENCE_S)[1] for process in crowd] == [""] * users
    assert [*tmp_path.iterdir()] == []


# The app


def uploaded(url, name, data):
    """Upload a file as the page does; return where it lies."""
    body = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s'
    request = urllib.request.Request(
        f"{url}/gradio_api/upload",
        data=body % (name.encode(), data) + b"\r\n--edge--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=edge"},
    )
    [path] = json.load(urllib.request.urlopen(request, timeout=PATIENCE_S))
    return Path(path)


@pytest.fixture
def interruptible():
    """A shell's background job, which this may be, ignores SIGINT and hands that down."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.soak
def test_a_killed_app_starts_again_and_nothing_of_it_stays(tmp_path, interruptible):
    tmp_path = tmp_path.resolve()
    with running_app(tmp_path) as (url, process):
        upload = uploaded(url, "private.txt", b"private")
        assert upload.read_bytes() == b"private"
        [root] = tmp_path.iterdir()
        assert upload.is_relative_to(root)
        process.kill()
        process.wait(PATIENCE_S)
        patient(lambda: group_ended(process))
    assert upload.exists()
    with owned_folder(tmp_path, *NAME) as other:  # as of an app that still runs
        with running_app(tmp_path) as (url, process):
            assert not root.exists()
            assert len({*tmp_path.iterdir()} - {other}) == 1 and other.exists()
            assert uploaded(url, "again.txt", b"again").exists()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE_S)
        assert [*tmp_path.iterdir()] == [other]
