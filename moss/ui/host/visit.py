"""The results of one visit: the newest is on the page, and a visitor can go back to the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from moss.ui.host.result import Result

MAX_RESULTS = 8  # A result of 30 s has about 100 MB with its zip.


@dataclass(frozen=True)
class Visit:
    """What a visitor has made so far.

    Attributes
    ----------
    results : the results that are still there, the first of them the bundled one.
    index : which of them is on the page.
    run_count : how many runs have ended with a result so far.
    """

    results: tuple[Result, ...]
    index: int = 0
    run_count: int = 0

    @property
    def current(self) -> Result:
        """The result that is on the page."""
        return self.results[self.index]

    @property
    def menu(self) -> dict[str, Any]:
        """The update of a dropdown that offers the results, hidden where there is one only."""
        return gr.update(
            choices=[(each.name, k) for k, each in enumerate(self.results)],
            value=self.index,
            visible=len(self.results) > 1,
        )

    def add(self, result: Result) -> Visit:
        """Return the visit with `result` as the current one; delete the oldest if one too many."""
        bundled, *own = self.results
        while len(own) >= MAX_RESULTS:
            own.pop(0).remove()
        return Visit((bundled, *own, result), len(own) + 1, self.run_count + 1)

    def select(self, index: int) -> Visit:
        """Return the visit with result `index` as the current one, whatever a request says."""
        return replace(self, index=min(max(int(index), 0), len(self.results) - 1))

    def remove(self) -> None:
        """Delete the files of all results."""
        for result in self.results:
            result.remove()
