"""What the commands share: where a result goes, on what device, and how its work is told."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext

from moss.errors import InputError

# Importing PyTorch takes seconds, so only what runs a command imports what needs it.

EXAMPLES = """
examples:
  python -m moss blend --image examples/fern.jpg --audio examples/pad.ogg \\
      --preset quick --output fern
  python -m moss blend --from fern/summary.json --seed 7 --output fern-7
  python -m moss steer fern --toward picture --point 6 --output fern-more
  python -m moss sonify --image examples/fern.jpg --output fern-sound
  python -m moss sonify --folder holidays --duration 3 --gap 1 --output slides
  python -m moss live --print
  python -m moss deploy --repo-id ada/moss --dry-run
"""
EXIT_CODES = """
exit codes: 0 done, 2 wrong input or usage, 130 interrupted, 143 terminated.
An output folder appears when it is whole, or not at all.
"""


def add_output(files: argparse._ArgumentGroup) -> None:
    """Add where the result goes."""
    files.add_argument("--output", metavar="DIR", required=True, help="the folder to make")
    files.add_argument(
        "--overwrite",
        action="store_true",
        help="replace it and all that is in it, once the new one is whole",
    )
    files.add_argument("--json", action="store_true", help="print the summary as JSON, no table")


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the choice of the device."""
    parser.add_argument_group("the machine").add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        help="auto, the default, is CUDA if it is there",
    )


def check_output(arguments: argparse.Namespace) -> None:
    """Raise InputError where the output folder has no name."""
    if not arguments.output:  # as of an unset shell variable; it would mean the working folder
        raise InputError("The output folder has no name; give one with --output.")


def tell(work: Iterator, arguments: argparse.Namespace) -> None:
    """Do the work with a progress bar, and print what came out."""
    from moss.cli.terminal import ProgressBar, table_of
    from moss.progress import RenderProgress, SearchProgress
    from moss.results.run import Run

    tells = not arguments.json or sys.stderr.isatty()
    with closing(work), ProgressBar(sys.stderr) if tells else nullcontext() as progress:
        for item in work:
            if isinstance(item, Run):
                run = item
            elif progress and isinstance(item, SearchProgress | RenderProgress):
                progress.show(item)
    if arguments.json:
        said = {"output": str(run.folder.absolute())} | run.summary
        print(json.dumps(said, indent=2, allow_nan=False))
    else:
        print(table_of(run))


def device_of(name: str | None) -> str:
    """Return the device that `name`, "auto", "cpu", "cuda" or None, stands for."""
    from moss.device import best_device

    best = best_device()
    if name == "cuda" and best != "cuda":
        raise InputError("There is no CUDA device here; --device cpu works.")
    return "cpu" if name == "cpu" else best
