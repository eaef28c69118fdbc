"""Wishes: how they are spelled, what they do to a grid, and that every mask of a search obeys."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.bounds import bounds_of
from moss.blending.mask import MaskBasis
from moss.blending.objectives import ExactLosses
from moss.blending.search import front_from, search
from moss.errors import InputError
from moss.settings.blend import BlendSettings
from moss.settings.wishes import EXAMPLE, MAX_WISHES, Wish, wishes_from
from tests.small import SMALL, small_pair

# How they are spelled


def test_the_example_spells_a_music_and_a_picture_wish():
    expected = Wish("music", 1.5, 4.0, 0.0, 800.0), Wish("picture", 6.0, 8.0, 2000.0, 11025.0)
    assert wishes_from(EXAMPLE) == expected


@pytest.mark.parametrize("text", ["", " ", "\n", ";", " ; ;\n"])
def test_nothing_is_no_wish(text):
    assert wishes_from(text) == ()


def test_space_does_not_matter_where_there_may_be_some():
    spaced = " music\t1.5 - 4   0 -800 ;\n\npicture 6-8 2000-11025. ; "
    assert wishes_from(spaced) == wishes_from(EXAMPLE)


def test_many_wishes_are_fine():
    assert len(wishes_from(";".join(["music 0-1 0-100"] * MAX_WISHES))) == MAX_WISHES


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("music", "music"),
        ("Music 1-2 0-800", "Music"),
        ("noise 1-2 0-800", "noise"),
        ("music 1-2", "music 1-2"),
        ("music 1-2 0-800 5", "music 1-2"),
        ("music -1-2 0-800", "-1"),
        ("music 1e3-2e3 0-800", "1e3"),
        ("music nan-inf 0-800", "nan"),
        ("music 1,5-2 0-800", "1,5"),
        ("music 1-2 0-8000000000", "8000000000"),
        ("music ١-٢ 0-800", "music"),
        ("music 1-2 0-800, picture 2-3 0-800", "music 1-2"),
        ("music 2-1 0-800", "lesser"),
        ("music 2-2 0-800", "lesser"),
        ("music 1-2 800-800", "lesser"),
        (";".join(["music 0-1 0-100"] * (MAX_WISHES + 1)), str(MAX_WISHES)),
        ("x" * 100_000, "xxx"),
    ],
)
def test_what_is_no_wish_is_refused_in_a_sentence_with_one_that_works(text, word):
    with pytest.raises(InputError) as raised:
        BlendSettings(wishes=text)
    sentence = str(raised.value)
    assert word in sentence and sentence.endswith(".") and len(sentence) < 200
    assert EXAMPLE in sentence or str(MAX_WISHES) in sentence


# What they do to a grid

# Areas larger than a cell, in 3 s and 4000 Hz of 16 x 16 cells.
AREAS = ["0-3 0-4000", "0-1.5 0-4000", "1-2 1000-3000", "0.9-1.4 0-400", "2.5-3 3500-4000"]
VARIANTS = {
    "default": {},
    "no blur": {"smoothing_sigma": 0.0},
    "wide blur": {"smoothing_sigma": 8.0},
    "narrow band": {"low_hz": 300.0, "high_hz": 3700.0},
    "fine grid": {"grid_height": 64, "grid_width": 64},
}


def basis_of(settings):
    frames = 1 + int(settings.duration_s * settings.sample_rate) // settings.hop_length
    shape = settings.band_bins, frames
    return MaskBasis(shape, settings.grid_shape, settings.smoothing_sigma)


def bounds(settings, text):
    return bounds_of(wishes_from(text), basis_of(settings), settings)


def inside(settings, text):
    """Which bins (band, time) of the spectrogram a wish covers."""
    (wish,) = wishes_from(text)
    rows, frames = basis_of(settings).shape
    hz = (settings.band.start + np.arange(rows)) * settings.sample_rate / settings.n_fft
    seconds = np.arange(frames) * settings.hop_length / settings.sample_rate
    return np.outer(
        (hz >= wish.low_hz) & (hz <= wish.high_hz),
        (seconds >= wish.start_s) & (seconds <= wish.end_s),
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("area", AREAS)
def test_inside_a_wish_no_mask_is_farther_than_2_percent(variant, area):
    settings = replace(SMALL, **VARIANTS[variant])
    within = inside(settings, f"music {area}")
    assert within.sum() > 20
    for kind, opposite in (("music", 1.0), ("picture", 0.0)):
        low, high = bounds(settings, f"{kind} {area}")
        # Of all grids between the bounds, the one that is as far from the wish as can be.
        worst = torch.full_like(low, opposite).clamp(low, high)
        mask = basis_of(settings).mask(worst).numpy()[within]
        assert np.abs(mask - (1 - opposite)).max() <= 0.02


@pytest.mark.parametrize("area", AREAS[2:])
def test_away_from_a_wish_every_mask_is_possible(area):
    low, high = bounds(SMALL, f"music {area}")
    (wish,) = wishes_from(f"music {area}")
    # Two cells and the four sigmas that the blur reaches, on every side.
    around_s, around_hz = 2 * 3 / 32 + 12 * 128 / 8000, 2 * 4000 / 16 + 12 * 8000 / 512
    start_s, low_hz = max(0, wish.start_s - around_s), max(0, wish.low_hz - around_hz)
    end_s, high_hz = wish.end_s + around_s, wish.high_hz + around_hz
    away = ~inside(SMALL, f"music {start_s:.3f}-{end_s:.3f} {low_hz:.3f}-{high_hz:.3f}")
    assert away.sum() > 1000 and not low.any()
    mask = basis_of(SMALL).mask(high).numpy()
    assert mask[away].min() >= 0.98


@pytest.mark.parametrize("kinds", [("music", "picture"), ("picture", "music")])
def test_a_later_wish_wins_where_both_pull(kinds):
    first, second = kinds
    low, high = bounds(SMALL, f"{first} 0-3 0-4000; {second} 1-2 1000-3000")
    assert torch.equal(low, high)
    mask = basis_of(SMALL).mask(low).numpy()
    wanted = float(second == "picture")
    assert np.abs(mask[inside(SMALL, f"{second} 1-2 1000-3000")] - wanted).max() <= 0.02
    assert abs(mask[0, 0] - (1 - wanted)) <= 0.02


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", SMALL),
        ("music 3.5-9 0-4000", SMALL),
        ("picture 0-3 4001-9000", SMALL),
        ("music 0-3 0-300", replace(SMALL, low_hz=500.0)),
        ("music 0-3 2700-4000", replace(SMALL, high_hz=2500.0)),
    ],
)
def test_outside_the_part_and_the_band_a_wish_changes_nothing(text, settings):
    low, high = bounds(settings, text)
    assert not low.any() and (high == 1).all()


def test_a_wish_that_reaches_over_the_edge_counts_up_to_it():
    over, within = (bounds(SMALL, f"picture {area}") for area in ("2-99 0-99999", "2-3 0-4000"))
    assert all(map(torch.equal, over, within))


def test_a_wish_smaller_than_a_bin_still_counts():
    low, _ = bounds(SMALL, "picture 1.5-1.501 2000-2000.5")
    assert low.any()


# Every mask of a search obeys

WISHES = "music 0-1.2 0-4000; picture 2-2.8 800-3000"
SEARCHES = {
    "default": {},
    "published operators": {"operators": "published"},
    "linear mixing": {"mixing": "linear", "population_size": 8},
    "no descent": {"descent_steps": 0},
    "no evolution": {"generations": 0},
}


def losses_of(settings, mask):
    mixture = small_pair(settings).mixture
    return ExactLosses(mixture, basis_of(settings))(torch.from_numpy(mask) / 255)


@pytest.mark.parametrize("variant", SEARCHES)
def test_every_mask_of_every_event_obeys(variant, monkeypatch):
    monkeypatch.setattr("moss.blending.tally.MASKS_S", 0.0)
    monkeypatch.setattr("moss.blending.tally.EVENT_S", 0.0)
    settings = replace(SMALL, wishes=WISHES, **SEARCHES[variant])
    low, high = (255 * bound.numpy() for bound in bounds(settings, WISHES))
    assert (low == high).any() and (low < high).any()
    told = [
        event for event in search(small_pair(settings).mixture, settings) if event.masks is not None
    ]
    assert {event.stage for event in told} >= {"seeding", "front"}
    for event in told:
        assert ((event.masks >= low) & (event.masks <= high)).all()
    front = front_from(told[-1])
    assert len(front.masks) >= 4
    # Its ends are as near to the anchors as the wishes let them be; at the edge of music a
    # little less of the picture may show more of it.
    assert (front.masks[0] == low).all()
    assert front.losses[-1, 0] <= losses_of(settings, high)[0] + 1e-6


@pytest.mark.parametrize("kind", ["music", "picture"])
def test_wishes_for_everything_leave_one_mask(kind):
    settings = replace(SMALL, wishes=f"{kind} 0-3 0-4000")
    front = front_from(list(search(small_pair(settings).mixture, settings))[-1])
    assert len(front.masks) == 1
    assert (front.masks[0] == (255 if kind == "picture" else 0)).all()


@pytest.mark.parametrize("area", [*AREAS, "1-600 0-4000"])
def test_left_and_right_both_obey(area):
    settings = replace(SMALL, channel="left-right")
    prepared = small_pair(settings)
    basis = MaskBasis(prepared.mixture.picture.shape, settings.grid_shape, settings.smoothing_sigma)
    low, high = bounds_of(wishes_from(f"music {area}"), basis, settings)
    mask = basis.mask(high).numpy()  # as far from the wish as can be
    within = inside(SMALL, f"music {area}")
    for start in settings.carrier_starts:
        first = start // settings.hop_length
        own = mask[:, first : first + within.shape[1]]
        assert own[within].max() <= 0.02
    assert not low.any() and (within.all() or mask.max() >= 0.98)
