"""What a visitor watches while a blend works: the front as it grows, and a few spectrograms."""

import math

import gradio as gr

from moss.blending.prepared import Prepared
from moss.progress import SearchProgress
from moss.ui.words import QUIET
from moss.ui.working.base import Working
from moss.ui.working.front_svg import front_svg
from moss.ui.working.preview import Previews
from moss.ui.working.progress_line import BLEND, ProgressLine
from moss.usecases.compute import Event
from moss.usecases.estimate import seconds_of
from moss.usecases.time_left import TimeLeft

KEEP = "Stop and keep"
SOONEST_S = 0.1  # between two drawings; generations can follow each other much faster


class BlendWorking(Working):
    """The progress of a blend, and the button that keeps what there is."""

    reading = "Reading the picture and the track"

    def buttons(self) -> list:
        """Build Stop and keep."""
        self.keep = gr.Button(KEEP, size="sm", elem_id="moss-keep")
        return [self.keep]

    def pictures(self) -> list:
        """Build the plot of the front and the spectrograms."""
        self.growing = gr.HTML(elem_id="moss-growing")
        self.previews = gr.HTML(elem_id="moss-previews")
        return [self.growing, self.previews]

    def begin(self) -> dict:
        """Return the updates of a run that waits for its turn."""
        keep = gr.update(interactive=False, value=KEEP)
        return super().begin() | {self.keep: keep, self.growing: "", self.previews: ""}

    def keep_asks(self, ask) -> None:
        """Let Stop and keep call `ask`, which returns the button's update."""
        self.keep.click(ask, None, self.keep, queue=False, **QUIET)


class BlendWatch:
    """Turns the items of one blend into the updates of `working`.

    `sounds` is how many will be made, None for as many as the settings say.
    """

    def __init__(self, working: BlendWorking, sounds: int | None):
        self._working, self._sounds = working, sounds
        self._seeds, self._keeping, self._drawn = None, False, -math.inf

    def __call__(self, item: Prepared | Event, elapsed_s: float) -> dict:
        """Return the updates that tell of `item`, none where that can wait."""
        working = self._working
        if isinstance(item, Prepared):
            self._line = ProgressLine(BLEND, TimeLeft(seconds_of(item.settings, self._sounds)))
            self._previews = Previews(item, heard=self._sounds is None)
            return {}
        if _can_wait(item) and elapsed_s - self._drawn < SOONEST_S:
            return {}
        self._drawn = elapsed_s
        shown = {working.progress: self._line.after(item, elapsed_s)}
        is_searching = isinstance(item, SearchProgress)
        if is_searching:
            shown[working.growing] = front_svg(item, self._seeds)
            if item.stage == "seeding" and item.step == item.steps:
                self._seeds = item.losses[item.on_front]
        # What can be kept is there from the first masks until the sounds are made.
        if self._keeping != is_searching:
            self._keeping = is_searching
            shown[working.keep] = gr.update(interactive=is_searching)
        if seen := self._previews.after(item):
            shown[working.previews] = seen
        return shown


def _can_wait(item):
    return isinstance(item, SearchProgress) and item.masks is None and item.step < item.steps
