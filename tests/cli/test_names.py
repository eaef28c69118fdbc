"""Files and folders of any name go through the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from moss.cli.main import main

ROOT = Path(__file__).parents[2]
SHORT = ("--duration=0.5", "--effort=0.1", "--device=cpu")
NAMES = [b"caf\xe9", "絵 😀".encode(), b"two\nlines\x07", b"-name", b"a'b\"c %s {x}"]


def picture(path):
    Image.fromarray((np.indices((64, 64)).sum(0) * 2).astype(np.uint8)).save(path, "PNG")
    return path


def moss(*arguments, encoding="utf-8:strict"):
    """Run MOSS where a warning is a failure and what cannot be coded is one, too."""
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "moss", *map(os.fspath, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=300,
    )


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_pictures_and_folders_of_any_name_become_sound(tmp_path, name):
    image = picture(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".png")))
    output = Path(os.fsdecode(os.fsencode(tmp_path) + b"/to-" + name))
    done = moss("sonify", f"--image={image}", "--output", output, *SHORT)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr and b"Glyph" not in done.stderr
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    assert summary["inputs"][0]["path"] == str(image)
    assert (output / "sound.mp4").stat().st_size > 0


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_blend_of_names_that_are_not_utf_8_can_be_made_again(tmp_path, encoding):
    here = os.fsencode(tmp_path)
    image = picture(Path(os.fsdecode(here + b"/p\xff.png")))
    audio, output = (Path(os.fsdecode(here + each)) for each in (b"/t\xe9.wav", b"/o\xfc"))
    with audio.open("wb") as file:
        noise = np.random.default_rng(0).normal(0, 0.1, 44_100)
        soundfile.write(file, noise, 44_100, format="WAV")
    small = ("--preset=quick", "--pop-size=4", "--generations=1", "--audio-weights=3", "--share")
    files = ("--image", image, "--audio", audio, "--output", output)
    done = moss("blend", *files, *SHORT, *small, "--duration=1", encoding=encoding)
    assert done.returncode == 0, done.stderr
    again = moss("blend", "--from", output, "--output", tmp_path / "again", encoding=encoding)
    assert again.returncode == 0, again.stderr
    name = json.loads((output / "summary.json").read_text())["chosen"]["balanced"]
    assert (output / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ("sonify --image -a.png --output o", "goes after =, as in --image=-name; "),
        ("blend --image a --audio -a.wav --output o", "goes after =, as in --audio=-name; "),
        ("sonify --image LOOP --output o", "loop.png is a link that leads to itself; "),
        ("blend --image LOOP --audio LOOP --output o", "loop.png is a link that leads to itself; "),
        ("sonify --image PICTURE --output LOOP", "goes by a link that leads to itself; "),
        ("sonify --image http://x.org/a.png --output o", "a.png is a web address; download it"),
        ("blend --image PICTURE --audio http://x.org/a.mp3 --output o", "a.mp3 is a web address"),
        ("sonify --image PICTURE --output FULL", "or --overwrite to replace it."),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(tmp_path, capfd, arguments, sentence):
    (tmp_path / "loop.png").symlink_to("loop.png")
    full = tmp_path / "full"
    full.mkdir()
    (full / "kept").touch()
    named = {"LOOP": tmp_path / "loop.png", "PICTURE": picture(tmp_path / "p.png"), "FULL": full}
    words = [str(named.get(word, word)) for word in arguments.split()]
    words[-1] = str(tmp_path / words[-1])
    assert main(words) == 2
    said = capfd.readouterr().err.splitlines()[-1]
    assert said.startswith("moss: ") and sentence in said and said.endswith(".")
    assert {each.name for each in tmp_path.iterdir()} == {"loop.png", "p.png", "full"}
