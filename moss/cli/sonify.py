"""The command that turns what is visible straight into sound."""

import argparse

from moss.cli.options import SONIFY
from moss.cli.shared import (
    EXAMPLES,
    EXIT_CODES,
    add_device,
    add_output,
    check_output,
    device_of,
    tell,
)
from moss.errors import InputError
from moss.settings.sonify import PRESETS, sonify_settings


def add_sonify(commands: argparse._SubParsersAction, look: type) -> None:
    """Add the command "sonify" with its options."""
    parser = commands.add_parser(
        "sonify",
        help="pictures, a folder of them, videos and arrays become sound directly",
        description=(
            "Turn what is visible straight into sound: its pixels are how loud each frequency\n"
            "is at each moment, and phases are sought until the sound's spectrogram shows it.\n"
            "Give --image, --folder, --video and --array as often as you like: they sound one\n"
            "after another."
        ),
        epilog=SONIFY.presets_text() + EXAMPLES + EXIT_CODES,
        formatter_class=look,
        allow_abbrev=False,
        usage="%(prog)s --image FILE --output DIR [option ...]\n"
        "       %(prog)s --folder DIR --output DIR [option ...]\n"
        "       %(prog)s --video FILE --output DIR [option ...]\n"
        "       %(prog)s --array FILE --output DIR [option ...]",
    )
    parser.set_defaults(run=_sonify)
    files = parser.add_argument_group("files")
    for option, kind, metavar, text in (
        ("--image", "picture", "FILE", "PNG, JPEG, WebP, GIF, BMP or TIFF"),
        ("--folder", "folder", "DIR", "all pictures in it, by name, p2 before p10"),
        ("--video", "video", "FILE", "MP4, MOV or WebM; the sound lasts as long as it"),
        ("--array", "array", "FILE", ".npy of (freq, time), the top row the highest frequency"),
    ):
        files.add_argument(
            option,
            metavar=metavar,
            dest="sources",
            action="append",
            type=lambda path, kind=kind: (kind, path),
            help=text,
        )
    add_output(files)
    parser.add_argument("--preset", choices=PRESETS, help="see below (default clear)")
    SONIFY.add_to(parser)
    add_device(parser)


def _sonify(arguments):
    check_output(arguments)
    settings = sonify_settings(arguments.preset or "clear", **SONIFY.asked(arguments))
    if not arguments.sources:
        raise InputError("There is nothing to sound; give --image, --folder, --video or --array.")

    from pathlib import Path

    from moss.media import pictures_in
    from moss.usecases.sonify import Source, sonify

    sources = []
    for kind, path in arguments.sources:
        paths = pictures_in(path) if kind == "folder" else [path]
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
