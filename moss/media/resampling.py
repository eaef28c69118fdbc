"""A waveform at another sample rate, by one filter that is the same everywhere."""

import math
from fractions import Fraction

import torch
from torchaudio.functional import resample

# A Kaiser-windowed sinc: flat to 0.94 of the lower Nyquist frequency, -100 dB above it.
FILTER_WIDTH = 128
ROLLOFF = 0.975
KAISER_BETA = 10.06
MAX_KERNEL_SIZE = 4_000_000  # 16 MB; a prime sample rate would ask for gigabytes


def frames_per_sample(rate: int, sample_rate: int) -> Fraction:
    """Return rate / sample_rate, or the nearest ratio whose filter fits into memory."""
    exact = Fraction(rate, sample_rate)
    if exact.numerator * exact.denominator <= MAX_KERNEL_SIZE:
        return exact
    return exact.limit_denominator(max(1, math.isqrt(int(MAX_KERNEL_SIZE / exact))))


def filter_reach(ratio: Fraction) -> int:
    """Return how many samples on each side of it one sample of `resampled` depends on."""
    return math.ceil(FILTER_WIDTH / ROLLOFF * max(Fraction(1), ratio)) + 1


def resampled(waveform: torch.Tensor, ratio: Fraction) -> torch.Tensor:
    """Return `waveform` (channels, samples) with every `ratio` samples become one, without delay.

    There are ceil(samples / ratio) of them; sample 0 stays where it is, and before the first and
    after the last sample there is silence.
    """
    return resample(
        waveform,
        ratio.numerator,
        ratio.denominator,
        lowpass_filter_width=FILTER_WIDTH,
        rolloff=ROLLOFF,
        resampling_method="sinc_interp_kaiser",
        beta=KAISER_BETA,
    )
