"""How long a person waits: `python -m benchmarks.speed [--pair wave] [--lengths 10 30 120 300]`.

Every row is one blend in a process of its own, whose drafts are asked for as the page does, with
all files. Its times count from the call, without the start of Python. Beside the seconds stands
how many evaluations of pytorch-msssim they are, at the full size of the default spectrogram, on one
thread, measured in the same run of this script. Of lengths, the ratio is seconds and peak memory
for each second of sound to those of the length before: 1 is linear.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.bench import PAIRS, ROOT, Bench, Scale, tell
from benchmarks.one_run import peak_mb
from benchmarks.table import Row, aligned
from moss.blending.task import DraftsProgress
from moss.media import read_audio, write_audio
from moss.progress import RenderProgress
from moss.results.run import Run
from moss.settings.presets import blend_settings
from moss.usecases.blend import blend

MOMENTS = ("first event", "first draft", "all drafts", "all sounds", "all files")
STAGES = ("reading", "seeding", "evolution", "front", "sounds", "files")
LENGTHS_S = (10.0, 30.0, 120.0, 300.0)
SCALE = Scale({}, (), (), 5, 0, 0, 0, 0, 0)


def one_blend(picture: str, audio: str, preset: str, duration_s: float, cores: int) -> None:
    """Blend, and print as JSON when what was there, in seconds, and how much memory it took."""
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    settings = blend_settings(preset, duration_s=duration_s)
    moments: dict[str, float] = {}
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        for item in blend(picture, audio, Path(folder, "run"), settings, drafts=True):
            now_s = time.perf_counter() - started
            moments.setdefault("first event", now_s)
            if isinstance(item, DraftsProgress) and item.sounds:
                moments.setdefault("first draft", now_s)
                moments["all drafts"] = now_s
            elif isinstance(item, RenderProgress) and item.stage == "sounds":
                if item.step < item.steps:  # The morph, which comes last, is a sound of the film.
                    moments["all sounds"] = now_s
            elif isinstance(item, Run):
                moments["all files"] = now_s
                seconds = item.summary["seconds"]
    print(json.dumps({"moments": moments, "seconds": seconds, "peak_mb": peak_mb()}))


def measured(bench: Bench, preset: str, duration_s: float, cores: int = 0, audio: str = "") -> dict:
    """Return what `one_blend` prints, in a process of its own."""
    tell(f"{preset}, {duration_s:g} s{f', on {cores} of the cores' if cores else ''}")
    asked = [str(bench.picture), audio or str(bench.audio), preset, str(duration_s), str(cores)]
    command = [sys.executable, "-m", "benchmarks.speed", "--one", *asked]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def waits(found: dict, unit_s: float) -> list[Row]:
    """Return the moments of one blend, and its peak memory."""
    moments = found["moments"]
    rows = [
        Row(name, f"{moments[name]:.1f} s", f"{moments[name] / unit_s:.0f}")
        for name in MOMENTS
        if name in moments
    ]
    return [*rows, Row("peak memory", f"{found['peak_mb']:.0f} MB")]


def growth(bench: Bench, lengths_s: list[float], folder: Path) -> list[Row]:
    """Return how the stages and the memory grow with the length of the sound."""
    track, rate = read_audio(bench.audio)
    samples = round(max(lengths_s) * rate)
    times = -(-samples // track.shape[1])
    path = folder / "long.wav"
    write_audio(path, np.tile(track.numpy(), times)[:, :samples], rate, 16)
    rows, before = [], None
    for length_s in lengths_s:
        found = measured(bench, "high-res", length_s, audio=str(path))
        each = {name: found["seconds"][name] for name in STAGES}
        each |= {"all files": found["moments"]["all files"]}
        for name, took_s in each.items():
            ratio = f"{took_s / length_s / (before[1][name] / before[0]):.2f}" if before else ""
            rows.append(Row(f"{length_s:g} s: {name}", f"{took_s:.1f} s", ratio))
        rows.append(Row(f"{length_s:g} s: peak memory", f"{found['peak_mb']:.0f} MB"))
        before = length_s, each
    return rows


def main(argv: list[str] | None = None) -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pair", choices=tuple(PAIRS), default="monalisa")
    parser.add_argument("--lengths", type=float, nargs="*", default=LENGTHS_S, metavar="SECONDS")
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.one:
        picture, audio, preset, duration_s, cores = args.one
        one_blend(picture, audio, preset, float(duration_s), int(cores))
        return
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args.pair, SCALE, Path(folder))
        sections = []
        unit_s = bench.msssim_ms[1] / 1000
        for preset, duration_s in (("quick", 10.0), ("high-res", 30.0)):
            for cores in (0, 1):
                found = measured(bench, preset, duration_s, cores)
                title = f"{preset}, {'one core' if cores else 'all cores'}"
                sections.append((title, waits(found, unit_s)))
        if args.lengths:
            sections.append(("growth", growth(bench, sorted(args.lengths), Path(folder))))
    heading = Row("what", "figure", "ratio", "to one pytorch-msssim, or to the length before")
    print(aligned(heading, sections))


if __name__ == "__main__":
    main()
