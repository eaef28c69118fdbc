"""A disk that is really full: a small one of its own, which only root can mount."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from app import compute
from moss.errors import OutputError
from moss.ui.host import room as room_module
from moss.ui.host.room import FULL, Room
from moss.ui.host.run import Host, Order
from moss.usecases.blend import blend
from tests.app_process import ROOT
from tests.small import PAD, PICTURE, SMALL

SMALL_OPTIONS = [
    *("--duration=3", "--sample-rate=8000", "--n-fft=512", "--hop-length=128", "--device=cpu"),
    *("--representatives=4", "--grid-height=16", "--audio-weights=6", "--descent-steps=4"),
    *("--pop-size=16", "--generations=3", "--effort=0.2"),
]
VISITOR = SimpleNamespace(session_hash="visitor", client=None)


@pytest.fixture(params=[100, 1500], ids=lambda size: f"{size}k")
def disk(tmp_path, request):
    """A disk of so many KB, of which a run needs some 3,000: it ends in sounds or in pictures."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}k", "tmpfs", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user cannot mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_the_command_line_says_so_and_leaves_nothing(disk):
    command = [sys.executable, "-m", "moss", "blend", "--image", PICTURE, "--audio", PAD]
    done = subprocess.run(
        [*command, "--output", disk / "out", *SMALL_OPTIONS, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2
    said = done.stderr.splitlines()[-1]
    assert said.startswith("moss: ") and said.endswith(".")
    assert "space" in said
    assert "Traceback" not in done.stderr
    assert list(disk.iterdir()) == []


@pytest.mark.usefixtures("own_films")
@pytest.mark.parametrize("hosted", [True, False])
def test_the_page_says_so_and_leaves_nothing(disk, monkeypatch, tmp_path, hosted):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(disk))
    monkeypatch.setattr(room_module, "MIN_FREE_BYTES", 0)  # so that the run begins at all
    host = Host(compute, "cpu", None if hosted else tmp_path / "results", Room(disk))
    order = Order("name", lambda folder: blend(PICTURE, PAD, folder, SMALL), (), 0)
    with pytest.raises(OutputError) as raised:
        list(host.run(VISITOR, order))
    sentence = str(raised.value)
    assert sentence == FULL if hosted else "space" in sentence
    assert list(disk.iterdir()) == []
