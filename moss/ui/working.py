"""What a visitor watches while a run works: the front as it grows, and a few spectrograms."""

import json
import math
import time
from collections.abc import Iterator

import gradio as gr

from moss.pipeline import Prepared
from moss.progress import SearchProgress
from moss.ui.front_svg import front_svg
from moss.ui.preview import Previews
from moss.ui.progress_line import ProgressLine, line
from moss.ui.result import Result
from moss.ui.run import Item
from moss.ui.time_left import TimeLeft
from moss.ui.turns import Waiting
from moss.ui.words import QUIET

KEEP = "Stop and keep"
SOONEST_S = 0.1  # between two drawings; generations can follow each other much faster


class Working:
    """Builds its components where it is made, inside a Blocks; hidden until a run begins."""

    def __init__(self):
        with gr.Column(visible=False, elem_id="moss-working") as self._column:
            self._progress = gr.HTML(elem_id="moss-progress")
            with gr.Row():
                self.keep = gr.Button(KEEP, size="sm", elem_id="moss-keep")
                self.stop = gr.Button("Stop", size="sm", elem_id="moss-stop")
            self._growing = gr.HTML(elem_id="moss-growing")
            self._previews = gr.HTML(elem_id="moss-previews")
        self.outputs = [
            self._column,
            self._progress,
            self.keep,
            self.stop,
            self._growing,
            self._previews,
        ]

    def begin(self) -> dict:
        """Return the updates of a run that waits for its turn."""
        return {
            self._column: gr.update(visible=True),
            self._progress: line("Waiting for a turn", busy=True),
            self.keep: gr.update(interactive=False, value=KEEP),
            self.stop: gr.update(interactive=True),
            self._growing: "",
            self._previews: "",
        }

    def end(self) -> dict:
        """Return the updates of a run that is over, however it ended."""
        return {self._column: gr.update(visible=False)}

    def stop_ends(self, runs: list) -> None:
        """Let Stop cancel `runs`."""
        # Said by the browser itself: an answer from here could come after the end.
        stopping = f"() => {json.dumps(line('Stopping', busy=True))}"
        self.stop.click(None, None, self._progress, cancels=runs, js=stopping, **QUIET)

    def keep_asks(self, ask) -> None:
        """Let Stop and keep call `ask`, which returns the button's update."""
        self.keep.click(ask, None, self.keep, queue=False, **QUIET)

    def follow(self, items: Iterator[Item], sounds: int | None) -> Iterator[dict | Result]:
        """Yield the updates that tell of `items`; the last one is the Result itself.

        `sounds` is how many will be made, None for as many as the settings say.
        """
        started = time.perf_counter()
        seeds, keeping, drawn = None, False, -math.inf
        for item in items:
            if isinstance(item, Result):
                yield item
                return
            if item is None:
                yield gr.skip()  # so that a visitor who has left is noticed
                continue
            if isinstance(item, Waiting):
                started = time.perf_counter()
                yield {self._progress: line(_waiting(item.ahead), busy=True)}
                continue
            if isinstance(item, Prepared):
                told = ProgressLine(TimeLeft(item.settings, sounds))
                previews = Previews(item, heard=sounds is None)
                continue
            elapsed_s = time.perf_counter() - started
            if _can_wait(item) and elapsed_s - drawn < SOONEST_S:
                continue
            drawn = elapsed_s
            shown = {self._progress: told.after(item, elapsed_s)}
            if isinstance(item, SearchProgress):
                shown[self._growing] = front_svg(item, seeds)
                if item.phase == "seeding" and item.step == item.steps:
                    seeds = item.losses[item.on_front]
            # What can be kept is there from the first masks until the sounds are made.
            if keeping != (can_keep := isinstance(item, SearchProgress)):
                keeping = can_keep
                shown[self.keep] = gr.update(interactive=keeping)
            if seen := previews.after(item):
                shown[self._previews] = seen
            yield shown


def _waiting(ahead):
    if not ahead:
        return "Reading the picture and the track"
    return f"Waiting: {ahead} run{'s' if ahead > 1 else ''} before yours"


def _can_wait(item):
    return isinstance(item, SearchProgress) and item.masks is None and item.step < item.steps
