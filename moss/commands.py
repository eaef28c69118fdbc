"""The commands of the command line: their options, and what each of them does."""

import argparse
import json
import sys
import time
from contextlib import closing, nullcontext

from moss.config import PRESETS, blend_settings
from moss.deploy import HARDWARE, check_repo_id, deploy, listing
from moss.errors import InputError
from moss.options import BLEND, SONIFY
from moss.sonify.settings import PRESETS as SONIFY_PRESETS
from moss.sonify.settings import sonify_settings
from moss.wishes import EXAMPLE

# Importing PyTorch takes seconds, so only what runs a command imports what needs it.

EXAMPLES = """
examples:
  python -m moss blend --image examples/fern.jpg --audio examples/pad.ogg \\
      --preset quick --output fern
  python -m moss blend --from fern/summary.json --seed 7 --output fern-7
  python -m moss steer fern --toward picture --point 6 --output fern-more
  python -m moss sonify --image examples/fern.jpg --output fern-sound
  python -m moss sonify --folder holidays --duration 3 --gap 1 --output slides
  python -m moss deploy --repo-id ada/moss --dry-run
"""
EXIT_CODES = """
exit codes: 0 done, 2 wrong input or usage, 130 interrupted, 143 terminated.
An output folder appears when it is whole, or not at all.
"""


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
    _add_output(files)
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
    _add_device(parser)


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
    _add_output(parser.add_argument_group("files"))
    _add_device(parser)


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
    _add_output(files)
    parser.add_argument("--preset", choices=SONIFY_PRESETS, help="see below (default clear)")
    SONIFY.add_to(parser)
    _add_device(parser)


def add_deploy(commands: argparse._SubParsersAction, look: type) -> None:
    """Add the command "deploy" with its options."""
    parser = commands.add_parser(
        "deploy",
        help="the page becomes a Hugging Face Space, or a Space of yours is updated",
        description=(
            "Make a Hugging Face Space of this MOSS, or update the one that is there. Exactly\n"
            "the files that the page needs go there, in one commit; files of an earlier MOSS\n"
            "that are no longer part of it are deleted. Needs a token with write permission:\n"
            "log in with `hf auth login`, or put it into HF_TOKEN."
        ),
        epilog=EXAMPLES + EXIT_CODES,
        formatter_class=look,
        allow_abbrev=False,
    )
    parser.set_defaults(run=_deploy)
    parser.add_argument("--repo-id", metavar="USER/NAME", required=True, help="of the Space")
    parser.add_argument(
        "--hardware",
        metavar="NAME",
        choices=HARDWARE,
        help=f"{', '.join(HARDWARE)}; zero-a10g is ZeroGPU, and most cost money. "
        "A new Space gets cpu-basic unless told otherwise, one that is there keeps what it has",
    )
    parser.add_argument(
        "--private", action="store_true", help="only you, or your organization, may see it"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="list the files and their bytes; contact nobody"
    )


def _add_output(files):
    files.add_argument("--output", metavar="DIR", required=True, help="the folder to make")
    files.add_argument(
        "--overwrite",
        action="store_true",
        help="replace it and all that is in it, once the new one is whole",
    )
    files.add_argument("--json", action="store_true", help="print the summary as JSON, no table")


def _add_device(parser):
    parser.add_argument_group("the machine").add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        help="auto, the default, is CUDA if it is there",
    )


def _blend(arguments):
    _check_output(arguments)
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
    device = _device(device)
    _tell(blend(image, audio, output, settings, device=device, overwrite=overwrite), arguments)


def _steer(arguments):
    _check_output(arguments)
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
        device=_device(arguments.device),
        overwrite=arguments.overwrite,
    )
    _tell(work, arguments)


def _sonify(arguments):
    _check_output(arguments)
    settings = sonify_settings(arguments.preset or "clear", **SONIFY.asked(arguments))
    if not arguments.sources:
        raise InputError("There is nothing to sound; give --image, --folder, --video or --array.")

    from pathlib import Path

    from moss.media import pictures_in
    from moss.sonifying import Source, sonify

    sources = []
    for kind, path in arguments.sources:
        paths = pictures_in(path) if kind == "folder" else [path]
        kind = "picture" if kind == "folder" else kind
        sources += [Source(kind, Path(each)) for each in paths]
    work = sonify(
        sources,
        arguments.output,
        settings,
        device=_device(arguments.device),
        overwrite=arguments.overwrite,
    )
    _tell(work, arguments)


def _deploy(arguments):
    check_repo_id(arguments.repo_id)
    if arguments.dry_run:
        print(listing())
        return
    started = time.perf_counter()

    def tell(step):
        seconds = time.perf_counter() - started
        print(f"{seconds:7.1f} s  {step}", file=sys.stderr, flush=True)

    hardware, private = arguments.hardware, arguments.private
    print(deploy(arguments.repo_id, hardware=hardware, private=private, tell=tell))


def _check_output(arguments):
    if not arguments.output:  # as of an unset shell variable; it would mean the working folder
        raise InputError("The output folder has no name; give one with --output.")


def _tell(work, arguments):
    """Do the work with a progress bar, and print what came out."""
    from moss.pipeline import Run
    from moss.progress import RenderProgress, SearchProgress
    from moss.sonifying import Sonified
    from moss.terminal import ProgressBar, table_of

    tells = not arguments.json or sys.stderr.isatty()
    with closing(work), ProgressBar(sys.stderr) if tells else nullcontext() as progress:
        for item in work:
            if isinstance(item, Run | Sonified):
                run = item
            elif progress and isinstance(item, SearchProgress | RenderProgress):
                progress.show(item)
    if arguments.json:
        said = {"output": str(run.folder.absolute())} | run.summary
        print(json.dumps(said, indent=2, allow_nan=False))
    else:
        print(table_of(run))


def _device(name):
    from moss.device import best_device

    best = best_device()
    if name == "cuda" and best != "cuda":
        raise InputError("There is no CUDA device here; --device cpu works.")
    return "cpu" if name == "cpu" else best
