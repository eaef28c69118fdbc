"""`python -m tests.fuzz --cases 2000 --seed 0`: the fuzz, and its table by format."""

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.table import table
from tests.fuzz.watch import run_cases


def main() -> int:
    """Run the cases, print what came of them, and return 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="of every draw (default: 0)")
    parser.add_argument("--only", type=int, nargs="+", help="the numbers of the cases to run")
    parser.add_argument("--keep", type=Path, help="a folder for the files of failing cases")
    options = parser.parse_args()
    began = time.perf_counter()
    outcomes = []
    for outcome in run_cases(options.seed, options.only or range(options.cases)):
        outcomes.append(outcome)
        if outcome.verdict == "failure":
            print(outcome, flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / outcome.case.name).write_bytes(outcome.case.file.data)
        elif options.only:
            print(f"{outcome.case}: {outcome.verdict} {outcome.told}", flush=True)
    print(table(outcomes))
    failures = sum(outcome.verdict == "failure" for outcome in outcomes)
    whole = sum(o.case.to_end and o.verdict == "result" for o in outcomes)
    print(
        f"{len(outcomes)} cases of seed {options.seed}, "
        f"{sum(o.case.is_control for o in outcomes)} untouched, {whole} runs to their end, "
        f"most memory {max(o.peak_mb for o in outcomes):.0f} MB, {failures} failures "
        f"in {time.perf_counter() - began:.0f} s"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
