"""The commands that make a Pareto front of sounds, and that go on with one."""

import argparse

from moss.commands.shared import (
    EXAMPLES,
    EXIT_CODES,
    add_device,
    add_output,
    check_output,
    device_of,
    tell,
)
from moss.config import PRESETS, blend_settings
from moss.errors import InputError
from moss.options import BLEND
from moss.wishes import EXAMPLE


def add_blend(commands: argparse._SubParsersAction, look: type) -> None:
    """Add the command "blend" with its options."""
    parser = commands.add_parser(
        "blend",
        help="a picture and a track become a Pareto front of sounds",
        description=(
            "Blend a picture into a track's spectrogram. A search finds the Pareto front between\n"
            '"its spectrogram looks like the picture" and "it sounds like the track"; sounds\n'
            "along it, their spectrograms and a morph through them become a folder."
        ),
        epilog=BLEND.presets_text() + EXAMPLES + EXIT_CODES,
        formatter_class=look,
        allow_abbrev=False,
        usage="%(prog)s --image FILE --audio FILE --output DIR [option ...]\n"
        "       %(prog)s --from DIR/summary.json --output DIR [option ...]",
    )
    parser.set_defaults(run=_blend)
    files = parser.add_argument_group("files")
    files.add_argument("--image", metavar="FILE", help="PNG, JPEG, WebP, GIF, BMP or TIFF")
    files.add_argument(
        "--audio", metavar="FILE", help="WAV, FLAC, OGG, Opus, MP3, M4A, or a video's sound track"
    )
    add_output(files)
    base = parser.add_argument_group("where the settings start from")
    base = base.add_mutually_exclusive_group()
    base.add_argument("--preset", choices=PRESETS, help="see below (default high-res)")
    base.add_argument(
        "--from",
        metavar="FILE",
        dest="recorded",
        help="make the run of a summary.json again; its files too, unless others are given",
    )
    BLEND.add_to(parser)
    add_device(parser)


def add_steer(commands: argparse._SubParsersAction, look: type) -> None:
    """Add the command "steer" with its options."""
    parser = commands.add_parser(
        "steer",
        help="a finished run goes on: more picture, more music, or another weight",
        description=(
            "Go on with a finished run. The search starts from its front and looks further\n"
            "where you aim; up to three new points there get sounds, beside all that it has.\n"
            "What comes out is a folder like any run's; DIR stays as it is."
        ),
        epilog=EXAMPLES + EXIT_CODES,
        formatter_class=look,
        allow_abbrev=False,
        usage="%(prog)s DIR --toward SIDE --point K --output DIR2 [...]\n"
        "       %(prog)s DIR --music WEIGHT --output DIR2 [...]",
    )
    parser.set_defaults(run=_steer)
    parser.add_argument("folder", metavar="DIR", help="the folder of a finished run")
    aim = parser.add_argument_group("the aim")
    aim.add_argument("--toward", choices=("picture", "music"), help="more of that, from a point")
    aim.add_argument(
        "--point", metavar="K", type=int, help="of the run's table, from which --toward starts"
    )
    aim.add_argument(
        "--music",
        metavar="WEIGHT",
        type=float,
        help="of the audio loss, between 0 and 1: 0.8 is 80 to 20 for the ear",
    )
    aim.add_argument(
        "--wishes",
        metavar="TEXT",
        help=f'in place of the run\'s, such as "{EXAMPLE}"; "" drops them. Where they change, '
        "all sounds are made again",
    )
    add_output(parser.add_argument_group("files"))
    add_device(parser)


def _blend(arguments):
    check_output(arguments)
    asked = BLEND.asked(arguments)
    image, audio, device = arguments.image, arguments.audio, arguments.device
    if arguments.recorded is None:
        settings = blend_settings(arguments.preset or "high-res", **asked)
        if image is None or audio is None:
            raise InputError("Both --image and --audio are needed, or --from a finished run.")
    else:
        from moss.recorded import read_recorded

        recorded = read_recorded(arguments.recorded)
        settings = blend_settings(**(recorded.settings | asked))
        image = image or recorded.input("picture", "give it with --image")
        audio = audio or recorded.input("audio", "give it with --audio")
        device = device or ("cpu" if recorded.device == "cpu" else None)

    from moss.pipeline import blend

    output, overwrite = arguments.output, arguments.overwrite
    device = device_of(device)
    tell(blend(image, audio, output, settings, device=device, overwrite=overwrite), arguments)


def _steer(arguments):
    check_output(arguments)
    if arguments.toward and arguments.point is None:
        raise InputError("It is not said from where; give the place of a point with --point.")
    if arguments.point is not None and not arguments.toward:
        raise InputError("It is not said where to go from the point; give --toward.")

    from moss.steering import Aim, steer

    aim = Aim(arguments.toward, arguments.point or 0, arguments.music)
    work = steer(
        arguments.folder,
        arguments.output,
        aim,
        wishes=arguments.wishes,
        device=device_of(arguments.device),
        overwrite=arguments.overwrite,
    )
    tell(work, arguments)
