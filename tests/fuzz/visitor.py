"""A process of its own that does with a picture and a track what the page does with a visitor's.

`python -m tests.fuzz.visitor` first says where it takes uploads: {"uploads"}. Then it reads a line
of JSON for each case and answers each with one: {"picture", "track", "mutated", "start_s",
"to_end"} with {"verdict", "told", "peak_mb"}. With --undrawn no films are drawn.
"""

import json
import os
import re
import resource
import sys
import threading
import time
import traceback
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from moss.blending.prepared import Prepared
from moss.errors import InputError, MossError
from moss.media import load_overview, load_picture, load_video
from moss.results import draw_run
from moss.settings.presets import blend_settings
from moss.ui.components.part.part import part_value
from moss.ui.host.files import resolve_upload, temp_root
from moss.ui.host.orders import order_blend
from moss.ui.host.result import Result
from moss.ui.host.room import Room
from moss.ui.host.run import Host
from moss.usecases.compute import front_and_sounds
from moss.usecases.sonify import VIDEOS
from tests.fuzz.sentences import wrong_in

SETTINGS = blend_settings(
    duration_s=0.5,
    sample_rate=4000,
    n_fft=64,
    hop_length=32,
    grid_height=4,
    grid_width=8,
    audio_weights=3,
    descent_steps=1,
    population_size=4,
    generations=1,
    representatives=3,
    effort=0.1,
)
ROWS, COLUMNS_PER_S = 33, 86.0  # of films
HOST = Host(front_and_sounds, "cpu", None, Room(temp_root()))
REQUEST = SimpleNamespace(client=None)  # by somebody whose address is not known


def verdict_of(
    picture: Path, track: Path, mutated: Path, *, start_s: float, to_end: bool
) -> tuple[str, str]:
    """Return "result", "sentence" or "failure", and what is told, of one picture and one track.

    Both first go through what their wells do, and `mutated` is the one that sentences name. The
    part of the track begins at `start_s`. Unless `to_end`, the run is closed once it has begun.
    """
    try:
        _look(picture, mutated.name)
        _listen(track, mutated.name)
        if track.suffix in VIDEOS:
            _watch(track, mutated.name)
        _blend(picture, track, start_s, to_end)
    except MossError as error:
        wrong = wrong_in(str(error), mutated.name)
        return ("failure", f"{wrong}: {error}") if wrong else ("sentence", str(error))
    except Exception as error:  # whatever else comes out is what is looked for
        at = traceback.extract_tb(error.__traceback__)[-1]
        return "failure", f"{type(error).__name__}: {error} ({at.filename}, line {at.lineno})"
    return "result", ""


def _look(picture, name):
    try:
        load_picture(resolve_upload(str(picture), "picture"))
    except InputError as error:
        _must_be_good(error, name)


def _listen(track, name):
    try:
        value = part_value(load_overview(resolve_upload(str(track), "track")), 0, 0.5)
    except InputError as error:
        _must_be_good(error, name)
    else:
        json.loads(value, parse_constant=_refused)


def _watch(film, name):
    try:
        video = load_video(film, rows=ROWS, columns_per_s=COLUMNS_PER_S, max_duration_s=600.0)
    except InputError as error:
        _must_be_good(error, name)
    else:
        if video.luma.shape != (ROWS, 1 + int(video.duration_s * COLUMNS_PER_S)):
            raise ValueError("the film has other columns than its length")


def _must_be_good(error, name):
    """Go on after a good sentence: the button can be pressed all the same."""
    if wrong_in(str(error), name):
        raise error


def _refused(constant):
    raise ValueError(f"{constant} is no JSON")


def _blend(picture, track, start_s, to_end):
    threads = set(threading.enumerate())
    order = order_blend(HOST, str(picture), str(track), replace(SETTINGS, start_s=start_s))
    result = None
    try:
        with closing(HOST.run(REQUEST, order)) as items:
            for item in items:
                if isinstance(item, Prepared) and not to_end:
                    return
                if isinstance(item, Result):
                    result = item
    finally:
        # The work is told to end, in threads that nobody waits for.
        while set(threading.enumerate()) - threads:
            time.sleep(0.005)
    result.remove()
    points = result.summary["points"]
    figures = [list(result.summary["hypervolume"].values())]
    figures += [point[kind] for point in points for kind in ("designed", "replayed")]
    if not points or not all(np.isfinite(pair).all() for pair in figures):
        raise ValueError("the summary has figures that are not finite")


def _peak_mb(before_kb):
    """Megabytes that this process or one it has started needed on top of what it had."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (max(_memory_kb("VmHWM"), children) - before_kb) / 1000


def _memory_kb(what):
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(rf"^{what}:\s+(\d+) kB", status, flags=re.MULTILINE).group(1))


def main() -> None:
    """Answer on standard output, which nothing else can write to, until the input ends."""
    torch.set_num_threads(1)
    if "--undrawn" in sys.argv:
        for name in ("save_evolution_gif", "save_front_plot", "save_morph_film", "save_morph_gif"):
            setattr(draw_run, name, lambda *_, **__: None)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({"uploads": str(temp_root())}), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        picture, track, mutated = (Path(asked[key]) for key in ("picture", "track", "mutated"))
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        before = _memory_kb("VmRSS")
        verdict, told = verdict_of(
            picture, track, mutated, start_s=asked["start_s"], to_end=asked["to_end"]
        )
        answer = {"verdict": verdict, "told": told, "peak_mb": _peak_mb(before)}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
