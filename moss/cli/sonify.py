"""The command that turns what is visible straight into sound."""

import argparse
from functools import partial

from moss.cli.options import add_settings, changes_in, presets_text
from moss.cli.shared import (
    Commands,
    add_command,
    add_device,
    add_output,
    check_output,
    device_of,
    tell,
)
from moss.errors import InputError
from moss.settings.sonify import PRESETS, SonifySettings, sonify_settings


def add_sonify(commands: Commands) -> None:
    """Add the command "sonify" with its options."""
    parser = add_command(
        commands,
        "sonify",
        _sonify,
        summary="pictures, a folder of them, videos and arrays become sound directly",
        description=(
            "Turn what is visible straight into sound: its pixels are how loud each frequency\n"
            "is at each moment, and phases are sought until the sound's spectrogram shows it.\n"
            "Give --image, --folder, --video and --array as often as you like: they sound one\n"
            "after another."
        ),
        presets=presets_text(SonifySettings, PRESETS),
        usage="%(prog)s --image FILE --output DIR [option ...]\n"
        "       %(prog)s --folder DIR --output DIR [option ...]\n"
        "       %(prog)s --video FILE --output DIR [option ...]\n"
        "       %(prog)s --array FILE --output DIR [option ...]",
    )
    files = parser.add_argument_group("files")
    for option, kind, metavar, text in (
        ("--image", "picture", "FILE", "PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or SVG"),
        ("--folder", "folder", "DIR", "all pictures in it or in a zip, by name, p2 before p10"),
        ("--video", "video", "FILE", "MP4, MOV or WebM; the sound lasts as long as it"),
        ("--array", "array", "FILE", ".npy of (freq, time), the top row the highest frequency"),
    ):
        files.add_argument(
            option,
            metavar=metavar,
            dest="sources",
            action="append",
            type=partial(_source, kind),
            help=text,
        )
    add_output(files)
    parser.add_argument("--preset", choices=PRESETS, help="see below (default clear)")
    add_settings(parser, SonifySettings)
    add_device(parser)


def _source(kind: str, path: str) -> tuple[str, str]:
    return kind, path


def _sonify(arguments: argparse.Namespace) -> None:
    check_output(arguments)
    changes = changes_in(arguments, SonifySettings)
    settings = sonify_settings(arguments.preset or "clear", **changes)
    if not arguments.sources:
        raise InputError("There is nothing to sound; give --image, --folder, --video or --array.")

    from pathlib import Path

    from moss.media import is_archive, pictures_in
    from moss.usecases.sonify import Source, sonify

    sources = []
    for kind, path in arguments.sources:
        in_folder = kind == "folder" and not is_archive(path)
        paths = pictures_in(path) if in_folder else [path]
        kind = "picture" if kind == "folder" else kind
        sources += [Source(kind, Path(each)) for each in paths]
    work = sonify(
        sources,
        arguments.output,
        settings,
        device=device_of(arguments.device),
        overwrite=arguments.overwrite,
    )
    tell(work, arguments)
