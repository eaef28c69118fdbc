"""The commands of ffmpeg that the command line prints: they run, and show a tone where it is."""

import os
import shlex
import subprocess
import sys

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from PIL import Image

from moss.cli.main import main
from moss.usecases.live import (
    RATE,
    Microphone,
    live_command,
    microphone,
    parse_microphone,
    picture_command,
    shell_line,
)

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
TONE_HZ = 3000
LOWEST_LOG_HZ = 20  # of ffmpeg's logarithmic axis
PLOT_HEIGHT = 1024
PULSE = """Auto-detected sources for pulse:
  alsa_output.pci-0000_00_1f.3.analog-stereo.monitor [Monitor of Built-in Audio] (audio)
* alsa_input.pci-0000_00_1f.3.analog-stereo [Built-in Audio Analog Stereo] (audio)
"""
AVFOUNDATION = """[AVFoundation indev @ 0x14f] AVFoundation video devices:
[AVFoundation indev @ 0x14f] [0] FaceTime HD Camera
[AVFoundation indev @ 0x14f] AVFoundation audio devices:
[AVFoundation indev @ 0x14f] [0] MacBook Pro Microphone
"""
DSHOW = """[dshow @ 01] "Integrated Camera" (video)
[dshow @ 01]   Alternative name "@device_pnp_1"
[dshow @ 01] "Mikrofon [2], it's: Realtek(R)" (audio)
"""


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    """Four seconds at another sample rate than MOSS's, in a file whose name has to be quoted."""
    path = tmp_path_factory.mktemp("tone") / "it's a tone: [1], 2.wav"
    t = np.arange(4 * 48000) / 48000
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * TONE_HZ * t), 48000)
    return path


def share_of_tone(scale):
    """How far down from the top of the frequencies the tone belongs, 0 to 1."""
    if scale == "linear":
        return 1 - TONE_HZ / (RATE / 2)
    return 1 - np.log(TONE_HZ / LOWEST_LOG_HZ) / np.log(RATE / 2 / LOWEST_LOG_HZ)


def row_of_line(path, top, height):
    """The brightest row of a picture's middle columns between two rows, counted from `top`."""
    grey = np.asarray(Image.open(path).convert("L"), float)[top : top + height]
    middle = grey[:, 3 * grey.shape[1] // 8 : 5 * grey.shape[1] // 8].mean(1)
    assert middle.max() > 100
    assert np.median(middle) < 5
    return np.flatnonzero(middle > middle.max() - 1).mean()


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_printed_command_draws_a_files_tone_at_its_row(tone, tmp_path, capsys, scale):
    assert main(["live", "--file", str(tone), "--scale", scale]) == 0
    _, line = capsys.readouterr().out.splitlines()
    command = shlex.split(line)
    done = subprocess.run([FFMPEG, *command[1:]], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "spectrogram.png") as picture:
        margin = (picture.height - PLOT_HEIGHT) // 2  # where the axes are written
    row = row_of_line(tmp_path / "spectrogram.png", margin + 2, PLOT_HEIGHT - 4) + 2
    assert row == pytest.approx(PLOT_HEIGHT * share_of_tone(scale), abs=2)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_printed_live_graph_scrolls_a_tone_by_at_its_row(tone, tmp_path, capsys, scale):
    assert main(["live", "--scale", scale]) == 0
    line, _ = capsys.readouterr().out.splitlines()
    *options, graph = shlex.split(line)
    assert options == ["ffplay", "-window_title", "MOSS", "-f", "lavfi", "-i"]
    source, rest = graph.split(",", 1)
    assert source.startswith("amovie=filename=")
    assert "slide=scroll" in rest and "color=magma" in rest
    # The same graph, with the tone in the microphone's place; ffplay shows what ffmpeg draws.
    *_, graph = live_command(Microphone("wav", str(tone), True), scale)
    assert graph.endswith(f",{rest}")
    frame = tmp_path / "last.ppm"  # which is not packed, and every frame is written
    done = subprocess.run(
        [FFMPEG, "-y", "-f", "lavfi", "-i", graph, "-update", "1", frame],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    with Image.open(frame) as picture:
        assert picture.size == (1280, 640)
    # Four seconds are the right quarter of the picture, and the rest is still dark.
    grey = np.asarray(Image.open(frame).convert("L"), float)
    assert grey[:, :800].max() < 5
    row = grey[:, -150:].mean(1).argmax()
    assert row == pytest.approx(640 * share_of_tone(scale), abs=2)


def test_a_microphone_is_taken_from_what_ffmpeg_lists():
    assert parse_microphone("pulse", PULSE) == Microphone("pulse", "default", True)
    assert parse_microphone("avfoundation", AVFOUNDATION) == Microphone(
        "avfoundation", ":default", True
    )
    name = "audio=Mikrofon [2], it's: Realtek(R)"
    assert parse_microphone("dshow", DSHOW) == Microphone("dshow", name, True)


@pytest.mark.parametrize(
    "system, listing",
    [
        ("pulse", "Auto-detected sources for pulse:\nCannot list sources: Generic error\n"),
        ("alsa", ""),
        ("avfoundation", "AVFoundation audio devices:\n"),
        ("dshow", '[dshow @ 01] "Integrated Camera" (video)\n'),
    ],
)
def test_no_microphone_is_none(system, listing):
    assert parse_microphone(system, listing) is None


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_platform_has_its_own_commands(platform):
    source = microphone(platform)
    for command in (live_command(source, "linear"), picture_command(source, "linear")):
        assert any(source.system in part for part in command)
        if platform != "win32":
            assert shlex.split(shell_line(command, platform)) == command


def test_without_ffmpeg_the_commands_are_printed_all_the_same(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "moss", "live"],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0
    assert [shlex.split(line)[0] for line in done.stdout.splitlines()] == ["ffplay", FFMPEG]
    assert done.stderr.startswith("There is no ffplay here; ")


def test_a_file_that_is_not_there_is_said(capsys):
    assert main(["live", "--file", "nowhere.wav"]) == 2
    said = capsys.readouterr().err
    assert said == "moss: There is no file nowhere.wav; name a sound that is there.\n"


def test_printing_may_still_be_asked_for_but_help_does_not_say_so(capsys):
    """It had to be, once."""
    commands = []
    for arguments in (["live"], ["live", "--print"]):
        assert main(arguments) == 0
        commands.append(capsys.readouterr().out)
    assert commands[0] == commands[1]
    with pytest.raises(SystemExit):
        main(["live", "--help"])
    assert "--print" not in capsys.readouterr().out
