"""The published searches as their caller sees them: the same events as ours, another front."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.evolution import LEAST_POPULATION, evolve
from moss.blending.mask import MaskBasis, grid_from_uint8
from moss.blending.notebook import NotebookLosses
from moss.blending.objectives import ExactLosses
from moss.blending.published import random_masks
from moss.blending.search import WarmStart, front_from, search
from moss.parallel import workers
from moss.signal.pareto import hypervolume, non_dominated
from tests.small import NOTEBOOK, README, small_pair

PUBLISHED = {"notebook": NOTEBOOK, "readme": README}


@pytest.fixture(scope="module", params=PUBLISHED)
def run(request):
    """The settings, the mixture and all events of one small search."""
    settings = PUBLISHED[request.param]
    mixture = small_pair(settings).mixture
    return settings, mixture, list(search(mixture, settings))


def exact_of(settings, mixture, masks):
    basis = MaskBasis(tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma)
    exact = ExactLosses(mixture, basis)
    return np.array([exact(grid_from_uint8(mask)) for mask in masks])


def test_stages_follow_each_other_and_all_generations_are_made(run):
    settings, _, events = run
    order = ["seeding", "evolution", "front"]
    places = [(order.index(event.stage), event.step) for event in events]
    assert places == sorted(places)
    told = {event.step for event in events if event.stage == "evolution"}
    assert told >= set(range(1, settings.generations + 1))
    assert all(0 <= event.step <= event.steps for event in events)
    assert events[0].masks is not None  # whoever stops at once keeps something


def test_without_generations_the_seeds_are_the_front(run):
    settings, mixture, _ = run
    events = list(search(mixture, replace(settings, generations=0)))
    assert "evolution" not in {event.stage for event in events}
    assert events[-1].hypervolume > 0


def test_every_event_tells_of_our_exact_losses(run):
    settings, mixture, events = run
    for event in events:
        on_front = event.losses[event.on_front]
        assert non_dominated(on_front).all()
        assert len(on_front) <= settings.population_size
        if event.masks is not None:
            expected = exact_of(settings, mixture, event.masks)
            # The same function in another thread; nothing but the picture is nearer than 1e-6.
            assert on_front == pytest.approx(expected, abs=2e-6)


def test_hypervolume_never_falls_before_the_front_is_thinned(run):
    _, _, events = run
    searched = [event.hypervolume for event in events if event.stage != "front"]
    assert (np.diff(searched) >= -1e-9).all()


def test_evolution_gains_on_the_seeds(run):
    _, _, events = run
    seeded = [event for event in events if event.stage == "seeding"][-1]
    assert events[-1].hypervolume > seeded.hypervolume > 0


def test_the_front_begins_with_the_track_and_ends_at_the_picture(run):
    """With gamma something may look more like the picture than the picture as it is drawn."""
    settings, mixture, events = run
    front = front_from(events[-1])
    ((anchor, _),) = exact_of(settings, mixture, np.full((1, *settings.grid_shape), 255, np.uint8))
    assert (front.masks[0] == 0).all()
    assert front.losses[-1, 0] <= anchor + 1e-6  # float32 in another thread
    assert (front.masks[-1] == 255).all() or settings.gamma != 1


def test_a_seed_repeats_and_another_finds_another_front(run):
    settings, mixture, events = run
    front = front_from(events[-1])
    again = front_from(list(search(mixture, settings))[-1])
    np.testing.assert_array_equal(front.masks, again.masks)
    other = front_from(list(search(mixture, replace(settings, seed=1)))[-1])
    assert other.masks.shape != front.masks.shape or (other.masks != front.masks).any()


def test_wishes_are_obeyed(run):
    settings, mixture, _ = run
    wished = replace(settings, wishes="music 0-3 0-1500; picture 0-3 2500-4000")
    quarter = settings.grid_height // 4
    for event in search(mixture, wished):
        if event.masks is not None:
            assert (event.masks[:, :quarter] == 0).all()
            assert (event.masks[:, -quarter:] == 255).all()


@pytest.mark.parametrize("kind", ["music", "picture"])
def test_wishes_for_everything_leave_one_mask(run, kind):
    settings, mixture, _ = run
    events = list(search(mixture, replace(settings, wishes=f"{kind} 0-3 0-4000")))
    assert len(front_from(events[-1]).masks) == 1


def test_a_stopped_search_is_measured_as_it_is(run):
    settings, mixture, events = run
    early = front_from(next(event for event in reversed(events[:-1]) if event.masks is not None))
    last = list(search(mixture, settings, start=WarmStart(early)))[-1]
    # The same masks by the same exact losses.
    assert last.hypervolume == pytest.approx(hypervolume(early.losses), abs=1e-5)


def test_closing_stops_the_work(run):
    settings, mixture, _ = run
    before = set(threading.enumerate())
    events = search(mixture, replace(settings, descent_steps=1000, population_size=1000))
    next(events)
    next(events)
    events.close()
    assert set(threading.enumerate()) <= before


def test_the_notebook_minimises_its_own_losses_and_not_ours():
    settings = replace(NOTEBOOK, generations=0, descent_steps=60, population_size=6)
    mixture = small_pair(settings).mixture
    basis = MaskBasis(tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma)
    own = NotebookLosses(mixture, basis)
    front = front_from(list(search(mixture, settings))[-1])
    constant = np.array([own(torch.full(settings.grid_shape, x)) for x in np.linspace(0, 1, 6)])
    found = np.array([own(grid_from_uint8(mask)) for mask in front.masks])
    beyond = constant.max(axis=0) * 1.1
    assert hypervolume(found, tuple(beyond)) > hypervolume(constant, tuple(beyond))


def test_random_masks_use_the_whole_range():
    masks = random_masks(5, (16, 20), seed=3)
    assert masks.shape == (5, 16, 20) and masks.dtype == np.uint8
    assert masks.min() < 5 and masks.max() > 250
    assert masks.mean() == pytest.approx(127.5, abs=10)


def settled_evaluation(grids):
    yield np.stack((grids.mean(axis=(1, 2)), 1 - grids[:, 0, 0]), axis=1)


def test_equal_masks_are_evolved_once_with_their_own_losses():
    grids = random_masks(8, (4, 5), seed=0).astype(np.float32) / 255
    grids[5] = grids[2]
    (losses,) = settled_evaluation(grids)
    limits = {"generations": 2, "operators": "published", "seed": 0}
    with workers() as pool:
        assert (
            list(filter(None, evolve(grids, losses, settled_evaluation, **limits, pool=pool)))[-1]
            == 2
        )
        same = np.repeat(grids[: LEAST_POPULATION - 1], 4, axis=0)
        (losses,) = settled_evaluation(same)
        assert list(evolve(same, losses, settled_evaluation, **limits, pool=pool)) == []


def test_whoever_waits_for_the_published_operators_is_told_meanwhile():
    """SBX and PM on a population of the default size take a second."""
    grids = random_masks(100, (128, 256), seed=0).astype(np.float32) / 255
    (losses,) = settled_evaluation(grids)
    limits = {"generations": 1, "operators": "published", "seed": 0}
    with workers() as pool:
        told = list(evolve(grids, losses, settled_evaluation, **limits, pool=pool))
    assert told[-1] == 1
    assert told.count(None) >= 3
