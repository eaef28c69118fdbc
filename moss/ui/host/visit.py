"""The results of one visit: the newest is shown, and a visitor can go back to the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import gradio as gr

from moss.ui.host.result import Result

MOST_RESULTS = 8  # of 30 s, about 100 MB each with its zip


@dataclass(frozen=True)
class Visit:
    """The `results` there are, which of them is shown, and how many were `made` so far."""

    results: tuple[Result, ...]
    at: int = 0
    made: int = 0

    @property
    def shown(self) -> Result:
        """The result that is on the page."""
        return self.results[self.at]

    @property
    def menu(self) -> dict:
        """The update of a dropdown that offers the results, hidden where there is one only."""
        return gr.update(
            choices=[(each.name, k) for k, each in enumerate(self.results)],
            value=self.at,
            visible=len(self.results) > 1,
        )

    def joined_by(self, result: Result) -> Visit:
        """Return the visit with `result` shown; where it is one too many, the oldest is deleted."""
        first, *later = self.results  # the first is bundled
        while len(later) >= MOST_RESULTS:
            later.pop(0).remove()
        return Visit((first, *later, result), len(later) + 1, self.made + 1)

    def back_to(self, index: int) -> Visit:
        """Return the visit with result `index` shown, whatever a request says."""
        return replace(self, at=min(max(int(index), 0), len(self.results) - 1))

    def remove(self) -> None:
        """Delete the files of all results."""
        for result in self.results:
            result.remove()
