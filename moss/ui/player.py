"""The player: a spectrogram and a slider from music to picture, over sounds that play in sync."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from moss.render.spectrograms import HEIGHT, PLOT, WIDTH
from moss.ui.files import image_of, url_of

ASSETS = Path(__file__).parent / "assets" / "player"
# One script, in the order in which the parts need each other.
SCRIPTS = ("sound.js", "spectrogram.js", "plot.js", "wishes.js", "brush.js", "player.js")
DIGITS = 4  # of losses, which are drawn and shown with fewer


class Player(gr.HTML):
    """Plays a finished run in the browser; its value is what `player_value` returns, or "".

    Events, which a handler takes as gr.EventData:
        steer : `toward` is "music" or "picture", or `music` is its share of the weight, 0 to 1;
            `point` is where the slider is.
        wish : `wishes` is all that is painted, as `moss.wishes` spells it.
    """

    def __init__(self, value: str = "", **options):
        super().__init__(
            value,
            html_template=_text("player.html"),
            js_on_load="\n".join(map(_text, SCRIPTS)),
            apply_default_css=False,
            **options,
        )


def player_value(folder: Path, summary: Mapping[str, Any]) -> str:
    """Return what a Player plays of the run in `folder`, starting at its balanced point.

    `summary` is the run's summary.json. The files have to be among those that gradio serves.
    """
    files = [point["file"] for point in summary["points"]]
    chosen = {name: files.index(file) for name, file in summary["chosen"].items()}
    settings = summary["settings"]
    value = {
        "points": [
            {
                "file": point["file"],
                "sound": url_of(folder / point["file"]),
                "image": url_of(image_of(folder / point["file"])),
                "designed": _rounded(point["designed"]),
                "replayed": _rounded(point["replayed"]),
            }
            for point in summary["points"]
        ],
        "original": url_of(folder / summary["original"]["file"]),
        "front": [_rounded(losses) for losses in summary["front"]],
        "seeds": [_rounded(losses) for losses in summary["seeds"]],
        "chosen": chosen,
        "at": chosen["balanced"],
        "duration_s": settings["duration_s"],
        "sample_rate": settings["sample_rate"],
        "wishes": settings["wishes"],
        "plot": [side / size for side, size in zip(PLOT, (WIDTH, HEIGHT) * 2, strict=True)],
    }
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _text(name):
    return (ASSETS / name).read_text(encoding="utf-8")


def _rounded(losses):
    return [round(loss, DIGITS) for loss in losses]
