"""What a visitor watches while a run works: how far it is, and what is to be seen of it."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from moss.ui.host.result import Result
from moss.ui.host.run import Item
from moss.ui.host.turns import Waiting
from moss.ui.words import QUIET, waiting
from moss.ui.working.progress_line import line


class Working:
    """Builds its components where it is made, inside a Blocks; hidden until a run begins.

    What identifies them in the page begins with `prefix`. A subclass adds `buttons` and `pictures`
    of its kind of run.
    """

    reading = "Reading"

    def __init__(self, prefix: str):
        self._prefix = prefix
        with gr.Column(
            visible=False, elem_id=f"{prefix}-working", elem_classes="moss-working"
        ) as self._column:
            self.progress = gr.HTML(elem_id=f"{prefix}-progress")
            with gr.Row():
                buttons = self.buttons()
                self.stop = gr.Button("Stop", size="sm", elem_id=f"{prefix}-stop")
            pictures = self.pictures()
        self.outputs = [self._column, self.progress, *buttons, self.stop, *pictures]

    def buttons(self) -> list:
        """Build what stands beside Stop."""
        return []

    def pictures(self) -> list:
        """Build what shows the run."""
        return []

    def begin(self) -> dict:
        """Return the updates of a run that waits for its turn."""
        return {
            self._column: gr.update(visible=True),
            self.progress: line("Waiting for a turn", busy=True),
            self.stop: gr.update(interactive=True),
        }

    def end(self) -> dict:
        """Return the updates of a run that is over, however it ended."""
        return {self._column: gr.update(visible=False)}

    def stop_ends(self, runs: list) -> None:
        """Let Stop cancel `runs`."""
        # Said by the browser itself: an answer from here could come after the end.
        stopping = f"() => {json.dumps(line('Stopping', busy=True))}"
        self.stop.click(None, None, self.progress, cancels=runs, js=stopping, **QUIET)

    def follow(
        self, items: Iterator[Item], seen: Callable[[Any, float], dict]
    ) -> Iterator[dict | Result]:
        """Yield the updates that tell of `items`; the last one is the Result itself.

        `seen` returns those of an item of this run, so many seconds after its turn came.
        """
        started = time.perf_counter()
        for item in items:
            if isinstance(item, Result):
                yield item
                return
            if item is None:
                yield gr.skip()  # so that a visitor who has left is noticed
                continue
            if isinstance(item, Waiting):
                started = time.perf_counter()
                yield {self.progress: line(self._waiting(item.ahead), busy=True)}
                continue
            if shown := seen(item, time.perf_counter() - started):
                yield shown

    def _waiting(self, ahead):
        if not ahead:
            return self.reading
        return waiting(ahead)
