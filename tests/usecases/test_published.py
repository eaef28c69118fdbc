"""Runs of the published methods, end to end: folders as all runs have, read from the files."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.mask import MaskBasis, grid_from_uint8
from moss.blending.prepare import prepare
from moss.errors import InputError
from moss.media import read_audio
from moss.phase.griffin_lim import with_magnitude
from moss.progress import BLEND_STAGES
from moss.results.run import Run
from moss.settings.presets import blend_settings
from moss.signal.loudness import PUBLISHED_PEAK
from moss.usecases.blend import blend
from moss.usecases.estimate import PUBLISHED_S, seconds_of
from moss.usecases.render_point import render_point
from moss.usecases.steer import Aim, steer
from tests.small import NOTEBOOK, PAD, PICTURE, README

PUBLISHED = {"notebook": replace(NOTEBOOK, mono=True, bit_depth=24), "readme": README}


@pytest.fixture(scope="module", params=PUBLISHED)
def settings(request):
    return PUBLISHED[request.param]


@pytest.fixture(scope="module")
def prepared(settings):
    return prepare(PICTURE, PAD, settings)


@pytest.fixture(scope="module")
def run(once, settings):
    """A finished run, with all its pictures; nobody writes into its folder."""
    name = f"published-{settings.method}"
    folder = once(name, lambda folder: blend(PICTURE, PAD, folder, settings).result())
    return Run(folder, json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def test_the_folder_is_one_as_all_runs_leave(run, first_run):
    def names(each):
        files = {str(path.relative_to(each.folder)) for path in each.folder.rglob("*")}
        return {name for name in files if not name.startswith("front/")}

    assert names(run) == names(first_run)
    assert set(run.summary) == set(first_run.summary)
    assert len(run.summary["points"]) >= 3


def test_every_file_has_the_published_peak(run):
    files = [run.folder / point["file"] for point in run.summary["points"]]
    for path in [*files, run.folder / "best_visual.wav"]:
        waveform, _ = read_audio(path)
        # The rounding to 16 bits, shaped, moves a sample by several steps.
        assert waveform.abs().max().item() == pytest.approx(PUBLISHED_PEAK, abs=1e-3)


def test_figures_are_measured_in_the_files(run, prepared):
    for point in run.summary["points"]:
        waveform, _ = read_audio(run.folder / point["file"])
        mid = waveform.mean(dim=0) / 10 ** (point["gain_db"] / 20)
        assert prepared.views[0].losses(mid) == pytest.approx(point["replayed"], abs=1e-6)


def test_a_sound_is_the_mixed_magnitude_with_the_phase_of_the_track(run, prepared, settings):
    point = run.summary["points"][-1]
    mask = np.load(run.folder / "results.npy")["mask"][point["index"]]
    basis = MaskBasis(tuple(prepared.mixture.picture.shape), mask.shape, settings.smoothing_sigma)
    magnitude = prepared.mixture.log_magnitude(basis.mask(grid_from_uint8(mask))).exp()
    expected = with_magnitude(prepared.stft, magnitude, prepared.waveform.mean(dim=0))
    waveform, _ = read_audio(run.folder / point["file"])
    mid = waveform.mean(dim=0) / 10 ** (point["gain_db"] / 20)
    error = (mid - expected).abs().max() / expected.abs().max()
    assert error < 2e-3  # of rounding, which is shaped where there are 16 bits


def test_one_more_point_has_the_published_peak(run, tmp_path):
    heard = [point["index"] for point in run.summary["points"]]
    other = next((k for k in range(len(run.summary["front"])) if k not in heard), heard[1])
    *_, point = render_point(run.folder, other, tmp_path / "other")
    waveform, _ = read_audio(point.sound)
    assert waveform.abs().max().item() == pytest.approx(PUBLISHED_PEAK, abs=1e-3)


def test_it_cannot_be_steered_and_says_so(run, tmp_path):
    with pytest.raises(InputError, match=r"published method .* another preset"):
        steer(run.folder, tmp_path / "on", Aim("picture", 1)).result()
    assert list(tmp_path.iterdir()) == []


def test_the_same_settings_make_the_same_files(run, settings, tmp_path):
    again = blend(PICTURE, PAD, tmp_path / "again", settings, draw=False).result()
    for point in run.summary["points"]:
        before, after = (read_audio(each.folder / point["file"])[0] for each in (run, again))
        assert torch.equal(before, after)


def test_a_stop_in_the_seeding_leaves_a_whole_run(settings, tmp_path):
    run = blend(PICTURE, PAD, tmp_path / "run", settings, draw=False, stop=lambda: True).result()
    assert len(run.summary["points"]) >= 1
    assert run.summary["settings"]["method"] == settings.method


@pytest.mark.parametrize("preset", PUBLISHED_S)
def test_the_time_is_estimated_from_what_the_presets_took(preset):
    seconds = seconds_of(blend_settings(preset))
    assert tuple(seconds) == BLEND_STAGES
    assert tuple(seconds.values())[:3] == pytest.approx(PUBLISHED_S[preset])
    half = seconds_of(blend_settings(preset, duration_s=15.0, generations=100))
    assert half["evolution"] == pytest.approx(seconds["evolution"])
    assert half["front"] == pytest.approx(seconds["front"] / 2)
    refined = seconds_of(blend_settings(preset, phase="refined"))
    assert refined["sounds"] > 2 * seconds["sounds"]
