"""The live spectrogram: what sounds is seen as it sounds, by the visitor's own browser alone."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from matplotlib import colormaps

from moss.settings.presets import blend_settings
from moss.settings.sonify import sonify_settings
from moss.ui.components.script import script_of

HERE = Path(__file__).parent
MAPS = ("magma", "inferno", "viridis", "cividis", "gray")
# The frequencies up to which the axis can go: those of a blend fill it at first.
USUAL_TOP_HZ = blend_settings().analysis_rate / 2
TOPS_HZ = (USUAL_TOP_HZ / 2, USUAL_TOP_HZ, sonify_settings().sample_rate / 2)


class LiveSpectrogram(gr.HTML):
    """A spectrogram that scrolls by; nothing of it reaches the server.

    In the page it shows the microphone or a file. As a `drawer` it is hidden at the foot of the
    screen until a sound of the page is to be seen; drawer.js says how that is asked for.
    """

    def __init__(self, *, drawer: bool = False, **options: Any) -> None:
        # Properties of the template, which gradio passes on to the script.
        props: dict[str, Any] = {"drawer": drawer, "tops_hz": TOPS_HZ, "usual_top_hz": USUAL_TOP_HZ}
        super().__init__(
            _maps(),
            html_template=(HERE / "live.html").read_text(encoding="utf-8"),
            js_on_load=script_of(HERE / "live.js"),
            elem_classes=["moss-live-block"],
            apply_default_css=False,
            padding=False,
            **props | options,
        )


def _maps() -> str:
    """Return 256 colours of each map by name, red, green and blue, as JSON of base64."""
    steps = np.arange(256)
    colours = {name: colormaps[name](steps, bytes=True)[:, :3] for name in MAPS}
    return json.dumps({name: b64encode(each.tobytes()).decode() for name, each in colours.items()})
