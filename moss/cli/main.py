"""The command line: `moss`, or python -m moss."""

import argparse
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from moss import __version__
from moss.cli.blend import add_blend
from moss.cli.deploy import add_deploy
from moss.cli.live import add_live
from moss.cli.shared import closing_text, program
from moss.cli.sonify import add_sonify
from moss.cli.steer import add_steer
from moss.errors import InputError, MossError, TakenError
from moss.settings.setting_error import option_of, sentence_of

EXIT_WRONG = 2
EXIT_NO_READER = 141  # what a shell says of SIGPIPE


def main(argv: list[str] | None = None) -> int:
    """Run one command line and return its exit code; what is wrong is one sentence on stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # not where a caller has put something else
        # A name that is not UTF-8 is no reason to fail when all is done; stderr writes it so, too.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with _stop_signals():
            try:
                arguments = _parser().parse_args(argv)
                arguments.run(arguments)
            finally:
                sys.stdout.flush()
    except TakenError as error:
        print(f"moss: {error.told('--overwrite')}", file=sys.stderr)
        return EXIT_WRONG
    except MossError as error:
        print(f"moss: {sentence_of(error, option_of)}", file=sys.stderr)
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
def _stop_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt(signal number), the first of them only.

    The work is unwound undisturbed then: `timeout`, for one, signals twice.
    """
    # What the caller has ignored, as nohup does, stays ignored.
    stopping = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) != signal.SIG_IGN]

    def stop(number: int, _: object) -> None:
        for each in stopping:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    before = {each: signal.signal(each, stop) for each in stopping}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if message.endswith("expected one argument"):
            option = message.split()[1].rstrip(":")
            message += f", and one that begins with a dash goes after =, as in {option}=-name"
        raise InputError(f"{message[0].upper()}{message[1:]}; {self.prog} --help shows how.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=program(),
        description="Multi-Objective Spectral Synthesis: sounds between a track and a picture.",
        epilog=closing_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"moss {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, title="commands")
    for add in (add_blend, add_steer, add_sonify, add_live, add_deploy):
        add(commands)
    return parser
