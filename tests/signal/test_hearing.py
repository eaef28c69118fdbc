"""The two differences of sounds: exact where they can be, and what an ear would say."""

import math

import pytest
import torch

from moss.signal.hearing import AUDIO_LOSSES, LogDifference, LoudnessDifference, difference_from

RATE = 16_000.0
BINS = 257
HZ_APART = RATE / 2 / (BINS - 1)
FLOOR = -9.0


def noise(seed=0, frames=12, dtype=torch.float32):
    """Log magnitudes (time, freq) of something like music: louder at the low end."""
    generator = torch.Generator().manual_seed(seed)
    tilt = -4 * torch.linspace(0, 1, BINS)
    return (tilt + 0.8 * torch.randn(frames, BINS, generator=generator)).to(dtype)


def made(name, reference, unit=1.0):
    return difference_from(reference, name, FLOOR, RATE, unit)


def tone(hz, db, frames=6):
    """Log magnitudes of one bin, over next to nothing."""
    sound = torch.full((frames, BINS), -30.0)
    sound[:, round(hz / HZ_APART)] = db * math.log(10) / 20
    return sound


def both(a, b):
    """Two sounds together, as their powers add up."""
    return torch.logaddexp(2 * a, 2 * b) / 2


@pytest.mark.parametrize(("name", "kind"), [("heard", LoudnessDifference), ("log", LogDifference)])
def test_each_name_has_its_difference(name, kind):
    assert isinstance(made(name, noise()), kind)


@pytest.mark.parametrize("name", AUDIO_LOSSES)
def test_the_reference_itself_does_not_differ_and_others_do(name):
    difference = made(name, noise())
    assert difference(noise()) == 0
    assert 0 < difference(noise() + 0.1) < difference(noise() + 0.3)
    assert difference(noise(1)) > 0.01


def test_the_log_difference_is_the_mean_absolute_one_over_its_floor():
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0], [4.0, 4.0]])
    assert LogDifference(a, FLOOR)(b) == LogDifference(b, FLOOR)(a) == 0.75
    assert LogDifference(a, 1.0)(torch.full((2, 2), -50.0)) == 1.5


def test_the_sound_that_the_unit_was_taken_from_is_1_away():
    unit = LoudnessDifference(noise(), RATE)(noise(1))
    assert LoudnessDifference(noise(), RATE, unit)(noise(1)) == pytest.approx(1, rel=1e-6)


def test_silence_is_all_of_the_loudness_away():
    silence = torch.full_like(noise(), -60.0)
    assert LoudnessDifference(noise(), RATE)(silence) == pytest.approx(1, abs=1e-4)


def test_a_silent_reference_stays_finite():
    difference = LoudnessDifference(torch.full_like(noise(), -60.0), RATE)
    value, gradient = difference.value_and_gradient(noise())
    assert math.isfinite(value) and gradient.isfinite().all()


@pytest.mark.parametrize("name", AUDIO_LOSSES)
def test_gradients_agree_with_finite_differences(name):
    """Where every change is large, so that nothing of it is smoothed: all bins are louder."""
    reference = noise(dtype=torch.float64)
    difference = made(name, reference)
    at = reference + 1.5 + 0.2 * noise(2, dtype=torch.float64).sin()
    value, gradient = difference.value_and_gradient(at)
    assert value == pytest.approx(difference(at), rel=1e-9)
    direction = noise(3, dtype=torch.float64)
    for along in (gradient / gradient.norm(), direction / direction.norm()):
        slope = (difference(at + 1e-4 * along) - difference(at - 1e-4 * along)) / 2e-4
        # The smoothing shrinks the gradient by (SMOOTHING / change)^2 / 2, a share of 1 %.
        assert slope == pytest.approx((gradient * along).sum().item(), rel=0.02, abs=1e-4)


@pytest.mark.parametrize("name", AUDIO_LOSSES)
def test_the_gradient_vanishes_at_the_reference(name):
    value, gradient = made(name, noise()).value_and_gradient(noise())
    assert value == 0 and not gradient.any()


@pytest.mark.parametrize("name", AUDIO_LOSSES)
def test_the_bins_sum_to_the_whole(name):
    difference, other = made(name, noise(), 0.7), noise(1).clamp_min(FLOOR)
    by_bin = difference.by_bin(other)
    assert by_bin.shape == other.shape and (by_bin >= 0).all()
    assert by_bin.sum().item() == pytest.approx(difference(other), rel=1e-5)  # float32 sums


@pytest.mark.parametrize("name", AUDIO_LOSSES)
def test_parts_in_time_add_up_to_the_whole(name):
    difference, other = made(name, noise(), 0.7), noise(1).clamp_min(FLOOR)
    parts = [(first, other[first : first + 5]) for first in (0, 5, 10)]
    total = sum(difference(part, first) for first, part in parts)
    assert total == pytest.approx(difference(other), rel=1e-6)  # float32
    by_bin = torch.cat([difference.by_bin(part, first) for first, part in parts])
    # Products of matrices of other sizes are rounded otherwise.
    torch.testing.assert_close(by_bin, difference.by_bin(other), rtol=1e-4, atol=1e-8)


def test_what_a_filter_hears_is_told_of_the_bins_that_changed():
    other = noise()
    other[3, 100] += 2
    by_bin = LoudnessDifference(noise(), RATE).by_bin(other)
    assert by_bin[3, 100] > 0
    by_bin[3, 100] = 0
    assert not by_bin.any()


@pytest.mark.parametrize("hz", [500.0, 1000.0, 3000.0])
def test_a_loud_neighbour_masks(hz):
    """30 dB under it, half a filter away, against the same tone alone in a louder whole."""
    loud, elsewhere = tone(hz, 0.0), tone(6500.0 if hz < 2000 else 300.0, 0.0)
    quiet = tone(hz + HZ_APART * max(1, round(0.06 * hz / HZ_APART)), -30.0)
    masked = LoudnessDifference(loud, RATE)(both(loud, quiet))
    alone = LoudnessDifference(elsewhere, RATE)(both(elsewhere, quiet))
    assert masked < 0.1 * alone
    assert LogDifference(loud, FLOOR)(both(loud, quiet)) == pytest.approx(
        LogDifference(elsewhere, FLOOR)(both(elsewhere, quiet)), rel=0.01
    )  # which the published loss does not know of


def test_what_lies_under_the_threshold_in_quiet_is_not_heard():
    """The reference is listened to at 70 dB SPL; at 50 Hz 40 dB are needed to hear a tone."""
    reference = tone(1000.0, 0.0)
    difference = LoudnessDifference(reference, RATE)
    heard = difference(both(reference, tone(4000.0, -50.0)))
    assert heard > 0.02
    assert difference(both(reference, tone(4000.0, -95.0))) < 0.01 * heard
    assert difference(both(reference, tone(50.0, -50.0))) < 0.1 * heard


@pytest.mark.parametrize("nats", [-5.0, 3.0])
def test_it_does_not_matter_how_loud_both_are(nats):
    louder = LoudnessDifference(noise() + nats, RATE)(noise(1) + nats)
    assert louder == pytest.approx(LoudnessDifference(noise(), RATE)(noise(1)), rel=1e-4)


@pytest.mark.parametrize("name", AUDIO_LOSSES)
def test_no_input_is_changed(name):
    reference, other = noise(), noise(1) - 6
    before, kept = other.clone(), reference.clone()
    difference = made(name, reference)
    first = difference(other)
    difference.value_and_gradient(other)
    difference.by_bin(other)
    assert torch.equal(other, before) and torch.equal(reference, kept)
    assert difference(other) == first
