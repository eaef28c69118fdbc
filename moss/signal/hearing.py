"""How different two sounds are: by what is heard of them, or by their log spectrograms.

Both functions take log magnitudes frame by frame, (time, freq) in nats, and compare them with one
fixed reference. Each gives its value, its gradient, and what each bin has to do with it.
"""

from __future__ import annotations

from copy import copy
from typing import Protocol

import numpy as np
import torch

LISTENING_DB_SPL = 70.0  # the level that the mean power of the reference is listened to
COMPRESSION = 0.2  # specific loudness grows with this power of excitation (Glasberg, Moore)
CAMS_APART = 1.0  # from one auditory filter to the next, on the scale of their bandwidths
LEAST_FILTER_GAIN = 1e-6  # -60 dB, which is under all other slopes of hearing
QUIETEST_HZ = 20.0  # the threshold in quiet has a formula from here on
GREATEST_THRESHOLD_DB = 90.0  # it rises beyond all measure toward the ends of hearing
LEAST_SHARE = 0.1  # of a frame's mean loudness in all frames': quieter ones are smoothed alike
SMOOTHING = 0.05  # of a frame's mean specific loudness: smaller differences are squared
HUBER_NATS = 0.2  # within it a log difference is squared, so that steps shrink near the target
TINY = 1e-30  # guards against 0 / 0 of powers

AUDIO_LOSSES = ("heard", "log")  # the names of the two


class SoundDifference(Protocol):
    """How different a sound is from a reference.

    Attributes
    ----------
    levels : how many evenly spaced mask values tell how it grows along a blend. Between them it is
        taken as straight.
    """

    levels: int

    def __call__(self, log_magnitude: torch.Tensor, first: int = 0) -> float:
        """Return the difference of `log_magnitude` (time, freq).

        Of fewer frames than the reference has, which begin at its frame `first`, it is what they
        add to the difference of all.
        """

    def value_and_gradient(
        self, log_magnitude: torch.Tensor, first: int = 0
    ) -> tuple[float, torch.Tensor]:
        """Return the difference and its gradient (time, freq), smooth near zero."""

    def by_bin(self, log_magnitude: torch.Tensor, first: int = 0) -> torch.Tensor:
        """Return what each bin contributes (time, freq), which sums to the difference."""

    def at(self, frames: torch.Tensor) -> SoundDifference:
        """Return the difference from these frames (n,) of the reference, side by side.

        A change of all frames counts as much as it would of all frames of the whole.
        """


class LogDifference:
    """The published loss: the mean absolute difference of log magnitudes, in nats.

    It is linear along a blend of log magnitudes, and treats every linear bin alike.

    Parameters
    ----------
    reference : Tensor, (time, freq)
        Never below `floor`.
    floor : float
        What is quieter counts as so loud, in nats.
    """

    levels = 2

    def __init__(self, reference: torch.Tensor, floor: float) -> None:
        self._reference, self._floor = reference, floor

    def __call__(self, log_magnitude: torch.Tensor, first: int = 0) -> float:
        """Return the difference of `log_magnitude` (time, freq) from frame `first`, in nats."""
        reference = self._reference[first : first + len(log_magnitude)]
        away = log_magnitude.clamp_min(self._floor).sub_(reference).abs_()
        return float(away.sum(dtype=torch.float64)) / self._reference.numel()

    def value_and_gradient(
        self, log_magnitude: torch.Tensor, first: int = 0
    ) -> tuple[float, torch.Tensor]:
        """Return the difference and its gradient (time, freq), smooth near zero."""
        away = log_magnitude.clamp_min(self._floor)
        away.sub_(self._reference[first : first + len(away)].contiguous())
        value = away.abs().sum(dtype=torch.float64).item() / self._reference.numel()
        return value, away.div_(HUBER_NATS).clamp_(-1, 1).div_(self._reference.numel())

    def by_bin(self, log_magnitude: torch.Tensor, first: int = 0) -> torch.Tensor:
        """Return what each bin contributes (time, freq)."""
        reference = self._reference[first : first + len(log_magnitude)]
        return (log_magnitude - reference).abs_().div_(self._reference.numel())

    def at(self, frames: torch.Tensor) -> LogDifference:
        """Return the difference from these frames (n,) of the reference, side by side."""
        return LogDifference(self._reference[frames], self._floor)


