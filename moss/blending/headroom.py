"""Peaks that would make every sound of a front quieter, and how they are lowered."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch

from moss.phase.peaks import with_lower_peaks
from moss.signal.loudness import (
    OFFSET_LU,
    PEAK_CEILING,
    SILENCE_LUFS,
    decibels,
    integrated_loudness,
    true_peak,
)
from moss.signal.replay import View

ROUND_DB = 1.5  # by which peaks are lowered at a time
ROUNDS = 4  # 6 dB, by which the visual loss of any picture has risen
MOST_VISUAL_LOSS = 0.01  # that may be added, which nobody sees
NEAR_DB = 0.1  # so much over what was wanted is as good
# A peak between samples is up to 3 dB higher, and the K weighting takes up to 3 dB from a bass:
# a sound whose samples' level stays so far under the ceiling is not measured.
UNSURE_DB = 6.0


class Lowered(NamedTuple):
    """A carrier (length,), its sound (channels, samples), and what that needs of full scale."""

    carrier: torch.Tensor
    sound: torch.Tensor
    needed: float


class Headroom:
    """What sounds need of full scale once they are as loud as one track.

    Parameters
    ----------
    track : Tensor, (channels, samples)
        At the level that its sounds have.
    sample_rate : int
        In Hz, of all sounds.
    """

    def __init__(self, track: torch.Tensor, sample_rate: int):
        self._track, self._rate = track.cpu(), sample_rate

    @cached_property
    def _wanted_lufs(self) -> float:
        return integrated_loudness(self._track, self._rate)

    @cached_property
    def ceiling(self) -> float:
        """The true peak that lowers no other sound: -1 dBTP, or the track's own."""
        return max(PEAK_CEILING, true_peak(self._track, self._rate))

    def needed(self, sound: torch.Tensor) -> float:
        """Return the true peak of `sound` (channels, samples) at the loudness of the track.

        It is 0 for one that surely stays under -1 dBTP, and for silence.
        """
        mean_square = sound.square().mean(dim=-1).sum().item()
        if mean_square == 0 or self._wanted_lufs <= SILENCE_LUFS:
            return 0.0
        raised_db = self._wanted_lufs - (OFFSET_LU + 10 * np.log10(mean_square))
        highest_db = decibels(sound.abs().max().item())
        if raised_db + highest_db + UNSURE_DB < decibels(PEAK_CEILING):
            return 0.0
        raised_db = self._wanted_lufs - integrated_loudness(sound, self._rate)
        return 10 ** (raised_db / 20) * true_peak(sound, self._rate)

    def lowered(
        self,
        views: Sequence[View],
        carrier: torch.Tensor,
        rest: torch.Tensor | None,
        sound_of: Callable[[torch.Tensor], torch.Tensor],
        wanted: float,
        audio_weight: float,
        generator: torch.Generator,
    ) -> Lowered:
        """Return `carrier` (length,) with peaks that need `wanted`, or as near as it can come.

        What would raise its visual loss by more than 0.01 is not kept. `rest` is the channel
        beside it, and `sound_of` makes the sound (channels, samples) from a carrier.
        """
        sound = sound_of(carrier)
        best = Lowered(carrier, sound, self.needed(sound))
        worst = None
        for _ in range(ROUNDS):
            excess_db = decibels(best.needed) - decibels(wanted)
            if excess_db <= NEAR_DB:
                break
            worst = worst or _visual_loss(views, carrier) + MOST_VISUAL_LOSS
            highest = true_peak(best.sound, self._rate)
            limit = highest * 10 ** (-min(excess_db, ROUND_DB) / 20)
            tried = with_lower_peaks(views, best.carrier, limit, audio_weight, generator, rest)
            sound = sound_of(tried)
            needed = self.needed(sound)
            if needed >= best.needed or _visual_loss(views, tried) > worst:
                break
            best = Lowered(tried, sound, needed)
        return best


def _visual_loss(views: Sequence[View], carrier: torch.Tensor) -> float:
    return sum(view.losses(carrier)[0] for view in views) / len(views)
