"""What a visitor watches while a picture becomes sound: how far it is, and what it will show."""

import gradio as gr
import numpy as np

from moss.progress import RenderProgress
from moss.sonification.design import Design
from moss.ui.working.base import Working
from moss.ui.working.preview import encoded_picture
from moss.ui.working.progress_line import SONIFY, ProgressLine, line
from moss.usecases.estimate import seconds_of_sound
from moss.usecases.time_left import TimeLeft

SIZE = (270, 480)  # rows and columns of what is designed


class SonifyWorking(Working):
    """The progress of a sound, and its spectrogram as designed."""

    reading = "Reading what is given"

    def pictures(self) -> list:
        """Build the spectrogram."""
        self.designed = gr.HTML(elem_id=f"{self._prefix}-designed")
        return [self.designed]

    def begin(self) -> dict:
        """Return the updates of a run that waits for its turn."""
        return super().begin() | {self.designed: ""}


class SonifyWatch:
    """Turns the items of one sound into the updates of `working`."""

    def __init__(self, working: SonifyWorking):
        self._working = working

    def __call__(self, item: RenderProgress | Design, elapsed_s: float) -> dict:
        """Return the updates that tell of `item`."""
        working = self._working
        if isinstance(item, Design):
            self._line = ProgressLine(SONIFY, TimeLeft(seconds_of_sound(item)))
            return {working.designed: _designed(item)}
        if item.stage == "reading":
            text = f"Reading file {item.step + 1} of {item.steps}"
            return {working.progress: line(text, f"{elapsed_s:.0f} s", busy=True)}
        return {working.progress: self._line.after(item, elapsed_s)}


def _designed(design: Design) -> str:
    """Return the HTML of what should be seen of the whole sound."""
    settings, (rows, columns) = design.settings, SIZE
    log_magnitude = np.full((settings.n_fft // 2 + 1, columns), design.display.low, np.float32)
    samples = (np.arange(columns) + 0.5) * design.length / columns
    for segment in design.segments:
        inside = (samples >= segment.first) & (samples < segment.first + segment.length)
        frames = (samples[inside] - segment.first).astype(int) // settings.hop_length
        shown = settings.range_nats * design.picture(segment, frames).numpy()
        log_magnitude[settings.band, inside] += shown
    picture = encoded_picture(log_magnitude, design.display, SIZE)
    return (
        f'<figure class="moss-designed-sound"><img src="{picture}" width="{columns}" '
        f'height="{rows}" alt="The spectrogram as designed"/>'
        "<figcaption>as designed</figcaption></figure>"
    )
