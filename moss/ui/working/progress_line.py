"""One line that says what a run is doing, over a bar with a part for each stage."""

from collections.abc import Mapping

from moss.progress import BLEND_STAGES, SOUND_STAGES, RenderProgress, SearchProgress
from moss.usecases.time_left import TimeLeft

# What a visitor calls them; several stages of the search are one thing to see.
BLEND_CAPTIONS = dict(
    zip(
        BLEND_STAGES,
        (
            "Finding mixtures",
            "Finding better mixtures",
            "Measuring the mixtures",
            "Making the sounds",
            "Writing files, drawing the film",
        ),
        strict=True,
    )
)
SOUND_CAPTIONS = dict(zip(SOUND_STAGES, ("Finding the phases", "Writing the files"), strict=True))


class ProgressLine:
    """Turns events into lines, and into figures for those who want them.

    Parameters
    ----------
    captions : what the stages are called, in order.
    time_left : of the run.
    """

    def __init__(self, captions: Mapping[str, str], time_left: TimeLeft) -> None:
        self._captions, self._time_left, self._front = captions, time_left, ""

    def line_after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> str:
        """Return the line's HTML after `event`: words that are written here, and the time."""
        share = event.step / event.steps if event.steps else 1.0
        done = list(self._captions).index(event.stage) + share
        left_s = self._time_left.after(event, elapsed_s)
        time = f"about {left_s:.0f} s left" if left_s is not None else f"{elapsed_s:.0f} s"
        return line(self._captions[event.stage], time, done, parts=len(self._captions))

    def figures_after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> str:
        """Return the HTML of the figures after `event`; the last ones of the front stay."""
        if isinstance(event, SearchProgress):
            self._front = f" · {event.on_front.sum()} mixtures, hypervolume {event.hypervolume:.3f}"
        step = f"{event.stage} {event.step} of {event.steps}"
        return f'<p class="moss-figures">{step}{self._front} · {elapsed_s:.1f} s so far</p>'


def line(
    text: str,
    figures: str = "",
    done: float = 0.0,
    *,
    parts: int = len(BLEND_CAPTIONS),
    busy: bool = False,
) -> str:
    """Return the HTML of a line with `done` of `parts` filled; never give it a user's text."""
    bar = "".join(f'<i style="--done:{min(max(done - k, 0), 1):.3f}"></i>' for k in range(parts))
    return (
        f'<div class="moss-progress{" busy" if busy else ""}"><p><b>{text}</b>'
        f'<span>{figures}</span></p><div class="bar" aria-hidden="true">{bar}</div></div>'
    )
