"""What a visitor watches while a picture becomes sound: how far it is, and what it will show."""

import gradio as gr
import numpy as np

from moss.progress import RenderProgress
from moss.sonification.design import Design
from moss.ui.events import Updates
from moss.ui.host.run import Item
from moss.ui.working.base import ProgressPanel
from moss.ui.working.picture import picture_url
from moss.ui.working.progress_line import SOUND_CAPTIONS, ProgressLine, line
from moss.usecases.estimate import seconds_of_sound
from moss.usecases.time_left import TimeLeft

SIZE = (270, 480)  # rows and columns of the picture of the design


class SonifyProgressPanel(ProgressPanel):
    """The progress of a sound, and its spectrogram as designed."""

    reading = "Reading what is given"

    def pictures(self) -> list[gr.HTML]:
        """Build the spectrogram."""
        self.design = gr.HTML(elem_id=f"{self.prefix}-designed")
        return [self.design]

    def begin(self) -> Updates:
        """Return the updates of a run that waits for its turn."""
        return super().begin() | {self.design: ""}


class SonifyFollower:
    """Turns the items of one sound into the updates of `panel`."""

    def __init__(self, panel: SonifyProgressPanel) -> None:
        self._panel = panel

    def __call__(self, item: Item, elapsed_s: float) -> Updates:
        """Return the updates that show `item`."""
        panel = self._panel
        if isinstance(item, Design):
            self._line = ProgressLine(SOUND_CAPTIONS, TimeLeft(seconds_of_sound(item)))
            return {panel.design: _design_html(item)}
        if not isinstance(item, RenderProgress):
            return {}
        if item.stage == "reading":
            text = f"Reading file {item.step + 1} of {item.steps}"
            return {panel.line: line(text, f"{elapsed_s:.0f} s", busy=True)}
        return {panel.line: self._line.line_after(item, elapsed_s)}


def _design_html(design: Design) -> str:
    """Return the HTML of what should be seen of the whole sound."""
    settings, (rows, columns) = design.settings, SIZE
    log_magnitude = np.full((settings.n_fft // 2 + 1, columns), design.display.low, np.float32)
    samples = (np.arange(columns) + 0.5) * design.length / columns
    for segment in design.segments:
        inside = (samples >= segment.first) & (samples < segment.first + segment.length)
        frames = (samples[inside] - segment.first).astype(int) // settings.hop_length
        picture = settings.range_nats * design.picture(segment, frames).numpy()
        log_magnitude[settings.band, inside] += picture
    url = picture_url(log_magnitude, design.display, SIZE)
    return (
        f'<figure class="moss-designed-sound"><img src="{url}" width="{columns}" '
        f'height="{rows}" alt="The spectrogram as designed"/>'
        "<figcaption>as designed</figcaption></figure>"
    )
