"""Estimates along a front, corrected by what was measured of a few."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.calibration import CALIBRATION_POINTS, Calibration
from moss.blending.mask import MaskBasis
from moss.blending.objectives import ExactLosses
from moss.blending.search import front_from, search
from tests.small import SMALL, small_pair


@pytest.fixture
def exact():
    """Losses of a front of 60 points."""
    visual = np.linspace(1, 0, 60)
    return np.stack((visual, 1 - np.sqrt(1 - (1 - visual) ** 2)), axis=1)


@pytest.fixture
def estimates(exact):
    """The same, off by what changes slowly along the front."""
    return exact + 0.05 * np.stack((exact[:, 1] ** 2, np.sin(2 * exact[:, 0])), axis=1)


def test_a_measured_loss_is_what_was_measured(exact, estimates):
    calibration = Calibration(estimates)
    places = calibration.unmeasured(CALIBRATION_POINTS)
    assert {0, len(exact) - 1} <= set(places)
    calibration.take(places, exact[places])
    assert np.array_equal(calibration.losses[places], exact[places])


def test_the_others_are_corrected_as_their_neighbours_tell(exact, estimates):
    calibration = Calibration(estimates)
    assert np.array_equal(calibration.losses, estimates)
    places = calibration.unmeasured(CALIBRATION_POINTS)
    calibration.take(places, exact[places])
    before, after = (np.abs(losses - exact).max() for losses in (estimates, calibration.losses))
    assert after < before / 10


def test_nothing_is_measured_twice(exact, estimates):
    calibration = Calibration(estimates)
    first = calibration.unmeasured(CALIBRATION_POINTS)
    calibration.take(first, exact[first])
    assert not set(calibration.unmeasured(7)) & set(first)


def test_a_search_measures_some_points_of_its_front_and_corrects_the_others():
    settings = replace(SMALL, population_size=60, audio_weights=30)
    mixture = small_pair(settings).mixture
    front = front_from(list(search(mixture, settings))[-1])
    assert len(front.losses) > CALIBRATION_POINTS + settings.representatives
    basis = MaskBasis(tuple(mixture.picture.shape), settings.grid_shape, settings.smoothing_sigma)
    exact = ExactLosses(mixture, basis)
    off = np.abs(front.losses - [exact(torch.from_numpy(mask) / 255) for mask in front.masks])
    # A point that another one dominates by its measured losses is gone.
    assert (off.max(axis=1) < 1e-6).sum() >= CALIBRATION_POINTS
    assert np.median(off[:, 0]) < 0.002 and np.median(off[:, 1]) < 0.01
    assert off.max() < 0.1
