"""What a visitor watches while a blend works: how far it is, and the run itself in the player."""

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gradio as gr

from moss.blending.prepared import Prepared
from moss.blending.task import DraftsProgress
from moss.errors import OutputError
from moss.progress import RenderProgress, SearchProgress
from moss.ui.components.player.player import steering_value
from moss.ui.events import QUIET, Updates
from moss.ui.host.run import Begun, Item
from moss.ui.working.base import ProgressPanel
from moss.ui.working.emerging import Emerging
from moss.ui.working.progress_line import BLEND_CAPTIONS, ProgressLine, line
from moss.usecases.estimate import seconds_of
from moss.usecases.time_left import TimeLeft

KEEP, KEEPING = "Stop and keep", "Keeping what is there"
MIN_INTERVAL_S = 0.1  # between two lines; generations can follow each other much faster
MIN_FRONT_INTERVAL_S = 0.5  # between two drawings of the front
DRAFTING = "Making first drafts"


class BlendProgressPanel(ProgressPanel):
    """The progress of a blend, and the button that keeps what there is."""

    reading = "Reading the picture and the track"

    def buttons(self) -> list[gr.Button]:
        """Build Stop and keep."""
        self.keep = gr.Button(KEEP, size="sm", scale=0, min_width=150, elem_id="moss-keep")
        return [self.keep]

    def pictures(self) -> list[gr.HTML]:
        """Build the figures, folded away."""
        with gr.Accordion("Figures", open=False, elem_id="moss-figures"):
            self.figures = gr.HTML(elem_id="moss-figures-text")
        return [self.figures]

    def begin(self) -> Updates:
        """Return the updates of a run that waits for its turn."""
        return super().begin() | {self.keep: gr.update(value=KEEP), self.figures: ""}

    def connect_keep(self, keep: Callable[[gr.Request], dict[str, Any]]) -> None:
        """Let Stop and keep call `keep`, which returns the button's update."""
        self.keep.click(keep, None, self.keep, queue=False, **QUIET)


class BlendFollower:
    """Turns the items of one blend into the updates of `panel` and of the player.

    Parameters
    ----------
    panel : shows how far the blend is.
    play : returns the updates that let the player play a value of what is being made.
    sounds : how many will be made, None for as many as the settings say.
    before : what the player plays of the run that this one goes on from, which it goes on playing;
        None where it is a new one.
    """

    def __init__(
        self,
        panel: BlendProgressPanel,
        play: Callable[[str], Updates],
        sounds: int | None,
        before: str | None,
    ) -> None:
        self._panel, self._play, self._sounds, self._before = panel, play, sounds, before
        self._emerging: Emerging | None = None
        self._last_s = self._last_front_s = -math.inf

    def close(self) -> None:
        """Delete what was only there to be heard meanwhile."""
        if self._emerging:
            self._emerging.close()

    def __call__(self, item: Item, elapsed_s: float) -> Updates:
        """Return the updates that show `item`; none where there is nothing new to be seen."""
        if isinstance(item, Begun):
            self._home = item.home
        elif isinstance(item, Prepared):
            time_left = TimeLeft(seconds_of(item.settings, self._sounds))
            self._line = ProgressLine(BLEND_CAPTIONS, time_left)
            if self._before is None:
                with suppress(OSError, OutputError):  # A run is not to fail by what is heard of it.
                    self._emerging = Emerging(item, self._home)
                    return self._play(self._emerging.value())
        elif isinstance(item, SearchProgress | RenderProgress):
            return self._after(item, elapsed_s)
        return {}

    def _after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> Updates:
        updates = self._played_after(event, elapsed_s)
        if _is_minor(event) and elapsed_s - self._last_s < MIN_INTERVAL_S:
            return updates
        self._last_s = elapsed_s
        panel = self._panel
        if isinstance(event, DraftsProgress):
            return updates | {panel.line: line(DRAFTING, f"{elapsed_s:.0f} s", busy=True)}
        return updates | {
            panel.line: self._line.line_after(event, elapsed_s),
            panel.figures: self._line.figures_after(event, elapsed_s),
        }

    def _played_after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> Updates:
        """Return the update of the player: a sound is news at once, the front now and then."""
        has_sound = self._take(event)
        is_front = (
            isinstance(event, SearchProgress)
            and elapsed_s - self._last_front_s >= MIN_FRONT_INTERVAL_S
        )
        if not has_sound and not is_front:
            return {}
        self._last_front_s = elapsed_s
        if self._emerging:
            return self._play(self._emerging.value())
        if isinstance(event, SearchProgress) and self._before:
            return self._play(steering_value(self._before, event.losses[event.on_front]))
        return {}

    def _take(self, event: SearchProgress | RenderProgress) -> bool:
        """Return whether a sound has come; where it has no room, none comes any more."""
        try:
            return self._emerging is not None and self._emerging.take(event)
        except (OSError, OutputError):
            self.close()
            self._emerging = None
            return False


def _is_minor(event: SearchProgress | RenderProgress) -> bool:
    """Return whether a visitor misses nothing where `event` is not drawn."""
    return isinstance(event, SearchProgress) and event.masks is None and event.step < event.steps
