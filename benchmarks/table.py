"""Rows of text become one aligned table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line: what was measured, its figure, its ratio to something, and words beside it."""

    what: str
    figure: str = ""
    ratio: str = ""
    beside: str = ""


def aligned(heading: Row, sections: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """Return the sections, each a title and its rows, as one table under `heading`."""
    rows = [heading, *(row for _, part in sections for row in part)]
    what, figure, ratio = (
        max(len(getattr(row, name)) for row in rows) for name in ("what", "figure", "ratio")
    )

    def line(row):
        cells = f"{row.what:<{what}}  {row.figure:>{figure}}  {row.ratio:>{ratio}}  {row.beside}"
        return cells.rstrip()

    lines = [line(heading)]
    for title, part in sections:
        rule = "-" * max(3, what + figure + ratio + 3 - len(title))
        lines += [f"{title} {rule}", *(line(row) for row in part)]
    return "\n".join(lines)
