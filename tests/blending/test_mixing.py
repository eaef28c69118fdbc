"""Mask 0 is the audio, mask 1 the picture, and outside the band the audio stays."""

from dataclasses import replace

import pytest
import torch

from moss.blending.mixing import (
    LEAN_RATIO,
    LEAST_BRIGHTNESS,
    lean_of,
    lean_share,
    lean_slope,
    mixture_of,
)

MIXINGS = ["log", "linear"]
BAND = slice(5, 30)
SHAPE = (40, 24)


def parts(seed=0):
    generator = torch.Generator().manual_seed(seed)
    audio = -4 + 3 * torch.randn(SHAPE, generator=generator)
    picture = torch.rand(BAND.stop - BAND.start, SHAPE[1], generator=generator)
    mask = torch.rand(picture.shape, generator=generator)
    return audio, picture, mask


@pytest.mark.parametrize("mixing", MIXINGS)
def test_mask_0_is_the_audio(mixing):
    audio, picture, mask = parts()
    mixture = mixture_of(audio, picture, BAND, mixing=mixing)
    mixed = mixture.log_magnitude(torch.zeros_like(mask))
    # exp and log in float32 each round a value of up to 20 nats once.
    torch.testing.assert_close(mixed, mixture.audio, rtol=0, atol=0 if mixing == "log" else 1e-5)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_mask_1_is_the_picture_in_the_band(mixing):
    audio, picture, mask = parts()
    mixture = mixture_of(audio, picture, BAND, mixing=mixing)
    mixed = mixture.in_band(torch.ones_like(mask))
    torch.testing.assert_close(mixed, mixture.image, rtol=0, atol=1e-5)  # float32 at 20 nats
    shown = mixture.display.normalised(mixed)
    torch.testing.assert_close(shown, picture, rtol=0, atol=1e-5)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_outside_the_band_the_audio_stays(mixing):
    audio, picture, mask = parts()
    mixture = mixture_of(audio, picture, BAND, mixing=mixing)
    mixed = mixture.log_magnitude(mask)
    assert torch.equal(mixed[: BAND.start], mixture.audio[: BAND.start])
    assert torch.equal(mixed[BAND.stop :], mixture.audio[BAND.stop :])
    assert torch.equal(mixed[BAND], mixture.in_band(mask))


def test_log_mixing_is_linear_in_nats():
    audio, picture, mask = parts()
    mixture = mixture_of(audio, picture, BAND, mixing="log")
    expected = (1 - mask) * mixture.audio_in_band + mask * mixture.image
    torch.testing.assert_close(mixture.in_band(mask), expected, rtol=0, atol=1e-5)  # float32


def test_linear_mixing_is_linear_in_magnitudes():
    audio, picture, mask = parts()
    mixture = mixture_of(audio, picture, BAND, mixing="linear")
    expected = (1 - mask) * mixture.audio_in_band.exp() + mask * mixture.image.exp()
    torch.testing.assert_close(mixture.in_band(mask).exp(), expected, rtol=1e-5, atol=0)  # float32


@pytest.mark.parametrize("mixing", MIXINGS)
@pytest.mark.parametrize("gamma", [0.5, 1.8])
def test_gamma_bends_what_is_mixed_and_not_what_is_wanted(mixing, gamma):
    audio, picture, _ = parts()
    mixture = mixture_of(audio, picture, BAND, gamma=gamma, mixing=mixing)
    assert torch.equal(mixture.picture, picture)
    shown = mixture.display.normalised(mixture.image)
    torch.testing.assert_close(shown, picture**gamma, rtol=0, atol=1e-5)  # float32 at 12 nats


@pytest.mark.parametrize("range_nats", [6.0, 12.0])
def test_range_ends_half_a_neper_under_the_loudest_bin(range_nats):
    audio, picture, _ = parts()
    mixture = mixture_of(audio, picture, BAND, range_nats=range_nats)
    peak = audio.max().item()
    assert mixture.display.high == pytest.approx(peak - 0.5)
    assert mixture.display.low == pytest.approx(peak - 0.5 - range_nats)
    assert mixture.audio.min().item() == pytest.approx(max(mixture.display.low, audio.min().item()))
    assert mixture.audio.max().item() == peak


