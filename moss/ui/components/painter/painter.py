"""The painter: a roll of notes on which a person draws a sound."""

import json
from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
# One script, in the order in which the parts need each other.
SCRIPTS = (
    "painting.js",
    "grids.js",
    "stroke.js",
    "files.js",
    "view.js",
    "hand.js",
    "listening.js",
    "painter.js",
)


class Painter(gr.HTML):
    """Paints rows of pitch over time, as `moss.sonification.painting` takes them.

    The painting is the browser's.

    Its value is what `painter_value` returns, or "" at first.

    Events, which a handler takes as gr.EventData:
        begun : the first stroke is painted.
        play : the sound is wanted of the painting in the .npy file `path`, uint8 (rows, columns);
            the answer repeats the number `asked`.
        track : the track in the file `path` is wanted as the backdrop; so does this answer.
        blend : the painting in the .png file `path` is wanted as the picture of a blend.
    """

    def __init__(self, value: str = "", **options):
        super().__init__(
            value,
            html_template=_text("painter.html"),
            js_on_load="\n".join(map(_text, SCRIPTS)),
            apply_default_css=False,
            **options,
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
    asked : the number of the event `play` or `track` that this answers.
    waiting : for what the sound that was asked for has to wait.
    sound : address of the sound that was asked for.
    backdrop : address of the picture that was asked for, its rows those of a painting and
        `backdrop_s` seconds long.
    problem : why there is none of them, in a sentence.
    """
    told = {"asked": asked, "waiting": waiting, "sound": sound, "problem": problem}
    if backdrop:
        told["backdrop"] = {"url": backdrop, "seconds": backdrop_s}
    return json.dumps(told, separators=(",", ":"))


def _text(name):
    return (HERE / name).read_text(encoding="utf-8")
