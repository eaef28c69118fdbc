"""The heavy part behind a fork, as on ZeroGPU: what crosses, that it stops, what it asks for."""

import io
import pickle
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.prepared import Prepared
from moss.blending.search import front_from
from moss.blending.task import DraftsProgress, FreshSearch, Heard, OnePoint, SteeredSearch
from moss.errors import InputError, MossError
from moss.progress import BLEND_STAGES, RenderProgress, SearchProgress
from moss.results.run import Run
from moss.settings.blend import BlendSettings
from moss.settings.presets import blend_settings
from moss.settings.sonify import SonifySettings
from moss.sonification.design import Design
from moss.usecases.blend import blend
from moss.usecases.compute import front_and_sounds
from moss.usecases.estimate import MAX_GPU_S, MEASURED_S, gpu_seconds, seconds_of
from moss.usecases.sonify import Source, sonify, synthesise
from tests.forked import WORKERS, forked
from tests.small import PAD, PICTURE, SMALL, small_pair

ENDLESS = replace(SMALL, audio_weights=400, descent_steps=1000)


@pytest.fixture(scope="module")
def prepared():
    return small_pair()


@pytest.fixture(scope="module")
def events(prepared):
    return list(forked(front_and_sounds)(prepared))


def test_drafts_cross_as_well(prepared):
    events = list(forked(front_and_sounds)(prepared, FreshSearch(drafts=True)))
    drafts = [event for event in events if isinstance(event, DraftsProgress)]
    sounds = {k: sound for event in drafts for k, sound in event.sounds.items()}
    assert sorted(sounds) == list(range(len(drafts[0].points.indices)))
    assert all(isinstance(sound, np.ndarray) for sound in sounds.values())
    assert tensors_in(events) == []


def tensors_in(value):
    """Every tensor that is reached when `value` is pickled."""
    found = []

    class Watching(pickle.Pickler):
        def reducer_override(self, each):
            if isinstance(each, torch.Tensor):
                found.append(each)
            return NotImplemented

    Watching(io.BytesIO()).dump(value)
    return found


def test_the_fork_computes_what_this_process_does(prepared, events):
    here = list(front_and_sounds(prepared))
    fronts = [
        front_from([e for e in each if isinstance(e, SearchProgress)][-1])
        for each in (here, events)
    ]
    assert np.array_equal(fronts[0].masks, fronts[1].masks)
    assert np.array_equal(fronts[0].losses, fronts[1].losses)
    sounds = [
        {k: s for e in each if isinstance(e, RenderProgress) for k, s in e.sounds.items()}
        for each in (here, events)
    ]
    assert sounds[0].keys() == sounds[1].keys() == set(range(SMALL.representatives + 1))
    for k, sound in sounds[0].items():
        assert np.array_equal(sound, sounds[1][k])


def test_only_numpy_crosses(prepared, events):
    assert not tensors_in(events)
    assert not tensors_in(prepared)
    assert tensors_in([torch.zeros(1)])  # the watching sees them


@pytest.mark.parametrize("viewer", ["own", "any"])
def test_what_was_prepared_is_the_same_on_the_other_side(viewer):
    settings = replace(SMALL, viewer=viewer)
    here = small_pair(settings)
    there = pickle.loads(pickle.dumps(here))
    assert (there.settings, there.inputs, there.device) == (here.settings, here.inputs, "cpu")
    mid = here.waveform.mean(dim=0)
    assert torch.equal(there.waveform, here.waveform)
    assert len(there.views) == (1 if viewer == "own" else 3)
    for mine, theirs in zip(here.views, there.views, strict=True):
        assert theirs.losses(mid) == mine.losses(mid)
    mask = torch.rand_like(here.mixture.picture)
    assert torch.equal(there.mixture.log_magnitude(mask), here.mixture.log_magnitude(mask))


def test_a_cancelled_fork_ends(prepared):
    with closing(forked(front_and_sounds)(replace(prepared, settings=ENDLESS))) as endless:
        for event in endless:
            if event.stage == "seeding" and event.step:
                break
        assert WORKERS[-1].is_alive()
    assert not WORKERS[-1].is_alive()
    assert WORKERS[-1].exitcode == 0


