"""What the commands share: how they explain themselves, where a result goes, and its progress."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moss.errors import InputError

# Importing PyTorch takes seconds, so only what runs a command imports what needs it.
if TYPE_CHECKING:
    from moss.progress import Work
    from moss.results.run import Run

MODULE = "python -m moss"
EXAMPLES = f"""
examples:
  {MODULE} blend --image examples/fern.jpg --audio examples/pad.ogg \\
      --preset quick --output fern
  {MODULE} blend --from fern/summary.json --seed 7 --output fern-7
  {MODULE} steer fern --toward picture --point 6 --output fern-more
  {MODULE} sonify --image examples/fern.jpg --output fern-sound
  {MODULE} sonify --folder holidays --duration 3 --gap 1 --output slides
  {MODULE} live
  {MODULE} deploy --repo-id ada/moss --dry-run
"""
EXIT_CODES = """
exit codes: 0 done, 2 wrong input or usage, 130 interrupted, 143 terminated.
An output folder appears when it is whole, or not at all.
"""

Commands = argparse._SubParsersAction  # argparse has no public name for it
Action = Callable[[argparse.Namespace], None]


def program() -> str:
    """Return how MOSS was started: "moss", as it is installed, or "python -m moss"."""
    return "moss" if Path(sys.argv[0]).stem == "moss" else MODULE


def closing_text() -> str:
    """Return what every help ends with: examples and exit codes."""
    return EXAMPLES.replace(MODULE, program()) + EXIT_CODES


def add_command(
    commands: Commands,
    name: str,
    run: Action,
    *,
    summary: str,
    description: str,
    presets: str = "",
    usage: str | None = None,
) -> argparse.ArgumentParser:
    """Add a command and return its parser.

    Parameters
    ----------
    commands : Commands
        Where it is added.
    name : str
        What it is called.
    run : Callable
        Does it, given the parsed arguments.
    summary : str
        What it does, in a line of the list of commands.
    description : str
        What it does, for its own help.
    presets : str
        What its help says of presets.
    usage : str or None
        In place of what argparse makes up.
    """
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=presets + closing_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage=usage,
    )
    parser.set_defaults(run=run)
    return parser


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
    """Check that the output folder has a name.

    Raises
    ------
    InputError
        Where it has none.
    """
    if not arguments.output:  # as of an unset shell variable; it would mean the working folder
        raise InputError("The output folder has no name; give one with --output.")


def tell(work: "Work[Any, Run]", arguments: argparse.Namespace) -> None:
    """Do the work with a progress bar, and print what came out."""
    from moss.cli.terminal import ProgressBar, table_of
    from moss.progress import RenderProgress, SearchProgress

    has_bar = not arguments.json or sys.stderr.isatty()
    with closing(work), ProgressBar(sys.stderr) if has_bar else nullcontext() as progress:
        for item in work:
            if progress and isinstance(item, SearchProgress | RenderProgress):
                progress.show(item)
    run = work.result()
    if arguments.json:
        result = {"output": str(Path(arguments.output).absolute())} | run.summary
        print(json.dumps(result, indent=2, allow_nan=False))
    else:
        print(table_of(run))


def device_of(name: str | None) -> str:
    """Return the device that `name`, "auto", "cpu", "cuda" or None, stands for.

    Raises
    ------
    InputError
        Where it is not here.
    """
    from moss.device import best_device

    best = best_device()
    if name == "cuda" and best != "cuda":
        raise InputError("There is no CUDA device here; --device cpu works.")
    return "cpu" if name == "cpu" else best
