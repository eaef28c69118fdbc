"""Non-domination, hypervolume, thinning and picking, against brute force and pymoo."""

import math

import numpy as np
import pytest
from pymoo.indicators.hv import HV

from moss.blending.front import ARC_SPAN, Front, audio_weight_of
from moss.signal.pareto import (
    REFERENCE_POINTS,
    evenly_along_arc,
    hypervolume,
    non_dominated,
    normalised,
    thinned,
)

NOTHING = np.zeros((0, 2))


def random_losses(seed, count=60):
    return np.random.default_rng(seed).random((count, 2)) * (1.2, 4.8)  # some beyond the reference


def random_front(seed, count=30):
    """A front as the archive sorts it: audio loss rising, visual loss falling."""
    steps = np.random.default_rng(seed).random((2, count))
    visual, audio = steps.cumsum(axis=1) / steps.sum(axis=1, keepdims=True)
    return np.column_stack((1 - visual, 3 * audio))


def front_of(losses):
    return Front(np.zeros((len(losses), 2, 2), np.uint8), losses)


def dominated(losses, i):
    """Whether a row is as good as row i in both losses; of equal rows the first is free."""
    as_good = (losses <= losses[i]).all(axis=1)
    equal = (losses == losses[i]).all(axis=1)
    return bool((as_good & ~equal).any() or equal[:i].any())


# Non-domination


@pytest.mark.parametrize("seed", range(5))
def test_non_dominated_agrees_with_brute_force(seed):
    losses = random_losses(seed)
    expected = [not dominated(losses, i) for i in range(len(losses))]
    assert non_dominated(losses).tolist() == expected


@pytest.mark.parametrize("seed", range(5))
def test_non_dominated_agrees_with_brute_force_among_ties(seed):
    losses = np.random.default_rng(seed).integers(0, 4, (30, 2)).astype(float)
    expected = [not dominated(losses, i) for i in range(len(losses))]
    assert non_dominated(losses).tolist() == expected


def test_of_equal_rows_the_first_counts():
    assert non_dominated(np.ones((3, 2))).tolist() == [True, False, False]


def test_non_dominated_of_nothing():
    assert non_dominated(NOTHING).tolist() == []


# Hypervolume


@pytest.mark.parametrize("reference", REFERENCE_POINTS.values(), ids=REFERENCE_POINTS)
@pytest.mark.parametrize("seed", range(5))
def test_hypervolume_agrees_with_pymoo(seed, reference):
    losses = random_losses(seed)
    expected = HV(ref_point=np.array(reference))(losses)
    assert hypervolume(losses, reference) == pytest.approx(expected, rel=1e-12)  # both in double


def test_the_published_reference_stands_unless_another_is_given():
    losses = random_losses(0)
    assert hypervolume(losses) == hypervolume(losses, REFERENCE_POINTS["log"])
    assert hypervolume(losses) != hypervolume(losses, REFERENCE_POINTS["heard"])


def test_hypervolume_of_one_point_is_its_rectangle():
    assert hypervolume(np.array([[0.25, 1.0]])) == 0.75 * 3


@pytest.mark.parametrize("losses", [NOTHING, np.array([[1.0, 0.0]]), np.array([[0.5, 4.0]])])
def test_what_does_not_reach_the_reference_has_no_hypervolume(losses):
    assert hypervolume(losses) == 0


def test_rows_that_are_not_numbers_count_for_nothing():
    losses = random_losses(0)
    broken = np.concatenate(([[math.nan, 0.0], [0.0, math.nan]], losses, [[math.nan] * 2]))
    assert hypervolume(broken) == hypervolume(losses)
    assert hypervolume(np.full((3, 2), math.nan)) == 0


@pytest.mark.parametrize("seed", range(3))
def test_hypervolume_knows_no_order_and_never_falls(seed):
    losses = random_losses(seed)
    shuffled = np.random.default_rng(seed).permutation(losses)
    assert hypervolume(shuffled) == pytest.approx(hypervolume(losses), rel=1e-12)
    so_far = [hypervolume(losses[:n]) for n in range(len(losses))]
    assert (np.diff(so_far) >= -1e-12).all()  # sums in another order


# Scaling


def test_normalised_losses_fill_the_unit_square():
    scaled = normalised(random_losses(0))
    assert (scaled.min(axis=0) == 0).all()
    assert (scaled.max(axis=0) == 1).all()


def test_equal_losses_normalise_to_zero():
    assert (normalised(np.full((4, 2), 0.7)) == 0).all()


# Thinning


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [2, 3, 12, 29, 30, 100])
def test_thinned_keeps_the_ends_and_the_order(seed, count):
    kept = thinned(random_front(seed), count)
    assert len(kept) == min(count, 30)
    assert kept[0] == 0
    assert kept[-1] == 29
    assert (np.diff(kept) > 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_thinned_drops_what_costs_least_hypervolume(seed):
    losses = random_front(seed, count=12)
    left = list(range(12))
    while len(left) > 6:
        # The ends stay, whatever they cost.
        inner = [[k for k in left if k != drop] for drop in left[1:-1]]
        left = max(inner, key=lambda kept: hypervolume(losses[kept]))
    assert thinned(losses, 6).tolist() == left


@pytest.mark.parametrize("size", [0, 1, 2])
def test_thinned_copes_with_tiny_fronts(size):
    assert thinned(random_front(0, 3)[:size], 2).tolist() == list(range(size))


# Picking along the arc


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [2, 3, 12])
def test_representatives_are_sorted_and_hold_both_ends(seed, count):
    front = front_of(random_front(seed))
    picked = front.representatives(count)
    assert picked[0] == 0
    assert picked[-1] == 29
    assert (np.diff(picked) > 0).all()
    assert len(picked) <= count


