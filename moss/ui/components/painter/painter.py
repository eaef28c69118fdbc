"""The painter: a roll of notes on which a person draws a sound."""

import json
from pathlib import Path
from typing import Any

import gradio as gr

from moss.settings.sonify import sonify_settings
from moss.sonification.painting import HOP, LOW_HZ, MAX_COLUMNS, ROWS, ROWS_PER_OCTAVE, SAMPLE_RATE
from moss.ui.components.script import script_of

HERE = Path(__file__).parent
# What the script has to know of a painting.
MEASURES = {
    "low_hz": LOW_HZ,
    "rows_per_octave": ROWS_PER_OCTAVE,
    "rows": ROWS,
    "columns": MAX_COLUMNS,
    "sample_rate": SAMPLE_RATE,
    "hop": HOP,
    "range_nats": sonify_settings("musical").range_nats,
}


class Painter(gr.HTML):
    """Paints rows of pitch over time, as `moss.sonification.painting` takes them.

    The painting is the browser's. The value is what `painter_value` returns, or "" at first.

    Events, which a handler takes as gr.EventData:

    - `begun`: the first stroke is painted.
    - `play`: the sound is wanted of the painting in the .npy file `path`, uint8 (rows, columns);
      the answer repeats the number `asked`.
    - `track`: the track in the file `path` is wanted as the backdrop; its answer repeats `asked`,
      too.
    - `blend`: the painting in the .png file `path` is wanted as the picture of a blend.
    """

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(
            value,
            html_template=(HERE / "painter.html").read_text(encoding="utf-8"),
            js_on_load=script_of(HERE / "painter.js"),
            apply_default_css=False,
            # A property of the template, which gradio passes on to the script.
            **{"measures": MEASURES} | options,
        )


def painter_value(
    *,
    asked: int | None = None,
    waiting: str | None = None,
    sound: str | None = None,
    problem: str | None = None,
    backdrop: str | None = None,
    backdrop_s: float | None = None,
) -> str:
    """Return what a Painter is told.

    Parameters
    ----------
    asked
        The number of the event `play` or `track` that this answers.
    waiting
        For what the sound that was asked for has to wait.
    sound
        The address of the sound that was asked for.
    problem
        Why there is no sound or backdrop, in a sentence.
    backdrop
        The address of the picture that was asked for, its rows those of a painting.
    backdrop_s
        How many seconds the backdrop shows.
    """
    value: dict[str, Any] = {"asked": asked, "waiting": waiting, "sound": sound, "problem": problem}
    if backdrop:
        value["backdrop"] = {"url": backdrop, "seconds": backdrop_s}
    return json.dumps(value, separators=(",", ":"))
