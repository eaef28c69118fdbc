"""Many visitors at the app, some of whom leave or send rubbish: `python -m benchmarks.load`.

Linux only: what the app uses is read from /proc.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.load_table import Load, sections_of
from benchmarks.table import Row, aligned
from benchmarks.visits import visit, visitors_of
from benchmarks.watched import Watched, watched_app

MOST = {"visitors": 100, "rounds": 20}
SETTLE_S = 60.0  # for the app to end what it still does for those who have left
MOST_GROWTH = 0.1  # of the memory after the warm-up


def load(seed: int, visitors: int, rounds: int, folder: Path) -> Load:
    """Start the app, let `visitors` come at once for a warm-up and `rounds` more, and watch.

    Everything is written into `folder`. Raises RuntimeError where the app does not live to the
    end.
    """
    found, uses, bytes_used = [], [], []
    with watched_app(folder) as app:
        uses.append(app.use)
        for number in range(1 + rounds):
            guests = visitors_of(seed, number, visitors)
            found.append(list(visit(guests, app.url, folder / str(number))))
            if not app.is_alive:
                raise RuntimeError(f"the app has ended: {app.log.read_text()[-2000:]}")
            settle(app)
            uses.append(app.use)
            bytes_used.append(app.bytes_used())
            tell(f"round {number} of {rounds} is over; {uses[-1].memory_mb:.0f} MB")
        whole = sum(map(is_whole, app.runs))
        return Load(
            found,
            uses,
            bytes_used,
            max(app.most_bytes, *bytes_used),
            app.others,
            whole,
            len(app.runs) - whole,
            tracebacks(app.log.read_text()),
        )


def settle(app: Watched) -> None:
    """Wait until nothing is left of runs that nobody wants, but at most `SETTLE_S`."""
    give_up = time.monotonic() + SETTLE_S
    while time.monotonic() < give_up and (app.others or not all(map(is_whole, app.runs))):
        time.sleep(0.2)


def is_whole(run: Path) -> bool:
    """Whether the folder of a run has all that a visitor is given."""
    return (run / "moss.zip").exists() and (run / "moss" / "summary.json").exists()


def tracebacks(log: str) -> list[str]:
    """Return the last line of each traceback in a log."""
    return re.findall(r"^Traceback .*\n(?:[ \t].*\n|\n)*(\S.*)$", log, flags=re.MULTILINE)


def wrong_with(load: Load) -> list[str]:
    """Return what is wrong with a load, a line each."""
    wrong = [
        f"round {number}, visitor {outcome.visitor.number}, {outcome.visitor.role}: {what}"
        for number, outcomes in enumerate(load.rounds)
        for outcome in outcomes
        for what in outcome.wrong
    ]
    if (growth := load.growth(load.uses[-1])) > MOST_GROWTH:
        wrong.append(f"memory has grown by {growth:.1%} since the warm-up")
    if load.others:
        wrong.append(f"the app has left processes: {', '.join(load.others)}")
    if load.unfinished:
        wrong.append(f"{load.unfinished} folders of runs are not whole, and nobody works at them")
    # Somebody who leaves when all is written may leave a run behind.
    served = sum(bool(o.at("done")) for o in load.outcomes)
    late = sum(bool(o.at("files") and not o.at("done")) for o in load.outcomes)
    if not served <= load.kept <= served + late:
        wrong.append(f"{load.kept} runs are kept, where {served} were done")
    return [*wrong, *(f"the app's log has a traceback: {line}" for line in load.tracebacks)]


def main(argv: list[str] | None = None) -> int:
    """Load the app, print the table and what is wrong; return 1 if anything is, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=20, help="how many come at a time")
    parser.add_argument("--rounds", type=int, default=2, help="how often, after a warm-up")
    parser.add_argument("--seed", type=int, default=0, help="of who comes and what they do")
    args = parser.parse_args(argv)
    for name, most in MOST.items():
        if not 1 <= getattr(args, name) <= most:
            parser.error(f"--{name} is {getattr(args, name)}; it must be from 1 to {most}")
    with tempfile.TemporaryDirectory() as folder:
        found = load(args.seed, args.visitors, args.rounds, Path(folder))
    heading = Row("measured", "figure", "ratio", f"{os.cpu_count()} x {platform.machine()}")
    print(aligned(heading, sections_of(found)))
    wrong = wrong_with(found)
    for line in wrong:
        print(f"wrong: {line}")
    return 1 if wrong else 0


def tell(message: str) -> None:
    """Say on stderr how far it is."""
    print(f"... {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
