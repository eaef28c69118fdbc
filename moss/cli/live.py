"""The command that prints how to see a microphone, or a file, without the page."""

import argparse
import shutil
import sys
from pathlib import Path

from moss.cli.shared import Commands, add_command
from moss.errors import InputError

NO_FFPLAY = "There is no ffplay here; it comes with ffmpeg, from ffmpeg.org or your system."
NO_MICROPHONE = "No microphone was found here; the commands name the usual one of this system."


def add_live(commands: Commands) -> None:
    """Add the command "live" with its options."""
    parser = add_command(
        commands,
        "live",
        _live,
        summary="print commands of ffmpeg that show the microphone as a spectrogram",
        description=(
            "Print two commands for this machine and start neither: one shows its microphone\n"
            "as a spectrogram that scrolls by, one writes spectrogram.png of ten seconds of it,\n"
            "or of a file. Both work at 22,050 Hz, with a window of 2048 and 100 dB of range,\n"
            "as MOSS does."
        ),
    )
    # It had to be given once, so commands that have it still work.
    parser.add_argument("--print", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--file", metavar="SOUND", help="write the picture of this file instead")
    parser.add_argument(
        "--scale",
        choices=("linear", "log"),
        default="linear",
        help="of the frequencies; linear, the default, is what MOSS draws for",
    )


def _live(arguments: argparse.Namespace) -> None:
    from moss.usecases.live import live_command, microphone, picture_command, spelled

    if arguments.file is not None and not Path(arguments.file).is_file():
        raise InputError(f"There is no file {arguments.file}; name a sound that is there.")
    source = microphone()
    print(spelled(live_command(source, arguments.scale)))
    print(spelled(picture_command(arguments.file or source, arguments.scale)))
    if not shutil.which("ffplay"):
        print(NO_FFPLAY, file=sys.stderr)
    if not source.found:
        print(NO_MICROPHONE, file=sys.stderr)
