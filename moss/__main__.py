"""The command line: python -m moss."""

import argparse
import json
import os
import signal
import sys
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from moss import __version__
from moss.config import PRESETS, blend_settings
from moss.errors import InputError, MossError
from moss.options import add_settings, asked_settings, presets_text

# Importing PyTorch takes seconds, so only what runs a command imports what needs it.

EXIT_WRONG = 2
EXIT_NO_READER = 141  # what a shell says of SIGPIPE
MAX_SUMMARY_BYTES = 16 * 2**20

EXAMPLES = """
examples:
  python -m moss blend --image examples/fern.jpg --audio examples/pad.ogg \\
      --preset quick --output fern
  python -m moss blend --from fern/summary.json --seed 7 --output fern-7
"""
EXIT_CODES = """
exit codes: 0 done, 2 wrong input or usage, 130 interrupted, 143 terminated.
An output folder appears when it is whole, or not at all.
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command line and return its exit code; what is wrong is one sentence on stderr."""
    try:
        with _stop_signals():
            try:
                arguments = _parser().parse_args(argv)
                arguments.run(arguments)
            finally:
                sys.stdout.flush()
    except MossError as error:
        print(f"moss: {error}", file=sys.stderr)
        return EXIT_WRONG
    except KeyboardInterrupt as stop:
        print("moss: Stopped.", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)
    except BrokenPipeError:
        # Whatever is still in the buffers would fail again when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return EXIT_NO_READER
    return 0


@contextmanager
def _stop_signals():
    """Let SIGINT and SIGTERM raise KeyboardInterrupt(signal number), the first of them only.

    The work is unwound undisturbed then: `timeout`, for one, signals twice.
    """
    # What the caller has ignored, as nohup does, stays ignored.
    heard = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) != signal.SIG_IGN]

    def stop(number, _):
        for each in heard:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    before = {each: signal.signal(each, stop) for each in heard}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{message[0].upper()}{message[1:]}; {self.prog} --help shows how.")


def _parser():
    look = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="python -m moss",
        description="Multi-Objective Spectral Synthesis: sounds between a track and a picture.",
        epilog=EXAMPLES + EXIT_CODES,
        formatter_class=look,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"moss {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, title="commands")
    _add_blend(commands, look)
    return parser


def _add_blend(commands, look):
    parser = commands.add_parser(
        "blend",
        help="a picture and a track become a Pareto front of sounds",
        description=(
            "Blend a picture into a track's spectrogram. A search finds the Pareto front between\n"
            '"its spectrogram looks like the picture" and "it sounds like the track"; sounds\n'
            "along it, their spectrograms and a morph through them become a folder."
        ),
        epilog=presets_text() + EXAMPLES + EXIT_CODES,
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
    files.add_argument("--output", metavar="DIR", required=True, help="the folder to make")
    files.add_argument(
        "--overwrite",
        action="store_true",
        help="replace DIR and all that is in it, once the new one is whole",
    )
    files.add_argument("--json", action="store_true", help="print the summary as JSON, no table")
    base = parser.add_argument_group("where the settings start from")
    base = base.add_mutually_exclusive_group()
    base.add_argument("--preset", choices=PRESETS, help="see below (default high-res)")
    base.add_argument(
        "--from",
        metavar="FILE",
        dest="recorded",
        help="make the run of a summary.json again; its files too, unless others are given",
    )
    add_settings(parser)
    parser.add_argument_group("the machine").add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        help="auto, the default, is CUDA if it is there",
    )


def _blend(arguments):
    if not arguments.output:  # as of an unset shell variable; it would mean the working folder
        raise InputError("The output folder has no name; give one with --output.")
    asked = asked_settings(arguments)
    image, audio, device = arguments.image, arguments.audio, arguments.device
    if arguments.recorded is None:
        settings = blend_settings(arguments.preset or "high-res", **asked)
        if image is None or audio is None:
            raise InputError("Both --image and --audio are needed, or --from a finished run.")
    else:
        recorded = _recorded(arguments.recorded)
        settings = blend_settings(**(recorded["settings"] | asked))
        image = image or _recorded_input(recorded, "picture", "--image")
        audio = audio or _recorded_input(recorded, "audio", "--audio")
        device = device or ("cpu" if recorded["device"] == "cpu" else None)

    from moss.pipeline import Run, blend
    from moss.terminal import ProgressBar, table_of

    tells = not arguments.json or sys.stderr.isatty()
    work = blend(
        image,
        audio,
        arguments.output,
        settings,
        device=_device(device or "auto"),
        overwrite=arguments.overwrite,
    )
    with closing(work), ProgressBar(sys.stderr) if tells else nullcontext() as progress:
        for event in work:
            if isinstance(event, Run):
                run = event
            elif progress:
                progress.show(event)
    if arguments.json:
        print(
            json.dumps(
                {"output": str(run.folder.absolute())} | run.summary, indent=2, allow_nan=False
            )
        )
    else:
        print(table_of(run))


def _device(name):
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no CUDA device here; --device cpu works.")
    return "cuda" if name != "cpu" and torch.cuda.is_available() else "cpu"


def _recorded(path):
    """Return the settings, inputs and device of a summary.json, or of the one in a folder."""
    from moss.media.files import checked_file

    works = "the summary.json of a finished run"
    path = Path(path)
    path = path / "summary.json" if path.is_dir() else path
    text = checked_file(path, max_bytes=MAX_SUMMARY_BYTES, works=works).read_bytes()
    wrong = InputError(f"{path.name} does not tell of a run that can be made again; give {works}.")
    try:
        summary = json.loads(text)
        recorded = {"settings": dict(summary["settings"]), "device": summary["device"]}
        for kind in ("picture", "audio"):
            about = summary["inputs"][kind]
            recorded[kind] = Path(about["path"]), about["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise wrong from error
    return recorded


def _recorded_input(recorded, kind, option):
    from moss.media import sha256_of

    path, digest = recorded[kind]
    if not path.is_file():
        raise InputError(f"The run's {kind} {path} is not there any more; give it with {option}.")
    if sha256_of(path) != digest:
        raise InputError(f"The run's {kind} {path} has changed since then; give it with {option}.")
    return path


if __name__ == "__main__":
    sys.exit(main())
