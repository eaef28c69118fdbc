"""Ours against the published recipe, all in one run: `python -m benchmarks.blend`."""

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.against import recipe, replay
from benchmarks.bench import FULL, PAIRS, QUICK, Bench, referee, tell
from benchmarks.ours import candidates, growth, stages, total
from benchmarks.table import Row, aligned

PARTS: dict[str, tuple[str, Callable[[Bench], list[Row]]]] = {
    "a": ("a. milliseconds per candidate; ratio: faster than pytorch-msssim", candidates),
    "b": ("b. hypervolume as designed by stage; ratio: gain", stages),
    "c": ("c. published recipe, hypervolume as designed; ratio: to ours", recipe),
    "d": ("d. hypervolume as replayed by written files; ratio: to ours", replay),
    "e": ("e. seconds and peak memory; ratio: seconds to the default run's", growth),
    "f": ("f. the default run; ratio: in pytorch-msssim evaluations", total),
}


def main(argv: list[str] | None = None) -> None:
    """Measure the parts asked for and print them as one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blend", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it work at all")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, as in a,b,f")
    parser.add_argument("--pair", choices=PAIRS, default="monalisa")
    args = parser.parse_args(argv)
    names = args.only.split(",")
    if unknown := sorted(set(names) - set(PARTS)):
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args.pair, QUICK if args.quick else FULL, Path(folder))
        sections = []
        for name in names:
            title, measure = PARTS[name]
            sections.append((title, measure(bench)))
            # A whole run takes a quarter of an hour: what is known is not lost when it is ended.
            tell(aligned(Row("done"), sections[-1:]))
    source = "shared pair" if bench.shared else "example pair"
    measured = "the referee" if referee() else "our own replayed losses"
    heading = Row(
        "measured",
        "figure",
        "ratio",
        f"{bench.picture.name} and {bench.audio.name} ({source}), "
        f"{bench.settings.duration_s:g} s; {os.cpu_count()} x {platform.machine()}, "
        f"torch {torch.__version__}; replayed by {measured}",
    )
    print(aligned(heading, sections))


if __name__ == "__main__":
    main()
