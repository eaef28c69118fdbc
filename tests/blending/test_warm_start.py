"""A search that starts from a front: what it keeps, what it adds, and where."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.bounds import bounds_of
from moss.blending.front import Front
from moss.blending.mask import MaskBasis
from moss.blending.objectives import ExactLosses
from moss.blending.search import WarmStart, front_from, search
from moss.settings.wishes import wishes_from
from moss.signal.pareto import non_dominated
from tests.small import SMALL, hypervolume_of, small_pair

ARC_SPAN = (0.4, 0.6)
WISHES = "music 0-1 0-4000; picture 2-3 1000-3000"


@pytest.fixture(scope="module")
def mixture():
    return small_pair().mixture


@pytest.fixture(scope="module")
def front(mixture):
    return front_from(list(search(mixture, SMALL))[-1])


@pytest.fixture(scope="module")
def continued(mixture, front):
    """All events of a search that goes on from `front` in the middle of its arc."""
    return list(search(mixture, SMALL, start=WarmStart(front, ARC_SPAN)))


def last_front(events):
    return front_from(list(events)[-1])


def exact(mixture, masks):
    shape = tuple(mixture.picture.shape)
    measure = ExactLosses(mixture, MaskBasis(shape, SMALL.grid_shape, SMALL.smoothing_sigma))
    return np.array([measure(torch.from_numpy(mask) / 255) for mask in masks])


def new_in(found, front):
    """The masks of `found` that are not in `front`, and their losses."""
    known = {mask.tobytes() for mask in front.masks}
    new = [i for i, mask in enumerate(found.masks) if mask.tobytes() not in known]
    return found.masks[new], found.losses[new]


# Stop and keep


def test_without_a_stretch_the_front_is_measured_and_nothing_else(mixture, front):
    rough = Front(front.masks, front.losses + 0.01)
    events = list(search(mixture, SMALL, start=WarmStart(rough)))
    assert {event.stage for event in events} == {"front"}
    kept = last_front(events)
    assert np.array_equal(kept.masks, front.masks)
    assert kept.losses == pytest.approx(exact(mixture, front.masks), abs=1e-6)  # float32 threads


def test_a_dominated_mask_is_not_kept(mixture, front):
    noisy = front.masks[3:4] ^ np.uint8(64)
    masks = np.concatenate((front.masks[:2], noisy, front.masks[2:]))
    losses = np.concatenate((front.losses[:2], [front.losses[1:3].mean(axis=0)], front.losses[2:]))
    measured = last_front(search(mixture, SMALL, start=WarmStart(Front(masks, losses))))
    assert non_dominated(measured.losses).all()
    assert (np.diff(measured.losses[:, 1]) > 0).all()
    assert noisy.tobytes() not in {mask.tobytes() for mask in measured.masks}


# Going on


def test_the_hypervolume_never_falls(mixture, front, continued):
    found = last_front(continued)
    assert hypervolume_of(found.losses) >= hypervolume_of(exact(mixture, front.masks)) - 1e-6
    assert hypervolume_of(found.losses) > hypervolume_of(front.losses) + 1e-4  # and here it rises


def test_the_front_is_the_union_of_old_and_new(mixture, front, continued):
    found = last_front(continued)
    _, new = new_in(found, front)
    assert 0 < len(new) <= SMALL.population_size // 2
    union = np.concatenate((front.losses, new))
    expected = union[non_dominated(union)]
    assert len(found.losses) == len(expected)
    assert np.sort(found.losses[:, 1]) == pytest.approx(np.sort(expected[:, 1]), abs=1e-6)


def test_new_points_lie_around_the_stretch(front, continued):
    """A search that went anywhere would scatter them over the whole arc."""
    _, new = new_in(last_front(continued), front)
    begin, end = np.interp(ARC_SPAN, front.arc, front.losses[:, 1])
    margin = 0.5 * (end - begin)
    assert len(new) >= 3
    near = (new[:, 1] > begin - margin) & (new[:, 1] < end + margin)
    assert near.mean() > 0.7
    assert ((new[:, 1] > begin) & (new[:, 1] < end)).any()


def test_events_tell_of_the_phases_in_order(continued):
    order = ["seeding", "evolution", "front"]
    places = [(order.index(event.stage), event.step) for event in continued]
    assert places == sorted(places)
    assert continued[0].masks is not None  # whoever stops at once keeps something
    estimated = [event.hypervolume for event in continued if event.stage != "front"]
    assert (np.diff(estimated) >= -1e-9).all()


@pytest.mark.parametrize("arc_span", [(0.0, 0.2), (0.8, 1.0), (0.0, 1.0), (0.5, 0.5)])
@pytest.mark.parametrize("changes", [{}, {"mixing": "linear"}, {"descent_steps": 0}])
def test_any_stretch_keeps_the_hypervolume(arc_span, changes):
    settings = replace(SMALL, generations=2, population_size=8, **changes)
    mixture = small_pair(settings).mixture
    before = front_from(list(search(mixture, settings))[-1])
    found = last_front(search(mixture, settings, start=WarmStart(before, arc_span)))
    assert hypervolume_of(found.losses) >= hypervolume_of(before.losses) - 1e-6
    assert non_dominated(found.losses).all()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_front_of_few_points_goes_on(mixture, front, count):
    few = Front(front.masks[:count], front.losses[:count])
    found = last_front(search(mixture, SMALL, start=WarmStart(few, ARC_SPAN)))
    assert hypervolume_of(found.losses) >= hypervolume_of(few.losses) - 1e-6


def test_a_seed_repeats(mixture, front, continued):
    again = last_front(search(mixture, SMALL, start=WarmStart(front, ARC_SPAN)))
    assert np.array_equal(again.masks, last_front(continued).masks)


def test_the_start_is_not_changed(mixture, front):
    masks, losses = front.masks.copy(), front.losses.copy()
    settings = replace(SMALL, wishes=WISHES)
    list(search(mixture, settings, start=WarmStart(front, ARC_SPAN)))
    assert np.array_equal(front.masks, masks) and np.array_equal(front.losses, losses)


@pytest.mark.parametrize("arc_span", [None, ARC_SPAN])
def test_with_other_wishes_every_old_mask_obeys_them(mixture, front, arc_span):
    settings = replace(SMALL, wishes=WISHES)
    basis = MaskBasis(tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma)
    low, high = (255 * x.numpy() for x in bounds_of(wishes_from(WISHES), basis, settings))
    events = list(search(mixture, settings, start=WarmStart(front, arc_span)))
    for event in events:
        if event.masks is not None:
            assert ((event.masks >= low) & (event.masks <= high)).all()
    found = last_front(events)
    clamped = exact(mixture, np.clip(front.masks, low, high).astype(np.uint8))
    assert hypervolume_of(found.losses) >= hypervolume_of(clamped) - 1e-6
    # Some are measured, the others corrected.
    assert found.losses == pytest.approx(exact(mixture, found.masks), abs=0.03)


def test_closing_stops_the_work(mixture, front):
    before = set(threading.enumerate())
    settings = replace(SMALL, descent_steps=1000)
    events = search(mixture, settings, start=WarmStart(front, ARC_SPAN))
    next(events)
    events.close()
    assert set(threading.enumerate()) <= before
