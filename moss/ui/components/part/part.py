"""The part of the track that is blended, chosen on its waveform."""

import json
from pathlib import Path

import gradio as gr

from moss.media import Overview
from moss.settings.blend import MAX_DURATION_S

HERE = Path(__file__).parent


class PartPicker(gr.HTML):
    """A waveform with the chosen part on it: drag it, drag its ends, click, or use the arrow keys.

    The value is what `part_value` returns, or "" for no track, which hides it. A change of the
    value moves the part. A person who has moved it changes the value and triggers the event
    `part`, whose data has `start_s` and `part_s` in seconds.
    """

    def __init__(self, value: str = "", **options):
        super().__init__(
            value,
            html_template=(HERE / "part.html").read_text(encoding="utf-8"),
            js_on_load=(HERE / "part.js").read_text(encoding="utf-8"),
            elem_classes=["moss-part-block"],
            apply_default_css=False,
            **options,
        )


def part_value(seen: Overview, start_s: float, part_s: float) -> str:
    """Return the value that shows a track with the part of `part_s` seconds from `start_s` on."""
    return json.dumps(
        {
            "duration_s": seen.duration_s,
            "peaks": [round(float(peak), 3) for peak in seen.peaks],
            "start_s": start_s,
            "part_s": part_s,
            "max_part_s": MAX_DURATION_S,
        },
        separators=(",", ":"),
    )
