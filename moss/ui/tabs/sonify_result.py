"""The part of the Sonify tab that shows a finished sound, and those before it."""

import gradio as gr
from gradio.blocks import Block

from moss.ui.components.sound.sound import SoundPlayer, sound_html
from moss.ui.events import Updates
from moss.ui.host.result import Result
from moss.ui.tabs.result_panel import ResultPanel


class SonifyResultPanel(ResultPanel):
    """Builds its components where it is made, inside a Blocks; `first` is shown at first."""

    def __init__(self, first: Result) -> None:
        super().__init__("Sounds of this visit", "moss-sounds-visit")
        self._player = SoundPlayer(sound_html(first), elem_id="moss-sound")
        self.problem = gr.HTML(elem_id="moss-sound-problem", elem_classes="moss-problem-block")

    @property
    def result_components(self) -> list[Block]:
        """The player."""
        return [self._player]

    def result_updates(self, result: Result) -> Updates:
        """Return the update that plays the sound."""
        return {self._player: sound_html(result)}
