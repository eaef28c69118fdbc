"""The Live tab: the microphone or a file as a spectrogram, while it sounds."""

import gradio as gr

from moss.ui.components.live.live import LiveSpectrogram

WORDS = """Every sound has a picture. Hold a phone that plays a result of MOSS to the microphone, or
choose a file: it is heard and seen in your browser and goes nowhere else.
"""


def build_live() -> None:
    """Build the tab's content where this is called."""
    gr.Markdown(WORDS)
    LiveSpectrogram(elem_id="moss-live")
