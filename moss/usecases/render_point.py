"""One more point of a finished run becomes a sound: any mask of its front, not only the chosen."""

import json
import os
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from moss.blending.prepare import prepare
from moss.blending.prepared import Prepared
from moss.blending.task import Heard, OnePoint, Points, SoundsProgress
from moss.errors import InputError
from moss.progress import RenderProgress, SearchProgress, as_work
from moss.results import names
from moss.results.finished import front_and_heard
from moss.results.folder import new_folder
from moss.results.recorded import read_recorded
from moss.results.write_sound import draw_sound, write_sound
from moss.settings.presets import blend_settings
from moss.signal.loudness import integrated_loudness, level_of, matched_gains, peak_gain
from moss.signal.noise_shaping import quantise
from moss.usecases.blend import check_apart
from moss.usecases.compute import Compute, front_and_sounds, raise_failures


@dataclass(frozen=True)
class Point:
    """A point of a front as files.

    Attributes
    ----------
    sound, picture : the sound's file and its spectrogram as PNG.
    figures : its `file`, its `index` on the front, what it was designed to be and what its file
        replays.
    """

    sound: Path
    picture: Path
    figures: dict[str, Any]


@as_work
def render_point(
    folder: str | os.PathLike,
    index: int,
    output: str | os.PathLike,
    *,
    device: str = "cpu",
    compute: Compute = front_and_sounds,
) -> Generator[Prepared | SearchProgress | RenderProgress | Point, None, Point]:
    """Make the sound of point `index` of the front of the run in `folder`, as loud as the others.

    `index` counts along "front" in its summary.json, from the music to the picture. The folder
    `output` gets sound.wav or sound.flac, spectrogram.png and point.json; one that has them is what
    comes out, as it is. Yields what was prepared, the progress, and the Point at last.

    Raises
    ------
    InputError
        `folder` holds no whole run, its inputs are gone or changed, or it has no such point.
    OutputError
        `output` cannot be written.
    """
    recorded, output = read_recorded(folder), Path(output)
    if not (output / names.POINT).exists():
        inputs = {kind: recorded.input(kind, "put it back") for kind in recorded.inputs}
        check_apart(output, *inputs.values(), recorded.folder / names.SUMMARY)
        with new_folder(output) as new:
            prepared = prepare(
                inputs["picture"],
                inputs["audio"],
                blend_settings(**recorded.settings),
                device,
                inputs.get("second_picture"),
            )
            front, heard = front_and_heard(recorded, prepared)
            if not 0 <= index < len(front.masks):
                raise InputError(
                    f"There is no point {index}; the front has points 0 to {len(front.masks) - 1}."
                )
            yield prepared
            task = OnePoint(front, index, heard)
            points: Points | None = None
            sounds: dict[int, np.ndarray] = {}
            with closing(raise_failures(compute(prepared, task))) as events:
                for event in events:
                    if isinstance(event, SoundsProgress):
                        points = event.points
                    if isinstance(event, RenderProgress):
                        sounds |= event.sounds
                    yield event
            assert points is not None, "the sounds begin with their points"
            _write(prepared, points, heard, sounds, index, new)
    point = _point_in(output)
    yield point
    return point


def _write(
    prepared: Prepared,
    points: Points,
    heard: list[Heard],
    sounds: dict[int, np.ndarray],
    index: int,
    folder: Path,
) -> None:
    (k,) = points.new
    settings, rate = prepared.settings, prepared.sound_rate
    if k in points.heard:
        before = heard[points.heard[k]]
        samples, gain = before.samples, before.gain
    else:
        made = prepared.at_sound_rate(torch.from_numpy(sounds[k]))
        if settings.is_published:
            gain = peak_gain(made)
        else:
            # As loud as those that are heard beside it; a high peak lowers this one alone.
            wanted_lufs = integrated_loudness(torch.from_numpy(heard[0].samples), rate)
            (gain,) = matched_gains([level_of(made, rate)], wanted_lufs)
        samples = quantise((gain * made).numpy(), settings.bit_depth)
    file = names.point_sound(settings.file_format)
    sound = write_sound(folder / file, samples, gain, prepared)
    title = f"Point {index} of the front's {len(points.front.undominated().masks)}"
    draw_sound(folder / names.SPECTROGRAM, sound, prepared, title)
    designed = points.front.losses[points.indices[k]].tolist()
    figures = {"file": file, "index": index, "designed": designed, **sound.figures}
    text = json.dumps(figures, indent=2, allow_nan=False)
    (folder / names.POINT).write_text(text + "\n", encoding="utf-8")


def _point_in(folder: Path) -> Point:
    figures = json.loads((folder / names.POINT).read_text(encoding="utf-8"))
    return Point(folder / figures["file"], folder / names.SPECTROGRAM, figures)
