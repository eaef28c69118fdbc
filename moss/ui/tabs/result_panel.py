"""What the parts of the page that show a visit's results have in common: a menu of the results."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import gradio as gr
from gradio.blocks import Block

from moss.ui.events import QUIET, Updates
from moss.ui.host.result import Result
from moss.ui.host.visit import Visit


class ResultPanel(ABC):
    """Builds the menu where it is made, inside a Blocks; a subclass builds what shows a result.

    Attributes
    ----------
    problem : says what is wrong with going on from a result or back to one.
    """

    problem: gr.HTML

    def __init__(self, label: str, elem_id: str) -> None:
        self._menu = gr.Dropdown(visible=False, label=label, filterable=False, elem_id=elem_id)

    @property
    @abstractmethod
    def result_components(self) -> list[Block]:
        """The components that show a result."""

    @abstractmethod
    def result_updates(self, result: Result) -> Updates:
        """Return the updates that show `result`."""

    @property
    def outputs(self) -> list[Block]:
        """The components that `updates` names."""
        return [self._menu, *self.result_components]

    def updates(self, visit: Visit) -> Updates:
        """Return the updates that show the visit's current result."""
        return {self._menu: visit.menu, **self.result_updates(visit.current)}

    def on_choice(
        self, show: Callable[..., Updates], visit: gr.State, outputs: Sequence[Block]
    ) -> None:
        """Call show(visit, index) when the visitor goes back to a result."""
        self._menu.input(show, [visit, self._menu], outputs, queue=False, **QUIET)
