import sys
from itertools import islice

import numpy as np
import pytest
import torch

from benchmarks import heard, phases, sharing
from benchmarks.against import form_losses, mids_of
from benchmarks.published import NotebookForm, ReadmeForm
from benchmarks.table import Row, aligned
from moss.blending.mask import MaskBasis
from moss.blending.mixing import mixture_of
from moss.blending.objectives import ExactLosses
from moss.settings.sonify import SonifySettings
from moss.signal.pareto import non_dominated
from moss.usecases.sonify import Source, sonify
from tests.small import NOTEBOOK, PICTURE, small_pair

GRID = (6, 8)
TINY = {"generations": 2, "members": 12}


@pytest.fixture(scope="module")
def picture():
    rows, columns = np.mgrid[0:40, 0:50]
    return (0.5 + 0.5 * np.sin(rows / 5) * np.cos(columns / 7)).astype(np.float32)


@pytest.fixture(scope="module")
def notebook():
    return NotebookForm(small_pair(NOTEBOOK))


@pytest.fixture(scope="module")
def problem(picture):
    generator = torch.Generator().manual_seed(1)
    audio = 3 * torch.randn(*picture.shape, generator=generator)
    mixture = mixture_of(audio, torch.from_numpy(picture), slice(0, len(picture)))
    return mixture, MaskBasis(picture.shape, GRID, sigma=3.0)


def assert_a_front_with_both_anchors(front):
    assert non_dominated(front.losses).all()
    assert (front.masks[0] == 0).all()
    assert (front.masks[-1] == 255).all()


def test_notebook_form_ends_with_a_front_between_both_anchors(notebook):
    outcome = notebook.run(steps=3, **TINY)
    assert_a_front_with_both_anchors(outcome.front)
    assert outcome.steps == 3
    assert outcome.evaluations == TINY["members"] * (1 + TINY["generations"])


def test_readme_form_ends_with_a_front_between_both_anchors(problem):
    outcome = ReadmeForm(*problem).run(**TINY)
    assert_a_front_with_both_anchors(outcome.front)
    assert outcome.evaluations == TINY["members"] * (1 + TINY["generations"])


def test_a_form_out_of_time_keeps_both_anchors(notebook, problem):
    for outcome in (notebook.run(seconds=0.0, seed=3), ReadmeForm(*problem).run(seconds=0.0)):
        assert_a_front_with_both_anchors(outcome.front)


def test_the_same_seed_finds_the_same_front(notebook, problem):
    for run in (lambda: notebook.run(steps=2, **TINY), lambda: ReadmeForm(*problem).run(**TINY)):
        first, second = run(), run()
        np.testing.assert_array_equal(first.front.masks, second.front.masks)
        np.testing.assert_array_equal(first.front.losses, second.front.losses)


def test_the_notebook_front_replays_as_sounds_in_its_own_spectrogram(notebook):
    front = notebook.run(steps=2, **TINY).front
    shown = form_losses(notebook, front)
    assert shown[0, 1] == pytest.approx(0, abs=1e-6)  # the track
    mids = mids_of(notebook.prepared, front)
    view = notebook.prepared.views[0]
    # Mid and side are added up to channels and taken apart again in float32.
    torch.testing.assert_close(mids[0], notebook.prepared.waveform.mean(dim=0), atol=1e-6, rtol=0)
    assert view.losses(mids[-1])[0] < view.losses(mids[0])[0]


def test_readme_losses_are_the_exact_losses(problem):
    grid = torch.rand(GRID, generator=torch.Generator().manual_seed(4))
    # Both are float32 means over the same windows.
    assert ReadmeForm(*problem).losses(grid) == pytest.approx(ExactLosses(*problem)(grid), abs=1e-5)


@pytest.mark.parametrize("phase", ["refined", "pghi", "griffin-lim"])
def test_phases_are_judged_as_the_engine_judges_its_sound(tmp_path, phase):
    settings = SonifySettings(
        duration_s=1.0, sample_rate=8000, n_fft=512, hop_length=128, phase=phase, effort=0.25
    )
    *_, run = sonify([Source("picture", PICTURE)], tmp_path / "out", settings, draw=False)
    design = phases.design_of(PICTURE, settings)
    viewer = phases.view_of(design)
    row = phases.measured(phase, lambda: phases.by_engine(design), design, viewer)
    assert float(row.figure) == pytest.approx(run.summary["visual_loss"], abs=1e-4)
    assert row.ratio == row.figure  # the viewer is its own


