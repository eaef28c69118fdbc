"""What a visitor watches while a run works: how far it is, and what is to be seen of it."""

import json
import time
from collections.abc import Callable, Iterator

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from moss.ui.events import QUIET, Updates
from moss.ui.host.result import Result
from moss.ui.host.run import Item
from moss.ui.host.turns import Waiting
from moss.ui.words import waiting_text
from moss.ui.working.progress_line import line

# Returns the updates that show an item of a run, so many seconds after its turn came.
Follower = Callable[[Item, float], Updates]


class ProgressPanel:
    """Builds its components where it is made, inside a Blocks; hidden until a run begins.

    What identifies them in the page begins with `prefix`. A subclass adds `buttons` and `pictures`
    of its kind of run.
    """

    reading = "Reading"

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        with gr.Column(
            visible=False, elem_id=f"{prefix}-working", elem_classes="moss-working"
        ) as self._column:
            with gr.Row(equal_height=True):
                self.line = gr.HTML(elem_id=f"{prefix}-progress", elem_classes="moss-progress-line")
                buttons = self.buttons()
                self._stop = gr.Button(
                    "Stop", size="sm", scale=0, min_width=90, elem_id=f"{prefix}-stop"
                )
            pictures = self.pictures()
        self.outputs: list[Block] = [self._column, self.line, *buttons, self._stop, *pictures]

    def buttons(self) -> list[gr.Button]:
        """Build what stands beside Stop."""
        return []

    def pictures(self) -> list[gr.HTML]:
        """Build what shows the run."""
        return []

    def begin(self) -> Updates:
        """Return the updates of a run that waits for its turn."""
        return {
            self._column: gr.update(visible=True),
            self.line: line("Waiting for a turn", busy=True),
            self._stop: gr.update(interactive=True),
        }

    def end(self) -> Updates:
        """Return the updates of a run that is over, however it ended."""
        return {self._column: gr.update(visible=False)}

    def connect_stop(self, runs: list[Dependency]) -> None:
        """Let Stop cancel `runs`."""
        # The browser itself shows this line: an answer from here could come after the end.
        stopping = f"() => {json.dumps(line('Stopping', busy=True))}"
        self._stop.click(None, None, self.line, cancels=list(runs), js=stopping, **QUIET)

    def follow(self, items: Iterator[Item], follower: Follower) -> Iterator[Updates | Result]:
        """Yield the updates that show `items`; the last one is the Result itself."""
        started = time.perf_counter()
        for item in items:
            if isinstance(item, Result):
                yield item
                return
            if item is None:
                yield gr.skip()  # Gradio notices at a yield that a visitor has left.
            elif isinstance(item, Waiting):
                started = time.perf_counter()
                text = waiting_text(item.ahead) if item.ahead else self.reading
                yield {self.line: line(text, busy=True)}
            elif updates := follower(item, time.perf_counter() - started):
                yield updates
