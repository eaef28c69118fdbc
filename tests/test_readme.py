"""The README's examples for programs, run word for word against the app itself."""

import ast
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

from app import compute
from moss import ui
from tests.app_process import ROOT, free_port, running_app

PORT = 7860  # the README's
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = README.split("## From a program")[1].split("\n## ")[0]


def blocks(language):
    """The examples in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```", PROGRAMS, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return free_port()
    return PORT


@pytest.fixture(scope="module")
def app(port, tmp_path_factory):
    with running_app(tmp_path_factory.mktemp("app"), port=port) as (url, _):
        yield url


def test_the_python_examples_call_what_the_page_offers():
    """They name endpoints and inputs that there are; the tests below run them."""
    offered = ui.build(compute=compute, results=None).get_api_info()["named_endpoints"]
    inputs = {
        name: {about["parameter_name"] for about in endpoint["parameters"]}
        for name, endpoint in offered.items()
    }
    called = set()
    for block in blocks("python"):
        for call in ast.walk(ast.parse(block)):
            given = {each.arg: each.value for each in getattr(call, "keywords", ())}
            if "api_name" in given:
                # A name with a part that is filled in stands for several.
                name = ast.unparse(given.pop("api_name")).removeprefix("f").strip("'")
                pattern = re.sub(r"\{\w+\}", r"\\w+", name)
                names = {name for name in inputs if re.fullmatch(pattern, name)}
                assert names, pattern
                assert all(set(given) - {None} <= inputs[name] for name in names)
                called |= names
    assert called == set(inputs)


def run(command, text, port, cwd=ROOT):
    """The lines that an example prints; its port is another where somebody has the README's."""
    done = subprocess.run(
        command,
        input=text.replace(f":{PORT}", f":{port}"),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.soak
@pytest.mark.usefixtures("app")
def test_the_python_example_makes_what_it_prints(port):
    lines = run([sys.executable, "-"], blocks("python")[0], port)
    stages = [line.split()[0] for line in lines if re.match(r"[a-z]+ ?\d*$", line)]
    order = ["waiting", "reading", "seeding", "evolution", "front", "sounds", "files", "done"]
    assert list(dict.fromkeys(stages)) in (order, order[1:])
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


@pytest.mark.soak
@pytest.mark.usefixtures("app")
def test_the_python_example_makes_sounds_of_every_source(port, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")  # it leaves an array where it is run
    _, sonify = blocks("python")
    lines = [line.split() for line in run([sys.executable, "-"], sonify, port, tmp_path)]
    lines = [line for line in lines if len(line) == 7]
    durations = {"picture": 2, "slideshow": 4, "video": 2, "array": 2}
    assert [line[0] for line in lines] == list(durations)
    for source, duration_s, loss, sound, spectrogram, film, summary in lines:
        assert float(duration_s) == pytest.approx(durations[source], abs=0.06)
        assert 0 < float(loss) < 0.7
        samples, rate = soundfile.read(sound)
        assert len(samples) / rate == pytest.approx(float(duration_s))
        assert np.abs(samples).max() > 0.01
        Image.open(spectrogram).verify()
        assert film.endswith(".mp4")
        assert json.loads(Path(summary).read_text())["visual_loss"] == float(loss)


@pytest.mark.soak
@pytest.mark.usefixtures("app")
@pytest.mark.skipif(
    shutil.which("curl") is None and "CI" not in os.environ, reason="there is no curl"
)
def test_the_curl_example_makes_what_it_prints(port):
    (example,) = blocks("bash")
    lines = run(["bash", "-s"], example, port)
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert events[-1] == "complete" and set(events) <= {"generating", "heartbeat", "complete"}
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    progress, sounds, spectrograms, gif, film, summary, archive = data[-1]
    assert progress["stage"] == "done"
    assert len(sounds) == len(spectrograms) == len(progress["points"]) == 12
    for file in (*sounds, gif, film, summary, archive):
        fetched = subprocess.run(
            ["curl", "-sSf", file["url"]], capture_output=True, check=True, timeout=60
        )
        assert len(fetched.stdout) == file["size"]