def test_phases_begun_by_pghi_are_its_own_until_they_are_refined():
    settings = SonifySettings(
        duration_s=1.0, sample_rate=8000, n_fft=512, hop_length=128, phase="pghi"
    )
    design = phases.design_of(PICTURE, settings)
    view = phases.view_of(design)
    begun = phases.from_pghi(design, 0, 0)
    engine = phases.by_engine(design)
    # The engine fades the first and the last 80 samples.
    torch.testing.assert_close(begun[80:-80], engine[80:-80])
    assert view.losses(phases.from_pghi(design, 20, 20))[0] < 0.7 * view.losses(begun)[0]


def test_what_codecs_leave_is_what_a_run_with_files_to_share_measures(tmp_path, first_run):
    whole, best = islice(sharing.rows_of(first_run, tmp_path), 2)
    assert (whole[0], best[0]) == ("the file", "MP3 320")
    chosen = first_run.summary["chosen"]
    files = [*(chosen[name] for name in sharing.PICKS), first_run.points[-1]["file"]]
    replayed = {point["file"]: point["replayed"][0] for point in first_run.points}
    for row, coded, file in zip(whole[1], best[1], files, strict=True):
        assert row.what == coded.what
        assert float(row.figure) == pytest.approx(replayed[file], abs=1e-3)
        lost = float(coded.figure) - float(row.figure)
        assert float(coded.ratio) == pytest.approx(lost, abs=2e-3) and abs(lost) < 0.1


def test_what_is_heard_of_a_change_is_in_its_columns():
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, 48_000))
    other = 0.1 * np.random.default_rng(2).standard_normal((2, 48_000))
    assert heard.distortion_db(noise, 0.5 * noise) > 100  # at any gain
    # Of two channels' means, as loud as each other.
    assert heard.distortion_db(noise, noise + 0.1 * other) == pytest.approx(20, abs=0.3)
    assert heard.band_differences_db(noise, 0.5 * noise) == pytest.approx((0, 0), abs=0.05)
    spectrum = np.fft.rfft(noise)
    spectrum[:, 8000:] *= 4  # above 8 kHz, 12 dB
    low, high = heard.band_differences_db(noise, np.fft.irfft(spectrum))
    assert low < 1 and high > 4


def test_the_score_at_a_look_is_the_best_that_shows_as_much():
    figures = np.array(
        [[0.9, 5, 50, 0, 0], [0.5, 2, 10, 1, 2], [0.3, 3, 0, 2, 4], [0.1, 1, 0, 3, 6]]
    )
    rows = {row.what: row for row in heard.rows_of(figures, 7.0)}
    assert rows["visual loss of the purest picture"].figure == "0.100"
    assert rows["at visual 0.2"].figure == "2.00"
    assert rows["at visual 0.5"].figure == "3.00"
    assert rows["at visual 0.4"].ratio == "5.0"
    assert rows["at visual 0.4"].beside == "low 1.5, high 3.0"


def test_every_preset_is_heard_and_the_published_once():
    names = [what for what, _ in heard.tried(["quick", "readme"])]
    assert names[-1] == "readme" and all(what.startswith("quick") for what in names[:-1])


def test_without_the_auditory_model_a_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "zimtohrli", None)  # as if it were not installed
    with pytest.raises(SystemExit, match="pip install"):
        heard.main([str(PICTURE), str(PICTURE)])


def test_the_untouched_track_scores_best(first_run):
    pytest.importorskip("zimtohrli")
    figures = heard.figures_of(first_run)
    assert figures[0, 1] == pytest.approx(5, abs=0.01)
    assert figures[-1, 1] < 4


def test_table_columns_line_up():
    text = aligned(
        Row("measured", "figure", "ratio", "beside"),
        [("part", [Row("a", "1 ms", "", "x"), Row("a longer name", "1,000 ms", "2", "x")])],
    )
    heading, title, *lines = text.splitlines()
    assert title.startswith("part ")
    assert {line.index("x") for line in lines} == {heading.index("beside")}
