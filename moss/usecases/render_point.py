"""One more point of a finished run becomes a sound: any mask of its front, not only the chosen."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from moss.blending.prepared import Prepared, prepare
from moss.blending.search import WarmStart
from moss.blending.task import Task, points_of
from moss.errors import InputError
from moss.results.finished import front_and_heard
from moss.results.folder import new_folder
from moss.results.recorded import read_recorded
from moss.results.write_sound import draw_sound, write_sound
from moss.settings.blend import blend_settings
from moss.signal.loudness import integrated_loudness, level_of, matched_gains
from moss.signal.noise_shaping import quantise
from moss.usecases.blend import Compute, Event, check_apart, checked, front_and_sounds


@dataclass(frozen=True)
class Point:
    """A point of a front as files.

    sound, picture : the WAV file and its spectrogram as PNG.
    figures : its `index` on the front, what it was designed to be and what its file replays.
    """

    sound: Path
    picture: Path
    figures: dict[str, Any]


def render_point(
    folder: str | os.PathLike,
    index: int,
    output: str | os.PathLike,
    *,
    device: str = "cpu",
    compute: Compute = front_and_sounds,
) -> Iterator[Prepared | Event | Point]:
    """Make the sound of point `index` of the front of the run in `folder`, as loud as the others.

    `index` counts along "front" in its summary.json, from the music to the picture. The folder
    `output` gets sound.wav, spectrogram.png and point.json; one that has them is what comes out,
    as it is. Yields what was prepared, the progress, and the Point at last.

    Raises InputError where `folder` holds no whole run, its inputs are gone or changed, or it has
    no such point, OutputError where `output` cannot be written.
    """
    recorded, output = read_recorded(folder), Path(output)
    if (output / "point.json").exists():
        yield _point_in(output)
        return
    inputs = [recorded.input(kind, "put it back") for kind in ("picture", "audio")]
    check_apart(output, *inputs, recorded.folder / "summary.json")
    with new_folder(output) as new:
        prepared = prepare(*inputs, blend_settings(**recorded.settings), device)
        front, heard = front_and_heard(recorded, prepared)
        if not 0 <= index < len(front.masks):
            raise InputError(
                f"There is no point {index}; the front has points 0 to {len(front.masks) - 1}."
            )
        yield prepared
        task = Task(WarmStart(front), tuple(heard), only=index)
        sounds = {}
        with closing(checked(compute(prepared, task))) as events:
            for event in events:
                sounds |= event.sounds
                yield event
        points = points_of(front, task, prepared.settings.representatives)
        _write(prepared, points, sounds, index, new)
    yield _point_in(output)


def _write(prepared, points, sounds, index, folder):
    (k,) = points.new
    settings = prepared.settings
    if before := points.heard.get(k):
        samples, gain = before.samples, before.gain
    else:
        # As loud as those that are heard beside it; a high peak lowers this one alone.
        wanted_lufs = integrated_loudness(
            torch.from_numpy(next(iter(points.heard.values())).samples), settings.sample_rate
        )
        level = level_of(torch.from_numpy(sounds[k]), settings.sample_rate)
        (gain,) = matched_gains([level], wanted_lufs)
        samples = quantise(gain * sounds[k], settings.bit_depth)
    figures, log_magnitude = write_sound(folder / "sound.wav", samples, gain, prepared)
    title = f"Point {index} of the front's {len(points.front.undominated().masks)}"
    draw_sound(folder / "spectrogram.png", log_magnitude, prepared, title)
    designed = points.front.losses[points.indices[k]].tolist()
    text = json.dumps({"index": index, "designed": designed, **figures}, indent=2, allow_nan=False)
    (folder / "point.json").write_text(text + "\n", encoding="utf-8")


def _point_in(folder):
    figures = json.loads((folder / "point.json").read_text(encoding="utf-8"))
    return Point(folder / "sound.wav", folder / "spectrogram.png", figures)
