"""One loudness for a set of sounds, and no sample or reconstructed peak above -1 dBTP."""

import math
from collections.abc import Callable

import torch
from torchaudio.functional import loudness as bs1770
from torchaudio.functional import resample

PEAK_CEILING = 10 ** (-1 / 20)  # -1 dBTP, which EBU R 128 asks for
SHORTEST_S = 0.4  # one gating block of BS.1770
UNCLIPPED_PEAK = 0.25  # far enough under full scale for the K weighting's 4 dB and its ringing
OVERSAMPLING = 4  # of the true peak meter in BS.1770-4, annex 2
SILENCE_LUFS = -120.0  # quieter is silence: matching it would only raise noise


def decibels(amplitude: float) -> float:
    """Return 20 lg of `amplitude`, at least -200: a file says a number even of silence."""
    return 20 * math.log10(max(amplitude, 1e-10))


def integrated_loudness(waveform: torch.Tensor, sample_rate: int) -> float:
    """Return the loudness of `waveform` (channels, samples) in LUFS by ITU-R BS.1770-4.

    Sounds shorter than one block of 0.4 s, and sounds that its gates leave empty, get their
    mean square level instead, -0.691 + 10 lg of its sum over channels; silence is -inf.
    """
    if waveform.shape[-1] >= SHORTEST_S * sample_rate:
        # Its filters clip at full scale, so a loud sound is measured at a lower level.
        scale = max(1.0, waveform.abs().max().item() / UNCLIPPED_PEAK)
        measured = bs1770(waveform / scale, sample_rate).item()
        if math.isfinite(measured):
            return measured + decibels(scale)
    mean_square = waveform.square().mean(dim=-1).sum().item()
    return -0.691 + 10 * math.log10(mean_square) if mean_square > 0 else -math.inf


def true_peak(waveform: torch.Tensor, sample_rate: int) -> float:
    """Return the greatest absolute value of `waveform`, four times oversampled (BS.1770-4)."""
    oversampled = resample(waveform, sample_rate, OVERSAMPLING * sample_rate)
    return max(oversampled.abs().max().item(), waveform.abs().max().item())


def matched_gains(
    sounds: list[torch.Tensor],
    reference: torch.Tensor,
    sample_rate: int,
    map_over: Callable = map,
) -> list[float]:
    """Return the factors that give `sounds` one loudness: the reference's, or less.

    It is the loudness of `reference` where that leaves every sound a true peak of at most
    -1 dBTP; otherwise one common factor lowers them all. Sounds are (channels, samples).
    `map_over(function, sounds)` may measure them side by side.
    """
    wanted = integrated_loudness(reference, sample_rate)

    def measured(sound):
        return integrated_loudness(sound, sample_rate), true_peak(sound, sample_rate)

    gains, peaks = [], []
    for found, peak in map_over(measured, sounds):
        audible = min(found, wanted) > SILENCE_LUFS
        gains.append(10 ** ((wanted - found) / 20) if audible else 1.0)
        peaks.append(gains[-1] * peak)
    common = min(1.0, PEAK_CEILING / max(peaks)) if max(peaks, default=0) > 0 else 1.0
    return [gain * common for gain in gains]