def test_points_are_picked_at_even_steps_of_the_arc():
    along = np.linspace(0, 1, 201) ** 3  # crowded at one end
    losses = np.column_stack((1 - along, 4 * along))
    picked = evenly_along_arc(losses, 6)
    # No further off than half the widest gap of neighbours.
    assert along[picked] == pytest.approx(np.linspace(0, 1, 6), abs=0.0075)


def test_the_arc_is_measured_in_losses_normalised_over_the_front():
    losses = random_front(3)
    assert (evenly_along_arc(losses * (10, 0.1), 7) == evenly_along_arc(losses, 7)).all()


@pytest.mark.parametrize("count", [5, 9])
def test_all_points_are_picked_where_there_are_no_more(count):
    assert evenly_along_arc(random_front(0, 5), count).tolist() == [0, 1, 2, 3, 4]


def test_points_in_one_place_are_picked_once():
    assert evenly_along_arc(np.ones((9, 2)), 3).tolist() == [0]


# Audio weight


def test_the_audio_weight_is_the_slope_of_the_front():
    audio = np.linspace(0, 3, 40)
    straight = front_of(np.column_stack((0.9 - 0.3 * audio, audio)))
    assert [straight.audio_weight(k) for k in range(40)] == pytest.approx([0.3] * 40)
    bent = front_of(np.column_stack(((3 - audio) ** 2 / 10, audio)))
    # A chord of a parabola has the slope of its middle, which the ends do not have.
    assert [bent.audio_weight(k) for k in range(1, 39)] == pytest.approx(
        list((3 - audio[1:39]) / 5)
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_audio_weight_is_positive_on_a_front(seed):
    front = front_of(random_front(seed))
    assert min(front.audio_weight(k) for k in range(30)) > 0


def test_the_audio_weight_of_a_single_point_is_nothing():
    assert front_of(np.array([[0.5, 0.5]])).audio_weight(0) == 0


# Where to look further


@pytest.mark.parametrize("seed", range(3))
def test_the_arc_rises_from_0_to_1(seed):
    front = front_of(random_front(seed))
    assert front.arc[0] == 0 and front.arc[-1] == pytest.approx(1)
    assert (np.diff(front.arc) > 0).all()


def test_the_arc_of_a_single_point_is_0():
    assert front_of(np.array([[0.5, 0.5]])).arc.tolist() == [0]


@pytest.mark.parametrize("side", ["picture", "music"])
@pytest.mark.parametrize("index", [0, 1, 11, 28, 29])
def test_a_stretch_is_a_fifth_of_the_arc_toward_the_side_or_what_is_left(side, index):
    front = front_of(random_front(4))
    begin, end = front.arc_span_toward(side, index)
    place = front.arc[index]
    if side == "picture":
        assert begin == place and end == pytest.approx(min(place + ARC_SPAN, 1))
    else:
        assert end == place and begin == pytest.approx(max(place - ARC_SPAN, 0))


@pytest.mark.parametrize("index", [0, 15, 29])
def test_a_arc_span_around_a_point_holds_it(index):
    front = front_of(random_front(4))
    begin, end = front.arc_span_around(index)
    assert begin - 1e-9 <= front.arc[index] <= end + 1e-9
    assert 0 <= begin < end <= 1


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("music", [0.05, 0.2, 0.5, 0.8, 0.95])
def test_a_share_of_musics_audio_weight_has_the_best_point_by_that_weight(seed, music):
    front = front_of(random_front(seed))
    cost = normalised(front.losses) @ (1 - music, music)
    assert cost[front.best_at(audio_weight_of(front, music))] == pytest.approx(cost.min())


def test_more_weight_of_music_never_costs_more_of_it():
    front = front_of(random_front(1))
    found = [front.best_at(audio_weight_of(front, music)) for music in np.linspace(0.01, 0.99, 30)]
    assert found == sorted(found, reverse=True)
    assert found[0] != found[-1]


def test_the_nearest_of_its_own_points_is_itself():
    front = front_of(random_front(2))
    assert [front.nearest(losses) for losses in front.losses] == list(range(30))


def test_undominated_drops_only_what_is_dominated():
    losses = random_front(0)
    worse = losses[10] + (0.01, 0.01)
    everything = np.vstack((losses, worse))[np.argsort([*losses[:, 1], worse[1]])]
    assert np.array_equal(front_of(everything).undominated().losses, losses)


def test_no_input_is_changed():
    losses = random_front(0)
    before = losses.copy()
    front = front_of(losses)
    front.representatives(5)
    front.audio_weight(3)
    hypervolume(losses)
    thinned(losses, 6)
    normalised(losses)
    assert np.array_equal(losses, before)