class LoudnessDifference:
    """What is heard: how much specific loudness changes, as a share of `unit`.

    Each frame's power goes through auditory filters of the rounded-exponential shape, one on each
    Cam, whose skirts are what masks a quiet component beside a loud one (R. D. Patterson and
    others, JASA 72, 1982; B. R. Glasberg, B. C. J. Moore, Hearing Research 47, 1990). Specific
    loudness is (E + Q)^0.2 - Q^0.2 of a filter's excitation E, where Q is the excitation at the
    threshold in quiet (B. C. J. Moore, B. R. Glasberg, T. Baer, J. Audio Eng. Soc. 45, 1997;
    E. Terhardt, Hearing Research 1, 1979, for the threshold), with the reference listened to at
    70 dB SPL. The difference is the sum of |change| over the reference's whole loudness, over
    `unit`: 1 where as much loudness has changed as at the sound that `unit` was taken from.

    Frames of some 0.1 s integrate over time as much as the loudness of short sounds does; masking
    over a longer time is left out. A blend changes loudness neither linearly nor bin by bin, so
    `by_bin` shares each filter's change among the bins by how much their power changes in it, and
    `levels` of the mask tell how it grows.

    Parameters
    ----------
    reference : Tensor, (time, freq)
        In nats.
    sample_rate : float
        Of the sound; the last row is its half.
    unit : float
        The difference that counts as 1.
    """

    levels = 5

    def __init__(self, reference: torch.Tensor, sample_rate: float, unit: float = 1.0) -> None:
        bins = reference.shape[1]
        hz = torch.linspace(0, sample_rate / 2, bins, dtype=torch.float64)
        centres = _hz(torch.arange(1.0, _cams(hz[-1]).item(), CAMS_APART, dtype=torch.float64))
        self._filters = _filters(hz, centres).to(reference)
        self._reference = reference
        power = (2 * reference.contiguous()).exp_()
        heard = _sum(power) / len(reference) / 10 ** (LISTENING_DB_SPL / 10)
        quiet = heard * 10 ** (_threshold_db(centres) / 10)
        self._quiet = quiet.clamp_min(TINY).to(reference)
        self._quiet_loudness = self._quiet**COMPRESSION
        self._loudness = self._specific_loudness(power)
        self._scale = 1 / max(_sum(self._loudness) * unit, TINY)
        # The squares (time, 1) of what a change is compared with to be large.
        mean = self._loudness.mean(dim=1, keepdim=True)
        mean.clamp_min_(LEAST_SHARE * mean.mean().item())
        self._smoothing = mean.mul_(SMOOTHING).square_()

    def __call__(self, log_magnitude: torch.Tensor, first: int = 0) -> float:
        """Return the difference of `log_magnitude` (time, freq) from frame `first`, in units."""
        loudness = self._loudness[first : first + len(log_magnitude)]
        change = self._specific_loudness((2 * log_magnitude).exp_()).sub_(loudness)
        return change.abs_().sum(dtype=torch.float64).item() * self._scale

    def value_and_gradient(
        self, log_magnitude: torch.Tensor, first: int = 0
    ) -> tuple[float, torch.Tensor]:
        """Return the difference and its gradient (time, freq), smooth near zero."""
        frames = slice(first, first + len(log_magnitude))
        power = (2 * log_magnitude).exp_()
        excitation = (power @ self._filters.T).add_(self._quiet)
        compressed = excitation.pow(COMPRESSION)
        change = (compressed - self._quiet_loudness).sub_(self._loudness[frames])
        value = change.abs().sum(dtype=torch.float64).item() * self._scale
        sign = change.div_(torch.addcmul(self._smoothing[frames], change, change).sqrt_())
        by_excitation = sign.mul_(compressed).div_(excitation).mul_(COMPRESSION * self._scale)
        return value, (by_excitation @ self._filters).mul_(power).mul_(2)

    def by_bin(self, log_magnitude: torch.Tensor, first: int = 0) -> torch.Tensor:
        """Return what each bin contributes (time, freq)."""
        frames = slice(first, first + len(log_magnitude))
        power = (2 * log_magnitude).exp_()
        change = self._specific_loudness(power).sub_(self._loudness[frames]).abs_()
        reference = self._reference[frames].contiguous()
        changed = power.sub_((2 * reference).exp_()).abs_()
        change.div_((changed @ self._filters.T).clamp_min_(TINY)).mul_(self._scale)
        return changed.mul_(change @ self._filters)

    def at(self, frames: torch.Tensor) -> LoudnessDifference:
        """Return the difference from these frames (n,) of the reference, side by side."""
        part = copy(self)
        part._reference, part._loudness = self._reference[frames], self._loudness[frames]
        part._smoothing = self._smoothing[frames]
        part._scale = self._scale * len(self._reference) / len(frames)
        return part

    def _specific_loudness(self, power: torch.Tensor) -> torch.Tensor:
        """Return (time, filters) of `power` (time, freq)."""
        excitation = (power @ self._filters.T).add_(self._quiet)
        return excitation.pow_(COMPRESSION).sub_(self._quiet_loudness)


def difference_from(
    reference: torch.Tensor, audio_loss: str, floor: float, sample_rate: float, unit: float = 1.0
) -> SoundDifference:
    """Return the difference `audio_loss` of `AUDIO_LOSSES` from `reference` (time, freq)."""
    if audio_loss == "log":
        return LogDifference(reference, floor)
    return LoudnessDifference(reference, sample_rate, unit)


def _sum(values: torch.Tensor) -> float:
    """Return the sum of `values`: by NumPy, whose last digits do not depend on how many threads."""
    return float(np.sum(values.cpu().numpy(), dtype=np.float64))


def _cams(hz: torch.Tensor) -> torch.Tensor:
    """Return frequencies on the scale of auditory bandwidths (Glasberg, Moore)."""
    return 21.4 * torch.log10(1 + 0.00437 * hz)


def _hz(cams: torch.Tensor) -> torch.Tensor:
    return (10 ** (cams / 21.4) - 1) / 0.00437


def _filters(hz: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """Return the power gains (filters, freq) of roex(p) filters, 1 at their `centres`."""
    bandwidth = 24.7 * (0.00437 * centres + 1)
    slope = (4 / bandwidth)[:, None] * (hz - centres[:, None]).abs()
    gain = (1 + slope) * torch.exp(-slope)
    return torch.where(gain < LEAST_FILTER_GAIN, 0, gain)


def _threshold_db(hz: torch.Tensor) -> torch.Tensor:
    """Return the sound pressure level of the quietest tones that are heard (Terhardt)."""
    khz = hz.clamp_min(QUIETEST_HZ) / 1000
    db = 3.64 * khz**-0.8 - 6.5 * torch.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz**4
    return db.clamp_max(GREATEST_THRESHOLD_DB)
