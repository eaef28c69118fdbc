"""Which points of a front become sounds: representatives, those heard before, new ones."""

import numpy as np
import pytest

from moss.blending.front import Front
from moss.blending.task import LEAST_APART, NEW_POINTS, FreshSearch, Heard, SteeredSearch, points_of
from moss.signal.pareto import normalised

COUNT = 40
ARC_SPANS = [(0.0, 0.2), (0.4, 0.6), (0.8, 1.0)]


def front_of(seed=0, count=COUNT):
    generator = np.random.default_rng(seed)
    steps = generator.random((2, count))
    visual, audio = steps.cumsum(axis=1) / steps.sum(axis=1, keepdims=True)
    masks = generator.integers(0, 256, (count, 4, 8), np.uint8)
    return Front(masks, np.column_stack((1 - visual, 3 * audio)))


def heard_at(front, indices, worse=0.0):
    """Points of a front that were heard, or ones a little worse that are not on it."""
    return tuple(
        Heard(front.masks[i] ^ np.uint8(bool(worse)), front.losses[i] + worse, np.ones((1, 9)), 2.0)
        for i in indices
    )


def on_arc(points, k):
    best = points.front.undominated()
    return best.arc[best.nearest(points.front.losses[points.indices[k]])]


def test_by_default_they_are_the_representatives():
    front = front_of()
    points = points_of(front, FreshSearch(), 7)
    assert points.front is front and points.heard == {} and not points.new
    assert np.array_equal(points.indices, front.representatives(7))


@pytest.mark.parametrize("worse", [0.0, 1e-3])
def test_all_that_was_heard_stays_in_order_even_when_dominated(worse):
    front = front_of()
    heard = heard_at(front, [0, 9, 20, 31, 39], worse)
    points = points_of(front, SteeredSearch(front, (0.0, 1e-9), heard), 7)
    assert points.heard == {k: k for k in range(5)} and not points.new
    for k, index in enumerate(points.indices):
        assert np.array_equal(points.front.masks[index], heard[k].mask)
        assert np.array_equal(points.front.losses[index], heard[k].losses)
    assert len(points.front.masks) == COUNT + (5 if worse else 0)
    assert (np.diff(points.front.losses[:, 1]) >= 0).all()
    assert np.array_equal(points.front.undominated().losses, front.losses)


@pytest.mark.parametrize("worse", [0.0, 1e-3])
@pytest.mark.parametrize("arc_span", ARC_SPANS)
def test_new_points_are_few_unheard_and_on_the_arc_span(arc_span, worse):
    front = front_of()
    heard = heard_at(front, front.representatives(9), worse)
    points = points_of(front, SteeredSearch(front, arc_span, heard), 7)
    assert len(points.new) == NEW_POINTS
    assert sorted([*points.heard, *points.new]) == list(range(len(points.indices)))
    assert len(points.indices) == len(heard) + NEW_POINTS
    places = [on_arc(points, k) for k in points.new]
    assert len(set(places)) == NEW_POINTS
    begin, end = arc_span
    assert min(places) >= begin and max(places) <= end
    # One in each third of it.
    assert [int((place - begin) / (end - begin) * NEW_POINTS) for place in places] == [0, 1, 2]


@pytest.mark.parametrize("arc_span", ARC_SPANS)
def test_without_heard_points_new_ones_join_the_representatives(arc_span):
    front = front_of()
    points = points_of(front, SteeredSearch(front, arc_span), 6)
    known = set(front.representatives(6).tolist())
    assert known <= set(points.indices.tolist())
    assert {int(points.indices[k]) for k in points.new} == set(points.indices.tolist()) - known
    assert points.new


def test_where_the_stretch_is_bare_nothing_is_new():
    front = front_of()
    bare = (front.losses[:, 1] < 0.8) | (front.losses[:, 1] > 2.2)
    gap = Front(front.masks[bare], front.losses[bare])
    heard = heard_at(gap, [0, len(gap.masks) - 1])
    points = points_of(gap, SteeredSearch(gap, (0.49, 0.51), heard), 7)
    assert not points.new and len(points.heard) == 2


@pytest.mark.parametrize("music", [None, 0.5])
def test_the_points_that_are_asked_for_again_and_again_never_come_too_near(music):
    front = front_of(count=400)
    heard, rounds = heard_at(front, front.representatives(5)), 0
    while True:
        points = points_of(front, SteeredSearch(front, (0.3, 0.7), heard, music), 7)
        places = normalised(front.losses)[points.indices]
        apart = np.linalg.norm(places[:, None] - places, axis=2)
        assert apart[~np.eye(len(places), dtype=bool)].min() >= LEAST_APART
        if not points.new:
            break
        heard, rounds = heard_at(front, points.indices), rounds + 1
    assert rounds >= 2 and len(heard) <= 5 + 2 / LEAST_APART


def test_a_better_point_than_a_heard_one_is_new_though_it_is_as_far_along():
    front = front_of()
    heard = heard_at(front, range(COUNT), worse=3 * LEAST_APART)
    assert points_of(front, SteeredSearch(front, (0.4, 0.6), heard), 7).new


@pytest.mark.parametrize("worse", [0.0, 1e-3])
@pytest.mark.parametrize("music", [0.2, 0.5, 0.8])
def test_the_best_by_a_weight_over_all_of_the_front_is_new(music, worse):
    front = front_of(seed=3)
    cost = normalised(front.losses) @ (1 - music, music)
    best = int(cost.argmin())
    others = [i for i in (0, 9, 20, 31, 39) if abs(i - best) > 2]
    arc_span = front.arc_span_around(best)
    points = points_of(
        front, SteeredSearch(front, arc_span, heard_at(front, others, worse), music), 7
    )
    new = {points.front.masks[points.indices[k]].tobytes() for k in points.new}
    assert front.masks[best].tobytes() in new and len(new) <= NEW_POINTS
    assert list(points.new) == sorted(points.new)


def test_where_all_was_heard_nothing_is_new():
    front = front_of(count=5)
    points = points_of(front, SteeredSearch(front, (0.0, 1.0), heard_at(front, range(5))), 7)
    assert not points.new and len(points.indices) == 5


def test_a_heard_sound_is_its_file_at_the_level_of_the_track():
    (point,) = heard_at(front_of(), [0])
    assert point.sound.tolist() == [[0.5] * 9]
