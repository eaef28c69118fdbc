"""The player: a spectrogram and a slider from music to picture, over sounds that play in sync."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from moss.blending.prepared import Prepared
from moss.render.front_axes import PURE_MUSIC, PURE_PICTURE, loss_axes
from moss.render.spectrograms import HEIGHT, PLOT, WIDTH
from moss.settings.wishes import MAX_WISHES
from moss.signal.pareto import normalised
from moss.ui.components.cards.cards import NAMES
from moss.ui.components.script import script_of
from moss.ui.host.files import image_of, url_of

HERE = Path(__file__).parent
DIGITS = 4  # of losses, which are drawn and shown with fewer


class Player(gr.HTML):
    """Plays a run in the browser; its value is what `player_value` returns, or "".

    A run can be played while it is made. The values of one run share their `run`: one of them
    takes the place of the one before without a gap, and the position, the time and what is painted
    stay. Those before the last say `working`, and for each of the points its `state`, "draft",
    "refined" or "final"; figures may be missing from them, and files.

    While it is `busy`, a run is on the way and nothing can be steered.

    Events, which a handler takes as gr.EventData:

    - `steer`: `toward` is "music" or "picture", or `music` is its share of the weight, 0 to 1;
      `point` is where the slider is.
    - `wish`: `wishes` is all that is painted, as `moss.settings.wishes` spells it.
    """

    def __init__(self, value: str = "", **options: Any) -> None:
        # Properties of the template, which gradio passes on to the script.
        props: dict[str, Any] = {"busy": False, "names": NAMES, "max_wishes": MAX_WISHES}
        super().__init__(
            value,
            html_template=(HERE / "player.html").read_text(encoding="utf-8"),
            js_on_load=script_of(HERE / "player.js"),
            apply_default_css=False,
            **props | options,
        )


def player_value(folder: Path, summary: Mapping[str, Any], run: str | None = None) -> str:
    """Return what a Player plays of the run in `folder`, starting where `opening_point` says.

    Parameters
    ----------
    folder
        The folder of a finished run, whose files have to be among those that gradio serves.
    summary
        The run's summary.json.
    run
        What the values of the run had in common that were played while it was made, if any were.
    """
    files = [point["file"] for point in summary["points"]]
    settings = summary["settings"]
    points = [
        {
            "file": point["file"],
            "sound": url_of(folder / point["file"]),
            "image": url_of(image_of(folder / point["file"])),
            "designed": _rounded(point["designed"]),
            "replayed": _rounded(point["replayed"]),
            # A run of an earlier MOSS knows the published difference alone.
            "log": round(point.get("differences", {}).get("log", point["replayed"][1]), DIGITS),
        }
        for point in summary["points"]
    ]
    replayed = [point["replayed"] for point in summary["points"]]
    return _json_of(
        {
            "run": run,
            "points": points,
            "original": url_of(folder / summary["original"]["file"]),
            "front": [_rounded(losses) for losses in summary["front"]],
            "seeds": [_rounded(losses) for losses in summary["seeds"]],
            "chosen": {name: files.index(file) for name, file in summary["chosen"].items()},
            "new": summary.get("steered", {}).get("new", []),
            "at": opening_point(summary),
            "axes": _axes(np.array([*summary["front"], *summary["seeds"], *replayed])),
            "heard": settings.get("audio_loss") == "heard",
            "duration_s": settings["duration_s"],
            "sample_rate": settings["sample_rate"],  # of the spectrogram
            "sound_rate": summary.get("sample_rate", settings["sample_rate"]),
            "wishes": settings["wishes"],
            "plot": [side / size for side, size in zip(PLOT, (WIDTH, HEIGHT) * 2, strict=True)],
        }
    )


def working_value(
    prepared: Prepared,
    run: str,
    points: Sequence[Mapping[str, Any]],
    *,
    designed: np.ndarray | None,
    front: np.ndarray,
    seeds: np.ndarray,
    original: Path,
    at: int,
) -> str:
    """Return what a Player plays of a run that is being made.

    Parameters
    ----------
    prepared
        What the run works with.
    run
        What all values of the run have in common.
    points
        The "file", "sound", "image" and "state" of each. An image is the bare spectrogram.
    designed, front, seeds
        Losses (n, 2) of the points, None while they are not known, of the front so far, and of
        the seeds, if they are known.
    original
        The file of the music.
    at
        The point to begin at.
    """
    settings = prepared.settings
    losses = [None] * len(points) if designed is None else [_rounded(each) for each in designed]
    # The axes of a front reach 1 or so, which is that of the pure picture and the pure music.
    drawn = np.ones((1, 2)) if designed is None else designed
    return _json_of(
        {
            "run": run,
            "working": True,
            "points": [
                {**point, "designed": each, "replayed": None, "log": None}
                for point, each in zip(points, losses, strict=True)
            ],
            "original": url_of(original),
            "front": [_rounded(each) for each in front],
            "seeds": [_rounded(each) for each in seeds],
            "chosen": {},
            "new": [],
            "at": at,
            "axes": _axes(np.concatenate((drawn, front, seeds))),
            "heard": settings.audio_loss == "heard",
            "duration_s": settings.duration_s,
            "sample_rate": settings.sample_rate,
            "sound_rate": prepared.sound_rate,
            "wishes": settings.wishes,
            "plot": [0.0, 0.0, 1.0, 1.0],
        }
    )


def steering_value(value: str, front: np.ndarray) -> str:
    """Return the `value` of a finished run with the `front` (n, 2) of the search that goes on."""
    told = json.loads(value)
    known = [point["replayed"] for point in told["points"]]
    losses = [_rounded(each) for each in front]
    axes = _axes(np.array([*losses, *told["seeds"], *known]))
    return _json_of(told | {"working": True, "front": losses, "axes": axes})


def _json_of(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def opening_point(summary: Mapping[str, Any]) -> int:
    """Return the point that a run is first heard at: what was asked for, or the balanced one.

    A run that was steered to a weight opens at its best point by that weight, one steered toward
    a side in the middle of what is new.
    """
    points, steered = summary["points"], summary.get("steered", {})
    if steered.get("music") is not None:
        losses = normalised(np.array([point["replayed"] for point in points]))
        return int((losses @ (1 - steered["music"], steered["music"])).argmin())
    if new := steered.get("new"):
        return new[len(new) // 2]
    return next(
        k for k, point in enumerate(points) if point["file"] == summary["chosen"]["balanced"]
    )


def _axes(losses: np.ndarray) -> dict[str, Any]:
    """Return the axes and names that plot.js draws a front with these `losses` (n, 2) with."""
    visual, audio = loss_axes(losses)
    names = {"music": PURE_MUSIC, "picture": PURE_PICTURE}
    return {"visual": asdict(visual), "audio": asdict(audio), "names": names}


def _rounded(losses: Sequence[float]) -> list[float]:
    return [round(loss, DIGITS) for loss in losses]
