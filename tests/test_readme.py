"""The README's examples for programs, run word for word against the app itself."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.app_process import ROOT, free_port, running_app

PORT = 7860  # the README's
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = README.split("## From a program")[1].split("\n## ")[0]


def block(language):
    """The one example in `language`; its port is another where somebody has taken the README's."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PROGRAMS, re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return free_port()
    return PORT


@pytest.fixture(scope="module", autouse=True)
def app(port, tmp_path_factory):
    with running_app(tmp_path_factory.mktemp("app"), port=port) as (url, _):
        yield url


def run(command, text, port):
    done = subprocess.run(
        command,
        input=text.replace(f":{PORT}", f":{port}"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_python_example_makes_what_it_prints(port):
    lines = run([sys.executable, "-"], block("python"), port)
    phases = [line.split()[0] for line in lines if re.match(r"[a-z]+ ?\d*$", line)]
    order = ["waiting", "reading", "seeding", "evolution", "front", "sounds", "files", "done"]
    assert list(dict.fromkeys(phases)) in (order, order[1:])
    files = [line for line in lines if line.startswith("/")]
    sounds = [file for file in files if file.endswith(".wav")]
    assert len(sounds) == 12
    lengths = set()
    for file in sounds:
        samples, rate = soundfile.read(file)
        assert np.abs(samples).max() > 0.01
        lengths.add(len(samples) / rate)
    assert lengths == {5.0}
    for file in files:
        if file.endswith((".png", ".gif")):
            Image.open(file).verify()
    (archive,) = (file for file in files if file.endswith(".zip"))
    with zipfile.ZipFile(archive) as whole:
        assert whole.testzip() is None
    (summary,) = (file for file in files if file.endswith(".json"))
    settings = json.loads(Path(summary).read_text())["settings"]
    assert (settings["start_s"], settings["duration_s"]) == (2, 5)
    found = re.fullmatch(r"point 20 replays \[(.+), (.+)\] in (.+\.wav)", lines[-1])
    samples, rate = soundfile.read(found[3])
    assert len(samples) / rate == 5
    assert 0 < float(found[1]) < 1 and float(found[2]) > 0


@pytest.mark.skipif(
    shutil.which("curl") is None and "CI" not in os.environ, reason="there is no curl"
)
def test_the_curl_example_makes_what_it_prints(port):
    lines = run(["bash", "-s"], block("bash"), port)
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert events[-1] == "complete" and set(events) <= {"generating", "heartbeat", "complete"}
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    progress, sounds, spectrograms, gif, film, summary, archive = data[-1]
    assert progress["phase"] == "done"
    assert len(sounds) == len(spectrograms) == len(progress["points"]) == 12
    for file in (*sounds, gif, film, summary, archive):
        fetched = subprocess.run(
            ["curl", "-sSf", file["url"]], capture_output=True, check=True, timeout=60
        )
        assert len(fetched.stdout) == file["size"]
