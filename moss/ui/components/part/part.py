"""The part of the track that is blended, chosen on its waveform."""

import json
from pathlib import Path
from typing import Any

import gradio as gr

from moss.media import Overview
from moss.settings.blend import MAX_DURATION_S
from moss.ui.components.script import script_of

HERE = Path(__file__).parent
MIN_PART_S = 0.1  # the shortest duration that the settings of a blend take


class PartPicker(gr.HTML):
    """A waveform with the chosen part on it: drag it, drag its ends, click, or use the arrow keys.

    The value is what `part_value` returns, or "" for no track, which hides it. A change of the
    value moves the part. A person who has moved it changes the value and triggers the event
    `part`, whose data has `start_s` and `part_s` in seconds.
    """

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(
            value,
            html_template=(HERE / "part.html").read_text(encoding="utf-8"),
            js_on_load=script_of(HERE / "part.js"),
            elem_classes=["moss-part-block"],
            apply_default_css=False,
            **options,
        )


def part_value(track: Overview, start_s: float, part_s: float) -> str:
    """Return the value that shows a track with the part of `part_s` seconds from `start_s` on."""
    return json.dumps(
        {
            "duration_s": track.duration_s,
            "peaks": [round(float(peak), 3) for peak in track.peaks],
            "start_s": start_s,
            "part_s": part_s,
            "min_part_s": MIN_PART_S,
            "max_part_s": MAX_DURATION_S,
        },
        separators=(",", ":"),
    )
