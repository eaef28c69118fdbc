"""The fuzz's outcomes as a table by format."""

from collections.abc import Sequence

from tests.fuzz.cases import FORMATS
from tests.fuzz.watch import Outcome

VERDICTS = ("result", "sentence", "failure")
ROW = "{:<7}{:>7}{:>9}{:>11}{:>10}   {}"


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a row for every format, and the totals on the last line."""
    rows = [ROW.format("format", "cases", *(f"{verdict}s" for verdict in VERDICTS), "slowest case")]
    for name in FORMATS:
        of_format = [outcome for outcome in outcomes if outcome.case.file.format == name]
        if of_format:
            slowest = max(of_format, key=lambda outcome: outcome.seconds)
            rows.append(ROW.format(name, *_counts(of_format), told(slowest)))
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    rows.append(ROW.format("all", *_counts(outcomes), told(slowest)))
    return "\n".join(rows)


def told(outcome: Outcome) -> str:
    """Return how long a case took, and what it was."""
    case = outcome.case
    return f"{outcome.seconds:.1f} s, {case.number}: {case.file.kind}, {case.mutation}"


def _counts(outcomes):
    verdicts = [outcome.verdict for outcome in outcomes]
    return len(verdicts), *(verdicts.count(verdict) for verdict in VERDICTS)