def test_white_lies_as_far_under_the_loudest_bin_as_is_said():
    audio, picture, _ = parts()
    mixture = mixture_of(audio, picture, BAND, white_nats=3.0, range_nats=9.5)
    peak = audio.max().item()
    assert mixture.display.high == pytest.approx(peak - 3)
    assert mixture.display.low == pytest.approx(peak - 12.5)


# The lean


def leaning(**changes):
    audio, picture, mask = parts()
    return mixture_of(audio, picture, BAND, audio_loss="heard", **changes), mask


def test_only_a_heard_loss_and_log_mixing_lean():
    assert leaning()[0].lean is not None
    assert leaning(mixing="linear")[0].lean is None
    assert mixture_of(*parts()[:2], BAND).lean is None


def test_the_track_and_the_pure_picture_do_not_lean():
    mixture, mask = leaning()
    straight = replace(mixture, lean=None)
    for end in (torch.zeros_like(mask), torch.ones_like(mask)):
        assert not lean_share(end).any()
        assert torch.equal(mixture.in_band(end), straight.in_band(end))
    between = mixture.in_band(0.5 + 0 * mask) - straight.in_band(0.5 + 0 * mask)
    assert between.abs().max() > 0.01


def test_the_lean_is_toward_the_music_and_at_most_the_ratio():
    """Of the picture's brightness around, which its blur tells; a little also where it is black."""
    mixture, _ = leaning(gamma=1.8)
    span = mixture.display.high - mixture.display.low
    for picture, level, sign in ((0.2, 0.8, 1), (0.8, 0.2, -1), (0.0, 1.0, 1), (0.5, 0.5, 0)):
        brightness = torch.full_like(mixture.picture, picture)
        audio = torch.full_like(brightness, mixture.display.low + level * span)
        lean = lean_of(audio, brightness, mixture.display) / span
        around = max(picture, LEAST_BRIGHTNESS)
        expected = around * (LEAN_RATIO**sign - 1)  # so far apart, tanh is nearly 1
        assert lean == pytest.approx(torch.full_like(lean, expected), abs=0.03 * around)
        assert (lean <= around * (LEAN_RATIO - 1) + 1e-6).all()
        assert (lean >= around * (1 / LEAN_RATIO - 1) - 1e-6).all()


def test_the_lean_is_smooth():
    """Its windows of 11 bins hold it nearly constant, so that contrast stays."""
    mixture, _ = leaning()
    steps = torch.cat([mixture.lean.diff(dim=axis).abs().flatten() for axis in (0, 1)])
    assert steps.max() < 0.05 * (mixture.display.high - mixture.display.low) / 10


def test_the_slope_of_the_share_is_its_derivative():
    mask = torch.linspace(0, 1, 11, dtype=torch.float64).requires_grad_()
    lean_share(mask).sum().backward()
    torch.testing.assert_close(lean_slope(mask.detach()), mask.grad)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_the_pure_picture_is_one_heard_difference_away(mixing):
    mixture, mask = leaning(mixing=mixing)
    assert mixture.difference(mixture.audio.T) == 0
    pure = mixture.log_magnitude(torch.ones_like(mask))
    assert mixture.difference(pure.T) == pytest.approx(1, abs=1e-5)  # float32
    assert mixture_of(*parts()[:2], BAND).unit == 1


@pytest.mark.parametrize("mixing", MIXINGS)
def test_extreme_levels_stay_finite(mixing):
    """A nearly silent track with one loud bin, under a black picture with one white pixel."""
    audio, picture, mask = parts()
    audio[:], picture[:] = -20.7, 0
    audio[7, 3], picture[2, 2] = 7, 1
    mixture = mixture_of(audio, picture, BAND, range_nats=20.0, gamma=10.0, mixing=mixing)
    for level in (torch.zeros_like(mask), mask, torch.ones_like(mask)):
        assert mixture.log_magnitude(level).isfinite().all()


@pytest.mark.parametrize("mixing", MIXINGS)
def test_no_input_is_changed(mixing):
    audio, picture, mask = parts()
    before = [x.clone() for x in (audio, picture, mask)]
    mixture = mixture_of(audio, picture, BAND, gamma=1.8, mixing=mixing)
    kept = mixture.audio.clone()
    mixture.log_magnitude(mask)
    assert all(map(torch.equal, (audio, picture, mask), before))
    assert torch.equal(mixture.audio, kept)