def test_a_run_behind_the_fork_is_a_whole_run(tmp_path):
    compute = forked(front_and_sounds)
    *_, run = blend(PICTURE, PAD, tmp_path / "run", SMALL, compute=compute, draw=False)
    assert isinstance(run, Run)
    assert all(np.isfinite(point["replayed"]).all() for point in run.summary["points"])
    assert all((run.folder / point["file"]).is_file() for point in run.summary["points"])
    assert (run.folder / "results.npy").is_file()


def test_leaving_a_run_behind_the_fork_ends_the_fork(tmp_path):
    items = blend(PICTURE, PAD, tmp_path / "run", ENDLESS, compute=forked(front_and_sounds))
    with closing(items):
        for item in items:
            if not isinstance(item, Prepared) and item.step:
                break
    assert not WORKERS[-1].is_alive()
    assert list(tmp_path.iterdir()) == []


def test_the_fork_works_after_this_thread_has_used_its_cores(prepared):
    """A fork has no threads but its own: what waits for the parent's would wait for ever."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch.rand(2000, 2000) @ torch.rand(2000, 2000)
        torch.rand(4_000_000).exp()
        *_, last = forked(front_and_sounds)(prepared)
    finally:
        torch.set_num_threads(before)
    assert last.step == last.steps


def test_what_fails_in_the_fork_comes_out_as_its_sentence(tmp_path, monkeypatch):
    def failing(*_):
        yield None
        raise InputError("The picture is too dark for this.")

    monkeypatch.setattr("moss.usecases.compute.sounds_of", lambda *_, **__: failing())
    with pytest.raises(MossError, match=r"^The picture is too dark for this\.$"):
        list(blend(PICTURE, PAD, tmp_path / "run", SMALL, compute=forked(front_and_sounds)))
    assert list(tmp_path.iterdir()) == []


# What a run asks for


@pytest.mark.parametrize("duration_s", MEASURED_S)
def test_the_table_is_what_the_defaults_take(duration_s):
    seconds = seconds_of(BlendSettings(duration_s=duration_s))
    assert tuple(seconds) == BLEND_STAGES
    assert list(seconds.values()) == pytest.approx(MEASURED_S[duration_s])


def asked_for(**changes):
    return gpu_seconds(replace(small_pair(), settings=blend_settings(**changes)))


def test_more_work_asks_for_more():
    asked = [asked_for(duration_s=s) for s in (1, 10, 20, 30, 60, 120, 600)]
    assert asked == sorted(asked) and len(set(asked[:5])) == 5
    assert asked[-1] == MAX_GPU_S
    assert asked_for(effort=2.0) > asked_for() > asked_for(generations=5)
    assert asked_for(viewer="any") > asked_for()


def test_the_default_run_asks_for_half_a_minute_and_the_quick_one_for_less():
    assert 20 <= asked_for() <= 35
    quick = gpu_seconds(replace(small_pair(), settings=blend_settings("quick")))
    assert 5 <= quick <= 20


def test_a_run_that_goes_on_and_a_single_point_ask_for_less(prepared, events):
    settings = blend_settings()
    whole = replace(prepared, settings=settings)
    front = front_from([e for e in events if isinstance(e, SearchProgress)][-1])
    heard = (Heard(front.masks[0], front.losses[0], np.zeros((2, 9), np.float32), 1.0),)
    going_on = SteeredSearch(front, (0.4, 0.6), heard)
    single = OnePoint(front, 3, heard)
    assert gpu_seconds(whole, single) < gpu_seconds(whole, going_on) < gpu_seconds(whole)


def test_a_picture_becomes_the_same_sound_behind_the_fork(tmp_path):
    settings = SonifySettings(sample_rate=8000, n_fft=512, hop_length=128, duration_s=2.0)
    sounds, designs = [], []
    for name, compute in (("here", synthesise), ("there", forked(synthesise))):
        source = [Source("picture", PICTURE)]
        for item in sonify(source, tmp_path / name, settings, compute=compute, draw=False):
            if isinstance(item, Design):
                designs.append(item)
        sounds.append((tmp_path / name / "sound.wav").read_bytes())
    assert sounds[0] == sounds[1]
    assert not tensors_in(designs)
