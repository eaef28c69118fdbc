"""One line that says what a run is doing, over a bar with a part for each stage."""

from collections.abc import Mapping

from moss.progress import RenderProgress, SearchProgress
from moss.usecases.time_left import TimeLeft

BLEND = {
    "seeding": "Seeding the front",
    "evolution": "Evolving it",
    "front": "Measuring it exactly",
    "sounds": "Making the sounds",
    "files": "Writing the files",
}
SONIFY = {"sounds": "Finding the phases", "files": "Writing the files"}


class ProgressLine:
    """Turns events into lines; it keeps the hypervolume, which only the search's events have.

    `stages` are what the stages are called, in order.
    """

    def __init__(self, stages: Mapping[str, str], time_left: TimeLeft):
        self._stages, self._time_left, self._found = stages, time_left, ""

    def after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> str:
        """Return the line's HTML: numbers, and words that are written here."""
        if isinstance(event, SearchProgress):
            self._found = f"{event.on_front.sum()} points, hypervolume {event.hypervolume:.3f}, "
        text = f"{self._stages[event.stage]}: {event.step} of {event.steps}"
        share = event.step / event.steps if event.steps else 1.0
        done = list(self._stages).index(event.stage) + share
        left_s = self._time_left.after(event, elapsed_s)
        time = f"{elapsed_s:.0f} s" + (f", about {left_s:.0f} s left" if left_s is not None else "")
        return line(text, self._found + time, done, parts=len(self._stages))


def line(
    text: str, figures: str = "", done: float = 0.0, *, parts: int = len(BLEND), busy: bool = False
) -> str:
    """Return the HTML of a line with `done` of `parts` filled; never give it a user's text."""
    drawn = "".join(f'<i style="--done:{min(max(done - k, 0), 1):.3f}"></i>' for k in range(parts))
    return (
        f'<div class="moss-progress{" busy" if busy else ""}"><p><b>{text}</b>'
        f'<span>{figures}</span></p><div class="bar" aria-hidden="true">{drawn}</div></div>'
    )
