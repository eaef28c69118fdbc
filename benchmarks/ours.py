"""What ours reaches and costs: speed of a candidate, hypervolume by stage, growth, total."""

import numpy as np
import torch

from benchmarks.bench import Bench, by_threads, tell
from benchmarks.published import ReadmeForm
from benchmarks.table import Row
from moss.blending.objectives import ExactLosses, LogMixingEstimator

EARLY_S = 10.0  # into the search, where the hypervolume is looked at as well


def candidates(bench: Bench) -> list[Row]:
    """a. Milliseconds per candidate, and how far the estimate is from exact."""
    tell("milliseconds per candidate")
    mixture, front = bench.prepared.mixture, bench.front
    estimator = LogMixingEstimator(mixture, bench.basis)
    exact = ExactLosses(mixture, bench.basis)
    published = ReadmeForm(mixture, bench.basis)
    grids = torch.from_numpy(front.masks).float() / 255
    middle, repeats = grids[len(grids) // 2], bench.scale.repeats
    rows = [
        _per_candidate("pytorch-msssim, the call alone", bench.msssim_ms, bench.msssim_ms),
        _per_candidate(
            "exact losses, mask to figures",
            by_threads(lambda: exact(middle), repeats),
            bench.msssim_ms,
        ),
        _per_candidate(
            "estimator, mask to figures",
            by_threads(lambda: estimator.losses(middle), 4 * repeats),
            bench.msssim_ms,
        ),
    ]
    estimated = np.array([estimator.losses(grid) for grid in grids])
    by_msssim = np.array([published.losses(grid) for grid in grids[:: max(1, len(grids) // 12)]])
    reported = front.losses[:: max(1, len(grids) // 12)]
    for what, error in (
        (f"estimator's error on {len(grids)} members", estimated - front.losses),
        (f"exact against pytorch-msssim on {len(reported)}", reported - by_msssim),
    ):
        error = np.abs(error)
        rows.append(
            Row(
                what,
                f"max {error[:, 0].max():.1e}",
                "",
                f"visual mean {error[:, 0].mean():.1e}; "
                f"audio max {error[:, 1].max():.1e}, mean {error[:, 1].mean():.1e}",
            )
        )
    return rows


def stages(bench: Bench) -> list[Row]:
    """b. Hypervolume as designed after each stage of ours."""
    default, scale = bench.default, bench.scale
    events, end = default["events"], default["events"][-1]
    seeding = [event for event in events if event[0] == "seeding"]
    evolution = [event for event in events if event[0] == "evolution"]
    audio_weights = seeding[0][2] // 2
    rows, before = [], 0.0
    for what, reached in (
        (
            f"cell by cell, {audio_weights} audio_weights",
            [e for e in seeding if e[1] <= audio_weights],
        ),
        (
            f"descent, {bench.settings.descent_steps} steps each",
            [e for e in seeding if audio_weights < e[1] < e[2]],
        ),
        ("neighbours interpolated", [e for e in seeding if e[1] == e[2]]),
        (f"NSGA-II, {_generations(evolution)} generations", evolution),
        (f"the front of {scale.members}, exact", [end]),
    ):
        if reached:
            hv, at = reached[-1][4], reached[-1][3]
            rows.append(Row(what, f"HV {hv:.4f}", f"{hv - before:+.4f}", f"at {at:.1f} s"))
            before = hv
    early = [event for event in events if event[3] <= EARLY_S][-1]
    rows.append(Row("10 s into the search", f"HV {early[4]:.4f}", "", f"at {early[3]:.1f} s"))

    without = bench.run(generations=0)["events"][-1]
    rows.append(
        Row(
            "without NSGA-II, exact",
            f"HV {without[4]:.4f}",
            f"{end[4] - without[4]:+.4f}",
            f"at {without[3]:.1f} s; the gain of NSGA-II for {end[3] - without[3]:.1f} s",
        )
    )
    published = bench.run(operators="published", generations=scale.operator_generations)
    for what, run in (("front operators", events), ("published operators", published["events"])):
        rows.append(_operators(what, run))
    return rows


def growth(bench: Bench) -> list[Row]:
    """e. Seconds and peak memory as the part and the grid grow."""
    runs = []
    for duration_s in bench.scale.durations:
        changes = {"duration_s": duration_s}
        same = duration_s == bench.settings.duration_s
        runs.append((None, bench.default if same else bench.run(files=True, **changes)))
    for height, width in bench.scale.grids:
        same = (height, width) == bench.settings.grid_shape
        changes = {"grid_height": height, "grid_width": width}
        run = bench.default if same else bench.run(files=True, **changes)
        runs.append((f"grid {height} x {width}", run))
    rows = []
    for what, run in runs:
        rows.append(
            Row(
                what or f"{run['duration_s']:.0f} s of sound",
                f"{run['total_s']:.1f} s",
                f"{run['total_s'] / bench.default['total_s']:.2f}",
                f"{run['all_peak_mb']:.0f} MB; " + _stages(run),
            )
        )
    return rows


def total(bench: Bench) -> list[Row]:
    """f. The default run, in units of one pytorch-msssim evaluation."""
    run, units = bench.default, bench.msssim_ms
    return [
        Row(
            "process from start to end",
            f"{run['process_s']:.1f} s",
            f"{1e3 * run['process_s'] / unit:.0f}",
            f"x pytorch-msssim on {threads} {'thread' if threads == 1 else 'threads'} "
            f"({unit:.0f} ms)",
        )
        for threads, unit in units.items()
    ]


def _per_candidate(what, found, unit):
    one, every = min(found), max(found)
    beside = f"on {every} threads; on one {found[one]:.2f} ms, x {unit[one] / found[one]:.1f}"
    return Row(what, f"{found[every]:.2f} ms", f"{unit[every] / found[every]:.1f}", beside)


def _generations(evolution):
    return max((event[1] for event in evolution), default=0)


def _operators(what, events):
    evolution = [event for event in events if event[0] == "evolution"]
    seeded = [event for event in events if event[0] == "seeding"][-1]
    done = _generations(evolution)
    if not done:
        return Row(what, "none", "", "no generation lasted until an event")
    last = evolution[-1]
    each, gain = (last[3] - seeded[3]) / done, last[4] - seeded[4]
    return Row(what, f"{each:.2f} s", f"{gain:+.4f}", f"a generation, over {done}; ratio: all")


def _stages(run):
    seconds = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in run["seconds"].items())
    peaks = ", ".join(f"{stage} {peak:.0f}" for stage, peak in run["peak_mb"].items())
    return f"{seconds}; MB by the end of {peaks}"
