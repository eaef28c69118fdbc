"""The search as its caller sees it: a generator of events whose last one is the front."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.mask import MaskBasis
from moss.blending.objectives import ExactLosses
from moss.blending.search import front_from, search
from moss.signal.pareto import non_dominated
from tests.small import SMALL, hypervolume_of, small_pair

VARIANTS = {
    "default": {},
    "published loss": {"audio_loss": "log"},
    "no evolution": {"generations": 0},
    "no descent": {"descent_steps": 0},
    "published operators": {"operators": "published"},
    "linear mixing": {"mixing": "linear"},
    "notebook": {"mixing": "linear", "gamma": 1.8, "smoothing_sigma": 5.0},
    "gamma": {"gamma": 1.8},
    "narrow": {"low_hz": 500.0, "high_hz": 2500.0},
    "a few points": {"population_size": 4, "audio_weights": 3},
}


def mixture_for(settings):
    return small_pair(settings).mixture


@pytest.fixture(scope="module", params=VARIANTS)
def run(request):
    """The mixture, the settings and all events of one small search."""
    settings = replace(SMALL, **VARIANTS[request.param])
    mixture = mixture_for(settings)
    return mixture, settings, list(search(mixture, settings))


@pytest.fixture(scope="module")
def mixture():
    return mixture_for(SMALL)


def masks_of(mixture, settings):
    return front_from(list(search(mixture, settings))[-1]).masks


def test_first_event_has_three_points(run):
    _, _, events = run
    assert len(np.unique(events[0].losses, axis=0)) >= 3
    assert events[0].stage == "seeding"
    assert events[0].masks is not None  # whoever stops at once keeps something


def test_phases_follow_each_other_and_steps_count_up(run):
    _, settings, events = run
    order = ["seeding", "evolution", "front"]
    places = [(order.index(event.stage), event.step) for event in events]
    assert places == sorted(places)
    assert all(0 <= event.step <= event.steps for event in events)
    assert [event.elapsed_s for event in events] == sorted(event.elapsed_s for event in events)
    if settings.generations == 0:
        assert "evolution" not in {event.stage for event in events}


def test_the_last_event_is_the_front(run):
    _, _, events = run
    assert events[-1].stage == "front"
    assert events[-1].step == events[-1].steps
    assert events[-1].masks is not None


def test_hypervolume_never_falls_while_it_is_estimated(run):
    _, _, events = run
    estimated = [event.hypervolume for event in events if event.stage != "front"]
    # Sums in another order: the archive's points are summed as they stand.
    assert (np.diff(estimated) >= -1e-9).all()


def test_exact_front_holds_what_was_estimated(run):
    _, settings, events = run
    last = [event for event in events if event.stage != "front"][-1]
    estimated = hypervolume_of(last.losses[last.on_front], settings)
    # The estimators err by 0.005 on the default settings; with as few SSIM windows as here by
    # three times that, over 4 nats.
    assert events[-1].hypervolume > estimated - 0.06


def test_events_hold_together(run):
    _, settings, events = run
    for event in events:
        count = len(event.losses)
        assert event.losses.shape == (count, 2)
        assert np.isfinite(event.losses).all()
        assert event.on_front.shape == (count,)
        assert event.on_front.dtype == bool
        on_front = event.losses[event.on_front]
        assert non_dominated(on_front).all()
        assert len(on_front) <= settings.population_size
        # Thinned to the population for the event, so it has at most the archive's.
        assert hypervolume_of(on_front, settings) <= event.hypervolume + 1e-9
        if event.masks is not None:
            assert event.masks.shape == (len(on_front), *settings.grid_shape)
            assert event.masks.dtype == np.uint8


def test_last_event_is_the_exact_front(run):
    mixture, settings, events = run
    front = front_from(events[-1])
    basis = MaskBasis(tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma)
    exact = ExactLosses(mixture, basis)
    expected = [exact(torch.from_numpy(mask) / 255) for mask in front.masks]
    # The same function; threads and libraries may round differently.
    assert front.losses == pytest.approx(np.array(expected), abs=1e-6)
    assert hypervolume_of(front.losses, settings) == events[-1].hypervolume


def test_front_is_mutually_non_dominated_and_sorted_from_audio_to_picture(run):
    _, _, events = run
    front = front_from(events[-1])
    assert non_dominated(front.losses).all()
    assert (np.diff(front.losses[:, 1]) > 0).all()
    assert (np.diff(front.losses[:, 0]) < 0).all()
    assert len(front.losses) >= 3


def test_pure_audio_is_on_the_front(run):
    _, _, events = run
    front = front_from(events[-1])
    assert not front.masks[0].any()
    assert front.losses[0, 1] == pytest.approx(0, abs=1e-6)  # linear mixing rounds exp and log


def test_pure_picture_is_on_the_front(run):
    """With gamma it is not what looks most like the picture, and something better may be there."""
    mixture, settings, events = run
    front = front_from(events[-1])
    basis = MaskBasis(tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma)
    anchor, _ = ExactLosses(mixture, basis)(torch.ones(settings.grid_shape))
    assert front.losses[-1, 0] <= anchor + 1e-6  # float32 in another thread
    if settings.gamma == 1:
        assert anchor == pytest.approx(0, abs=1e-5)  # 1 minus a float32 SSIM
        assert (front.masks[-1] == 255).all()


def test_front_beats_constant_masks(run):
    """As many masks of one level each are the cheapest front there is."""
    mixture, settings, events = run
    basis = MaskBasis(tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma)
    exact = ExactLosses(mixture, basis)
    levels = np.linspace(0, 1, settings.population_size)
    constant = [exact(torch.full(settings.grid_shape, level)) for level in levels]
    assert events[-1].hypervolume > hypervolume_of(np.array(constant), settings)


@pytest.mark.parametrize("name", ["default", "published operators", "linear mixing"])
def test_a_seed_repeats(name):
    settings = replace(SMALL, **VARIANTS[name])
    mixture = mixture_for(settings)
    assert np.array_equal(masks_of(mixture, settings), masks_of(mixture, settings))


def test_another_seed_finds_another_front(mixture):
    ours, theirs = (masks_of(mixture, replace(SMALL, seed=seed)) for seed in (0, 1))
    assert ours.shape != theirs.shape or (ours != theirs).any()


def test_global_random_state_is_not_touched(mixture):
    state, numpy_state = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    masks_of(mixture, SMALL)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002


def test_evolution_gains_on_its_seeds(mixture):
    with_it, without = (
        list(search(mixture, replace(SMALL, generations=n)))[-1].hypervolume for n in (12, 0)
    )
    assert with_it > without


@pytest.mark.parametrize("stop_at", ["first", "seeding", "evolution"])
def test_closing_stops_the_work(mixture, stop_at):
    # Each stage has work for much longer than it takes to be heard of.
    long = {
        "first": {"descent_steps": 1000},
        "seeding": {"descent_steps": 1000},
        "evolution": {"population_size": 1000},
    }
    before = set(threading.enumerate())
    events = search(mixture, replace(SMALL, **long[stop_at]))
    for event in events:
        if stop_at == "first" or (event.stage == stop_at and event.step < event.steps):
            break
    assert event.stage != "front"
    assert set(threading.enumerate()) - before  # somebody is at work
    events.close()
    assert set(threading.enumerate()) <= before


def test_no_thread_outlives_a_finished_search(mixture):
    before = set(threading.enumerate())
    masks_of(mixture, SMALL)
    assert set(threading.enumerate()) <= before


def test_mixture_is_not_changed(mixture):
    before = [x.clone() for x in (mixture.audio, mixture.picture, mixture.image)]
    masks_of(mixture, SMALL)
    assert all(map(torch.equal, (mixture.audio, mixture.picture, mixture.image), before))


def test_constant_picture_gives_a_front():
    settings = replace(SMALL, descent_steps=2)
    mixture = mixture_for(settings)
    for value in (0.0, 0.5, 1.0):
        flat = torch.full_like(mixture.picture, value)
        constant = replace(mixture, picture=flat, image=mixture.display.low + 12 * flat)
        front = front_from(list(search(constant, settings))[-1])
        assert len(front.losses) >= 2
        assert front.losses[-1, 0] == pytest.approx(0, abs=1e-4)  # float32 SSIM of a flat picture
