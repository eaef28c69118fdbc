"""What a visitor watches while a blend works: the front as it grows, and a few spectrograms."""

import math
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from moss.blending.prepared import Prepared
from moss.progress import RenderProgress, SearchProgress
from moss.ui.events import QUIET, Updates
from moss.ui.host.run import Item
from moss.ui.working.base import ProgressPanel
from moss.ui.working.front_svg import front_svg
from moss.ui.working.preview import Previews
from moss.ui.working.progress_line import BLEND_CAPTIONS, ProgressLine
from moss.usecases.estimate import seconds_of
from moss.usecases.time_left import TimeLeft

KEEP = "Stop and keep"
MIN_INTERVAL_S = 0.1  # between two drawings; generations can follow each other much faster


class BlendProgressPanel(ProgressPanel):
    """The progress of a blend, and the button that keeps what there is."""

    reading = "Reading the picture and the track"

    def buttons(self) -> list[gr.Button]:
        """Build Stop and keep."""
        self.keep = gr.Button(KEEP, size="sm", elem_id="moss-keep")
        return [self.keep]

    def pictures(self) -> list[gr.HTML]:
        """Build the plot of the front and the spectrograms."""
        self.front = gr.HTML(elem_id="moss-growing")
        self.previews = gr.HTML(elem_id="moss-previews")
        return [self.front, self.previews]

    def begin(self) -> Updates:
        """Return the updates of a run that waits for its turn."""
        keep = gr.update(interactive=False, value=KEEP)
        return super().begin() | {self.keep: keep, self.front: "", self.previews: ""}

    def connect_keep(self, keep: Callable[[gr.Request], dict[str, Any]]) -> None:
        """Let Stop and keep call `keep`, which returns the button's update."""
        self.keep.click(keep, None, self.keep, queue=False, **QUIET)


class BlendFollower:
    """Turns the items of one blend into the updates of `panel`.

    Parameters
    ----------
    panel : shows the blend.
    sounds : how many will be made, None for as many as the settings say.
    """

    def __init__(self, panel: BlendProgressPanel, sounds: int | None) -> None:
        self._panel, self._sounds = panel, sounds
        self._seeding: SearchProgress | None = None
        self._can_keep, self._last_s = False, -math.inf

    def __call__(self, item: Item, elapsed_s: float) -> Updates:
        """Return the updates that show `item`; none where there is nothing new to be seen."""
        if isinstance(item, Prepared):
            time_left = TimeLeft(seconds_of(item.settings, self._sounds))
            self._line = ProgressLine(BLEND_CAPTIONS, time_left)
            self._previews = Previews(item, with_sounds=self._sounds is None)
            return {}
        if not isinstance(item, SearchProgress | RenderProgress):
            return {}
        if _is_minor(item) and elapsed_s - self._last_s < MIN_INTERVAL_S:
            return {}
        self._last_s = elapsed_s
        panel = self._panel
        updates: Updates = {panel.line: self._line.line_after(item, elapsed_s)}
        if isinstance(item, SearchProgress):
            updates[panel.front] = front_svg(item, self._seeds_behind(item))
            if item.stage == "seeding" and item.step == item.steps:
                self._seeding = item
        # There is something to keep from the first masks until the sounds are made.
        can_keep = isinstance(item, SearchProgress)
        if self._can_keep != can_keep:
            self._can_keep = can_keep
            updates[panel.keep] = gr.update(interactive=can_keep)
        if previews := self._previews.html_after(item):
            updates[panel.previews] = previews
        return updates

    def _seeds_behind(self, event: SearchProgress) -> np.ndarray | None:
        """Return the losses (n, 2) of the seeds: measured where those of `event` are."""
        if self._seeding is None:
            return None
        if event.stage == "front":
            return self._seeding.seeds
        return self._seeding.losses[self._seeding.on_front]


def _is_minor(event: SearchProgress | RenderProgress) -> bool:
    """Return whether a visitor misses nothing where `event` is not drawn."""
    return isinstance(event, SearchProgress) and event.masks is None and event.step < event.steps
