"""The live spectrogram: what sounds is seen as it sounds, by the visitor's own browser alone."""

import json
from base64 import b64encode
from pathlib import Path

import gradio as gr
import numpy as np
from matplotlib import colormaps

HERE = Path(__file__).parent
# One script, in the order in which the parts need each other.
SCRIPTS = ("axis.js", "picture.js", "sources.js", "live.js", "see.js")
MAPS = ("magma", "inferno", "viridis", "cividis", "gray")


class LiveSpectrogram(gr.HTML):
    """A spectrogram that scrolls by; nothing of it reaches the server.

    In the page it shows the microphone or a file. As a `drawer` it is hidden at the foot of the
    screen until a sound of the page is to be seen; assets/live/see.js says how that is asked for.
    """

    def __init__(self, *, drawer: bool = False, **options):
        super().__init__(
            _maps(),
            html_template=_text("live.html"),
            js_on_load="\n".join(map(_text, SCRIPTS)),
            elem_classes=["moss-live-block"],
            apply_default_css=False,
            padding=False,
            **{"drawer": drawer} | options,  # a property of the template, which gradio passes on
        )


def _maps():
    """256 colours, red, green and blue, of each colour map by name, as JSON of base64."""
    steps = np.arange(256)
    colours = {name: colormaps[name](steps, bytes=True)[:, :3] for name in MAPS}
    return json.dumps({name: b64encode(each.tobytes()).decode() for name, each in colours.items()})


def _text(name):
    return (HERE / name).read_text(encoding="utf-8")
