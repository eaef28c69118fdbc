"""The part of the Sonify tab that shows a finished sound, and those before it."""

import gradio as gr

from moss.ui.components.sound.sound import SoundPlayer, sound_html
from moss.ui.host.result import Result
from moss.ui.host.visit import Visit
from moss.ui.words import QUIET


class SoundPanel:
    """Builds its components where it is made, inside a Blocks; `first` is shown at first."""

    def __init__(self, first: Result):
        self._visit = gr.Dropdown(
            visible=False,
            label="Sounds of this visit",
            filterable=False,
            elem_id="moss-sounds-visit",
        )
        self._player = SoundPlayer(sound_html(first), elem_id="moss-sound")
        self.problem = gr.HTML(elem_id="moss-sound-problem", elem_classes="moss-problem-block")
        self.outputs = [self._visit, self._player]

    def showing(self, visit: Visit) -> dict:
        """Return the updates that show the visit's sound."""
        return {self._visit: visit.menu, self._player: sound_html(visit.shown)}

    def on_choice(self, show, visit: gr.State, outputs: list) -> None:
        """Call show(visit, index) when the visitor goes back to a sound."""
        self._visit.input(show, [visit, self._visit], outputs, queue=False, **QUIET)
