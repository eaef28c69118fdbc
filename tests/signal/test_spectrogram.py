"""The transform, its inverse and its adjoint; then agreement with torch.stft."""

import math

import pytest
import torch

from moss.signal.spectrogram import SMALLEST_MAGNITUDE, STFT, DisplayRange, log_abs, power

# (length, n_fft, hop): multiples of the hop and not, shorter than a window, many blocks of frames
SHAPES = [
    (5000, 718, 64),
    (4096, 256, 64),
    (4097, 256, 64),
    (4159, 256, 64),
    (5000, 512, 64),
    (100, 256, 64),
    (20_001, 256, 64),
    (3000, 240, 60),
]


def noise(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def reference(waveform, n_fft, hop):
    window = torch.hann_window(n_fft)
    return torch.stft(
        waveform, n_fft, hop, window=window, center=True, pad_mode="constant", return_complex=True
    )


@pytest.mark.parametrize(("length", "n_fft", "hop"), SHAPES)
def test_inverse_undoes_the_transform(length, n_fft, hop):
    waveform = noise(length)
    stft = STFT(length, n_fft, hop)
    # float32 keeps 7 digits; the transforms add up a few hundred terms and divide by 0.25 at least.
    torch.testing.assert_close(stft.inverse(stft(waveform)), waveform, rtol=0, atol=1e-5)


def test_inverse_undoes_the_transform_with_half_a_window_of_hop():
    stft = STFT(4095, 256, 128)
    waveform = noise(4095)
    # The last sample lies where the only window is 1.5e-4: rounding there is divided by that.
    torch.testing.assert_close(stft.inverse(stft(waveform))[:-8], waveform[:-8], rtol=0, atol=1e-3)


@pytest.mark.parametrize(("length", "n_fft", "hop"), SHAPES)
def test_nearest_with_nothing_changed_is_the_identity(length, n_fft, hop):
    waveform = noise(length)
    same = STFT(length, n_fft, hop).nearest(waveform, lambda spectrum, frames: None)
    torch.testing.assert_close(same, waveform, rtol=0, atol=1e-5)  # as the round trip


@pytest.mark.parametrize(("length", "n_fft", "hop"), SHAPES)
def test_nearest_is_the_inverse_of_the_changed_spectrum(length, n_fft, hop):
    waveform, stft = noise(length), STFT(length, n_fft, hop)
    factor = noise(stft.frames, stft.bins, seed=1)
    seen = torch.zeros(stft.frames)

    def change(spectrum, frames):
        seen[frames] += 1
        spectrum.mul_(factor[frames])

    changed = stft.nearest(waveform, change)
    assert (seen == 1).all()
    expected = stft.inverse(stft(waveform) * factor.T)
    torch.testing.assert_close(changed, expected, rtol=0, atol=1e-4)  # two orders of float32 sums


@pytest.mark.parametrize(("length", "n_fft", "hop"), SHAPES)
def test_inverse_is_the_least_squares_solution(length, n_fft, hop):
    stft = STFT(length, n_fft, hop)
    target = noise(stft.frames, stft.bins) + 1j * noise(stft.frames, stft.bins, seed=1)
    found = stft.inverse(target.T)
    # At the least square error the residual is orthogonal to whatever a waveform can change.
    residual = stft.nearest(found, lambda s, frames: s.sub_(target[frames]), normalise=False)
    against = stft.nearest(found, lambda s, frames: s.copy_(target[frames]), normalise=False)
    assert residual.norm() < 1e-5 * against.norm()  # float32 sums over a window


@pytest.mark.parametrize(("length", "n_fft", "hop"), SHAPES)
def test_nearest_without_normalisation_is_the_adjoint(length, n_fft, hop):
    """<x, S* y> = 1/n sum of w_k Re(conj(S x) y): each bin counts with its mirror image.

    irfft stands for the whole spectrum, so that every bin but 0 and n_fft / 2 has w_k = 2.
    """
    waveform, stft = noise(length), STFT(length, n_fft, hop)
    target = noise(stft.frames, stft.bins, seed=1) + 1j * noise(stft.frames, stft.bins, seed=2)
    back = stft.nearest(
        noise(length, seed=3), lambda s, frames: s.copy_(target[frames]), normalise=False
    )
    weight = torch.full((stft.bins, 1), 2.0)
    weight[0] = weight[-1] = 1.0
    forward = weight * (stft(waveform).conj() * target.T).real / n_fft
    # Both sides are sums of thousands of float32 terms of both signs.
    scale = waveform.norm() * back.norm()
    assert abs((waveform @ back).item() - forward.sum().item()) < 1e-5 * scale


@pytest.mark.parametrize(("length", "n_fft", "hop"), SHAPES)
def test_agrees_with_torch(length, n_fft, hop):
    waveform, stft = noise(length), STFT(length, n_fft, hop)
    expected = reference(waveform, n_fft, hop)
    assert expected.shape == (stft.bins, stft.frames)
    # The same FFT on the same frames; only the blocks differ.
    torch.testing.assert_close(stft(waveform), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("length", "n_fft", "hop"), SHAPES)
def test_log_magnitude_is_the_logarithm_of_the_transform(length, n_fft, hop):
    waveform = noise(length)
    found = STFT(length, n_fft, hop).log_magnitude(waveform)
    # Compared as magnitudes: near a zero of the spectrum the logarithm of rounding is anything.
    torch.testing.assert_close(
        found.exp(), reference(waveform, n_fft, hop).abs(), rtol=1e-5, atol=1e-4
    )


def test_low_frequencies_come_first():
    stft = STFT(4096, 256, 64)
    tone = torch.sin(2 * math.pi * 10 / 256 * torch.arange(4096))
    assert (stft.log_magnitude(tone)[:, 4:-4].argmax(dim=0) == 10).all()


def test_silence_has_the_smallest_magnitude_everywhere():
    log_magnitude = STFT(4096, 256, 64).log_magnitude(torch.zeros(4096))
    # ln of a float32 square: 7 digits of -20.7
    torch.testing.assert_close(
        log_magnitude,
        torch.full_like(log_magnitude, math.log(SMALLEST_MAGNITUDE)),
        rtol=1e-5,
        atol=0,
    )


def test_power_and_logarithm_are_those_of_abs_and_finite_at_zero():
    spectrum = torch.tensor([0j, 3 + 4j, -2e-3j])
    floor = SMALLEST_MAGNITUDE
    expected = spectrum.abs().clamp_min(floor)
    torch.testing.assert_close(power(spectrum), expected**2)
    torch.testing.assert_close(log_abs(spectrum), expected.log())


def test_no_input_is_changed():
    waveform, stft = noise(4096), STFT(4096, 256, 64)
    spectrum = stft(waveform)
    before, spectrum_before = waveform.clone(), spectrum.clone()
    stft.inverse(spectrum)
    stft.log_magnitude(waveform)
    stft.nearest(waveform, lambda s, frames: s.zero_())
    assert torch.equal(waveform, before)
    assert torch.equal(spectrum, spectrum_before)


@pytest.mark.parametrize(("n_fft", "hop"), [(255, 100), (256, 256), (256, 129)])
def test_a_hop_that_leaves_gaps_is_refused(n_fft, hop):
    with pytest.raises(ValueError, match="hop_length"):
        STFT(4096, n_fft, hop)


def test_display_range_ends_half_a_neper_under_the_peak():
    log_magnitude = torch.tensor([[-30.0, 2.0], [1.5, -4.5]])
    display = DisplayRange.below_peak(log_magnitude, 12.0)
    assert (display.low, display.high) == (-10.5, 1.5)
    expected = torch.tensor([[0.0, 1.0], [1.0, 0.5]])
    assert torch.equal(display.normalised(log_magnitude), expected)
    assert log_magnitude[0, 0] == -30
