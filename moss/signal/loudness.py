"""One loudness for a set of sounds, and no sample or reconstructed peak above -1 dBTP.

`torchaudio.functional.loudness` is not used: it raises RuntimeError for sounds under 0.4 s, clips
what is over full scale, is off by 0.01 LU in float32, and takes 2 GB more and ten times as long
for ten minutes of stereo (`python -m benchmarks.hand_made loudness`).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn.functional import pad
from torchaudio.functional import highpass_biquad, resample, treble_biquad

from moss.parallel import check_cancelled

PEAK_CEILING = 10 ** (-1 / 20)  # -1 dBTP, which EBU R 128 asks for
PUBLISHED_PEAK = 0.9  # what the published method leaves each sound at
# The K weighting of BS.1770-4, annex 1: a shelf that stands for the head, and a high pass. The
# standard gives coefficients for 48 kHz only; these are the filters for any sample rate that
# torchaudio.functional.loudness has.
SHELF_DB, SHELF_HZ, SHELF_Q = 4.0, 1500.0, 1 / math.sqrt(2)
HIGHPASS_HZ, HIGHPASS_Q = 38.0, 0.5
BLOCK_S = 0.4  # of the gates of BS.1770-4, as all down to the offset
BLOCK_OVERLAP = 0.75
BLOCKS_AT_ONCE = 45  # 5 seconds, just under a power of two samples at the usual rates
SETTLING_S = 0.25  # until the filters forget: their response is 500 dB down
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LU = -0.691  # of the K weighting at 997 Hz
UNCLIPPED_PEAK = 0.25  # of an impulse, which torchaudio's filters would clip at full scale
OVERSAMPLING = 4  # of the true peak meter in BS.1770-4, annex 2
OVERSAMPLED_AT_ONCE = 1 << 20  # samples, a multiple of PEAK_BLOCK
OVERSAMPLING_REACH = 16  # samples, more than half of the filter
OVERSHOOT = 1.87  # no peak between samples is higher over them: the filter's absolute taps add up
PEAK_BLOCK = 128  # samples that are oversampled together, or not at all
SILENCE_LUFS = -120.0  # quieter is silence: matching it would only raise noise
LEAST_AMPLITUDE = 1e-10  # -200 dB, which stands for silence where a number is needed


def decibels(amplitude: float) -> float:
    """Return 20 lg of `amplitude`, at least -200: a file says a number even of silence."""
    return 20 * math.log10(max(amplitude, LEAST_AMPLITUDE))


def integrated_loudness(waveform: torch.Tensor, sample_rate: int) -> float:
    """Return the loudness of `waveform`, one or two channels, in LUFS by ITU-R BS.1770-4.

    Sounds shorter than one block of 0.4 s, and sounds that its gates leave empty, get their
    mean square level instead, -0.691 + 10 lg of its sum over channels; silence is -inf.
    """
    if waveform.shape[-1] >= BLOCK_S * sample_rate:
        energies = torch.cat(list(_block_energies(waveform, sample_rate)), dim=-1)
        measured = _gated_loudness(energies)
        if math.isfinite(measured):
            return measured
    mean_square = waveform.square().mean(dim=-1).sum().item()
    return OFFSET_LU + 10 * math.log10(mean_square) if mean_square > 0 else -math.inf


def _block_energies(waveform: torch.Tensor, sample_rate: int) -> Iterator[torch.Tensor]:
    """Yield the mean K-weighted squares (channels, blocks) of all gating blocks, run by run."""
    block = round(BLOCK_S * sample_rate)
    step = round(block * (1 - BLOCK_OVERLAP))
    settling = round(SETTLING_S * sample_rate)
    count = 1 + (waveform.shape[-1] - block) // step
    for first in range(0, count, BLOCKS_AT_ONCE):
        check_cancelled()
        begin, last = first * step, min(first + BLOCKS_AT_ONCE, count) - 1
        before = min(begin, settling)
        piece = waveform[:, begin - before : last * step + block]
        # So long that what rings on after the end of the piece does not come round to its start.
        length = 1 << (piece.shape[-1] + settling - 1).bit_length()
        spectrum = torch.fft.rfft(piece, n=length).mul_(_k_weighting(length, sample_rate))
        weighted = torch.fft.irfft(spectrum, n=length)[:, before : piece.shape[-1]]
        yield weighted.square_().unfold(-1, block, step).mean(dim=-1)


@lru_cache(maxsize=4)
def _k_weighting(length: int, sample_rate: int) -> torch.Tensor:
    """Return the frequency response of the K weighting in an FFT of `length` samples."""
    impulse = torch.zeros(1, round(SETTLING_S * sample_rate), dtype=torch.float64)
    impulse[0, 0] = UNCLIPPED_PEAK
    response = treble_biquad(impulse, sample_rate, SHELF_DB, SHELF_HZ, SHELF_Q)
    response = highpass_biquad(response, sample_rate, HIGHPASS_HZ, HIGHPASS_Q) / UNCLIPPED_PEAK
    return torch.fft.rfft(response, n=length).to(torch.complex64)


def _gated_loudness(energies: torch.Tensor) -> float:
    """Return the loudness of blocks that both gates let through, not finite if there are none."""

    def lufs(energy: torch.Tensor) -> torch.Tensor:
        return OFFSET_LU + 10 * torch.log10(energy.sum(dim=0))

    def mean_of(blocks: torch.Tensor) -> torch.Tensor:
        return (blocks * energies).sum(dim=-1) / blocks.count_nonzero()

    loudness = lufs(energies)
    gated = loudness > ABSOLUTE_GATE_LUFS
    gated &= loudness > lufs(mean_of(gated)) + RELATIVE_GATE_LU
    return lufs(mean_of(gated)).item()


def true_peak(waveform: torch.Tensor, sample_rate: int) -> float:
    """Return the greatest absolute value of `waveform`, four times oversampled (BS.1770-4)."""
    peak, length = _peak_of(waveform), waveform.shape[-1]
    for first in range(0, length, OVERSAMPLED_AT_ONCE):
        check_cancelled()
        begin, last = first - OVERSAMPLING_REACH, min(first + OVERSAMPLED_AT_ONCE, length)
        piece = waveform[:, max(0, begin) : last + OVERSAMPLING_REACH]
        piece = pad(piece, (max(0, -begin), PEAK_BLOCK + OVERSAMPLING_REACH))
        blocks = piece.unfold(-1, PEAK_BLOCK + 2 * OVERSAMPLING_REACH, PEAK_BLOCK)
        low, high = blocks[:, : -(-(last - first) // PEAK_BLOCK)].aminmax(dim=-1)
        high = torch.maximum(high, -low)
        # In music few blocks come near the greatest sample; the others cannot have the peak.
        loud = blocks[:, : high.shape[1]][high * OVERSHOOT > peak]
        if len(loud):
            oversampled = resample(loud, sample_rate, OVERSAMPLING * sample_rate)
            reach = OVERSAMPLING * OVERSAMPLING_REACH
            peak = max(peak, _peak_of(oversampled[:, reach:-reach]))
    return peak


def peak_gain(waveform: torch.Tensor) -> float:
    """Return what brings `waveform` to a peak of 0.9, as published; 1 for silence."""
    peak = _peak_of(waveform)
    return PUBLISHED_PEAK / peak if peak > 0 else 1.0


def _peak_of(waveform: torch.Tensor) -> float:
    low, high = waveform.aminmax()
    return max(-low.item(), high.item())


@dataclass(frozen=True)
class Level:
    """How loud a sound is, in LUFS, and its true peak, as an amplitude."""

    loudness_lufs: float
    true_peak: float

    @property
    def figures(self) -> dict[str, float | None]:
        """The fields that a summary has of it, as JSON: None is the loudness of silence."""
        return {
            "loudness_lufs": self.loudness_lufs if math.isfinite(self.loudness_lufs) else None,
            "true_peak_dbtp": decibels(self.true_peak),
        }


def level_of(waveform: torch.Tensor, sample_rate: int) -> Level:
    """Return the level of `waveform` (channels, samples)."""
    loudness_lufs = integrated_loudness(waveform, sample_rate)
    check_cancelled()
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
