"""Mask 0 is the audio, mask 1 the picture, and outside the band the audio stays."""

import pytest
import torch

from moss.blending.mixing import mixture_of

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
