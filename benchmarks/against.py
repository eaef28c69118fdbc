"""Ours against the published recipe: as designed, and as the written files replay."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from benchmarks.bench import Bench, tell
from benchmarks.published import GENERATIONS, STEPS, NotebookForm, Outcome, ReadmeForm
from benchmarks.table import Row
from moss.blending.front import Front
from moss.blending.mask import grid_from_uint8
from moss.blending.objectives import ExactLosses, LogMixingEstimator
from moss.blending.prepare import prepare
from moss.blending.prepared import Prepared
from moss.blending.task import FreshSearch, points_of
from moss.phase.griffin_lim import with_magnitude
from moss.settings.presets import blend_settings
from moss.signal.pareto import hypervolume
from moss.usecases.compute import make_sounds


def recipe(bench: Bench) -> list[Row]:
    """c. The published recipe, hypervolume as designed by our exact losses."""
    ours, seconds = hypervolume(bench.front.losses), bench.search_s
    scale, mixture = bench.scale, bench.prepared.mixture
    rows = [Row("ours, default", f"HV {ours:.4f}", "1.00", f"search {seconds:.1f} s")]
    form = notebook_form(bench)
    for budget, outcome in (
        (f"{seconds:.0f} s", _told("notebook, equal time", form.run, seconds=seconds)),
        (_budget(scale.notebook_steps / STEPS), notebook_outcome(bench)),
    ):
        hv = bench.hypervolume(outcome.front.masks)
        shown = form_losses(form, outcome.front)
        rows.append(
            Row(
                f"notebook form, {budget}",
                f"HV {hv:.4f}",
                f"{hv / ours:.2f}",
                f"{outcome.seconds:.0f} s, {outcome.steps} steps, {outcome.evaluations} "
                f"evaluations; in its own spectrogram {hypervolume(shown):.4f}",
            )
        )
    readme = ReadmeForm(mixture, bench.basis)
    helped = ReadmeForm(mixture, bench.basis, LogMixingEstimator(mixture, bench.basis).losses)
    own = {"generations": scale.readme_generations, "members": scale.members}
    for what, budget, run, limits in (
        ("README form", f"{seconds:.0f} s", readme.run, {"seconds": seconds}),
        ("README form", _budget(scale.readme_generations / GENERATIONS), readme.run, own),
        ("README form + our estimator", f"{seconds:.0f} s", helped.run, {"seconds": seconds}),
    ):
        outcome = _told(f"{what}, {budget}", run, **limits)
        hv = bench.hypervolume(outcome.front.masks)
        rows.append(
            Row(
                f"{what}, {budget}",
                f"HV {hv:.4f}",
                f"{hv / ours:.2f}",
                f"{outcome.seconds:.0f} s, {outcome.evaluations} evaluations",
            )
        )
    return rows


def replay(bench: Bench) -> list[Row]:
    """d. What the written files replay."""
    tell("replayed hypervolume")
    front, prepared = bench.front, bench.prepared
    folder = Path(bench.default["output"])
    points = json.loads((folder / "summary.json").read_text())["points"]
    refined = (
        [folder / point["file"] for point in points],
        [10 ** (point["gain_db"] / 20) for point in points],
    )

    target = replace(prepared, settings=replace(prepared.settings, phase="target"))
    form = notebook_form(bench)
    mid, stft = prepared.waveform.mean(dim=0), prepared.views[0].stft
    levels = torch.linspace(0, 1, bench.scale.ramp_points).tolist()
    ramp = [
        with_magnitude(
            stft,
            prepared.mixture.log_magnitude(torch.full_like(prepared.mixture.picture, level)).exp(),
            mid,
        )
        for level in levels
    ]
    rate, best = bench.settings.sample_rate, None
    rows = []
    for what, files in (
        ("ours, refined", refined),
        ('ours, phase="target"', bench.written("target", mids_of(target, front), rate)),
        ("published: ramp, target phase", bench.written("ramp", ramp, rate)),
        (
            "published: notebook form's front",
            bench.written(
                "notebook",
                mids_of(form.prepared, notebook_outcome(bench).front),
                form.prepared.settings.sample_rate,
            ),
        ),
    ):
        hv, visual, peak = bench.replayed(*files)
        best = best or hv
        rows.append(
            Row(
                what,
                f"HV {hv:.4f}",
                f"{hv / best:.2f}",
                f"{len(files[0])} files, purest picture {visual:.4f}, greatest peak {peak:.3f}",
            )
        )
    return rows


@cache
def notebook_form(bench: Bench) -> NotebookForm:
    """Return the published notebook's problem for the benchmark's pair."""
    own = {
        "start_s": bench.settings.start_s,
        "duration_s": bench.settings.duration_s,
        "representatives": bench.scale.ramp_points,
    }
    return NotebookForm(prepare(bench.picture, bench.audio, blend_settings("notebook", **own)))


@cache
def notebook_outcome(bench: Bench) -> Outcome:
    """Return what the notebook form finds with its own budget."""
    scale = bench.scale
    return _told(
        "notebook form, its own budget",
        notebook_form(bench).run,
        steps=scale.notebook_steps,
        generations=scale.notebook_generations,
        members=scale.members,
    )


def form_losses(form: NotebookForm, front: Front) -> np.ndarray:
    """Return our exact losses (n, 2) of the notebook form's front in its own spectrogram."""
    exact = ExactLosses(form.prepared.mixture, form.basis)
    return np.array([exact(grid_from_uint8(mask)) for mask in front.masks])


def mids_of(prepared: Prepared, front: Front) -> list[torch.Tensor]:
    """Return the mid channels (samples,) of the sounds of a front's representatives."""
    sounds = {}
    points = points_of(front, FreshSearch(), prepared.settings.representatives)
    for progress in make_sounds(prepared, points):
        sounds |= progress.sounds
    return [torch.from_numpy(sounds[k]).mean(dim=0) for k in range(len(sounds) - 1)]


def _told(what, run, **limits):
    tell(what)
    return run(**limits)


def _budget(share):
    return "its own budget" if share == 1 else f"{share:.2g} of its budget"
