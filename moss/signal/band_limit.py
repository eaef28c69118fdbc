"""What lies in a band of frequencies, and nothing of what lies outside of it."""

import math

import torch


def band_limited(
    waveform: torch.Tensor, low_hz: float, high_hz: float, sample_rate: int, taper_hz: float
) -> torch.Tensor:
    """Return what `waveform` (..., samples) has from `low_hz` to `high_hz`, and exactly no more.

    All of it is one spectrum. Inside of the band, the first and the last `taper_hz` fade by a
    raised cosine, so that what is sudden does not ring for long; there is no fade at 0 Hz and at
    half the sample rate.
    """
    samples = waveform.shape[-1]
    hz = torch.fft.rfftfreq(samples, 1 / sample_rate, device=waveform.device, dtype=torch.float64)
    inside = torch.ones_like(hz)
    if low_hz > 0:
        inside *= _rise((hz - low_hz) / taper_hz)
    if high_hz < sample_rate / 2:
        inside *= _rise((high_hz - hz) / taper_hz)
    spectrum = torch.fft.rfft(waveform) * inside.to(waveform.dtype)
    return torch.fft.irfft(spectrum, n=samples)


def _rise(place: torch.Tensor) -> torch.Tensor:
    """Return 0 up to 0, 1 from 1 on, and a raised cosine between."""
    return (1 - torch.cos(math.pi * place.clamp(0, 1))) / 2
