"""One loudness for a set of sounds, and no sample or reconstructed peak above -1 dBTP."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torchaudio.functional import loudness as bs1770
from torchaudio.functional import resample

from moss.parallel import check_wanted

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


@dataclass(frozen=True)
class Level:
    """How loud a sound is, in LUFS, and its true peak, as an amplitude."""

    loudness_lufs: float
    true_peak: float

    @property
    def figures(self) -> dict[str, float | None]:
        """What a summary says of it, as JSON has it: None is the loudness of silence."""
        return {
            "loudness_lufs": self.loudness_lufs if math.isfinite(self.loudness_lufs) else None,
            "true_peak_dbtp": decibels(self.true_peak),
        }


def level_of(waveform: torch.Tensor, sample_rate: int) -> Level:
    """Return the level of `waveform` (channels, samples)."""
    loudness_lufs = integrated_loudness(waveform, sample_rate)
    check_wanted()
    return Level(loudness_lufs, true_peak(waveform, sample_rate))


def matched_gains(levels: Sequence[Level], wanted_lufs: float) -> list[float]:
    """Return the factors that give sounds of these `levels` one loudness, the wanted or less.

    It is `wanted_lufs` where that leaves every sound a true peak of at most -1 dBTP; otherwise
    one common factor lowers them all.
    """
    gains, peaks = [], []
    for level in levels:
        audible = min(level.loudness_lufs, wanted_lufs) > SILENCE_LUFS
        gains.append(10 ** ((wanted_lufs - level.loudness_lufs) / 20) if audible else 1.0)
        peaks.append(gains[-1] * level.true_peak)
    common = min(1.0, PEAK_CEILING / max(peaks)) if max(peaks, default=0) > 0 else 1.0
    return [gain * common for gain in gains]
