"""The command that makes a Pareto front of sounds."""

import argparse

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
from moss.settings.blend import LEFT_RIGHT, BlendSettings
from moss.settings.presets import PRESETS, blend_settings


def add_blend(commands: Commands) -> None:
    """Add the command "blend" with its options."""
    parser = add_command(
        commands,
        "blend",
        _blend,
        summary="a picture and a track become a Pareto front of sounds",
        description=(
            "Blend a picture into a track's spectrogram. A search finds the Pareto front between\n"
            '"its spectrogram looks like the picture" and "it sounds like the track"; sounds\n'
            "along it, their spectrograms and a morph through them become a folder."
        ),
        presets=presets_text(BlendSettings, PRESETS),
        usage="%(prog)s --image FILE --audio FILE --output DIR [option ...]\n"
        "       %(prog)s --from DIR/summary.json --output DIR [option ...]",
    )
    files = parser.add_argument_group("files")
    files.add_argument(
        "--image", metavar="FILE", help="PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or SVG"
    )
    files.add_argument(
        "--audio", metavar="FILE", help="WAV, FLAC, OGG, Opus, MP3, M4A, or a video's sound track"
    )
    files.add_argument(
        "--second-image",
        metavar="FILE",
        help="the picture of the right channel with --channel left-right; the same unless given",
    )
    add_output(files)
    starts = parser.add_argument_group("where the settings start from")
    base = starts.add_mutually_exclusive_group()
    base.add_argument(
        "--preset",
        choices=PRESETS,
        help="see below (default high-res); hidden draws above the music's energy, to be heard "
        "first and seen then; notebook and readme are the method as its notebook and its README "
        "published it, to be heard and measured beside ours",
    )
    base.add_argument(
        "--from",
        metavar="FILE",
        dest="recorded",
        help="make the run of a summary.json again; its files too, unless others are given",
    )
    add_settings(parser, BlendSettings)
    add_device(parser)


def _blend(arguments: argparse.Namespace) -> None:
    check_output(arguments)
    changes = changes_in(arguments, BlendSettings)
    image, audio, device = arguments.image, arguments.audio, arguments.device
    second_image = arguments.second_image
    if arguments.recorded is None:
        settings = blend_settings(arguments.preset or "high-res", **changes)
        if image is None or audio is None:
            raise InputError("Both --image and --audio are needed, or --from a finished run.")
    else:
        from moss.results.recorded import read_recorded

        recorded = read_recorded(arguments.recorded)
        settings = blend_settings(**(recorded.settings | changes))
        image = image or recorded.input("picture", "give it with --image")
        audio = audio or recorded.input("audio", "give it with --audio")
        has_second = settings.channel == LEFT_RIGHT and "second_picture" in recorded.inputs
        if second_image is None and has_second:
            second_image = recorded.input("second_picture", "give it with --second-image")
        device = device or ("cpu" if recorded.device == "cpu" else None)

    from moss.usecases.blend import blend

    output, overwrite = arguments.output, arguments.overwrite
    device = device_of(device)
    work = blend(
        image,
        audio,
        output,
        settings,
        second_picture=second_image,
        device=device,
        overwrite=overwrite,
    )
    tell(work, arguments)
