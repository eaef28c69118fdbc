"""A sound becomes a file, and every figure of it is read from that file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from moss.blending.prepared import Prepared
from moss.media import read_audio, write_audio
from moss.parallel import check_cancelled
from moss.render import film_sized, save_spectrogram
from moss.results import names
from moss.signal.loudness import Level, decibels, level_of
from moss.signal.replay import Replayed
from moss.signal.spectrogram import DisplayRange

SIDES = ("left", "right")  # where both carry a picture


@dataclass(frozen=True)
class WrittenSound:
    """A sound as its file has it.

    Attributes
    ----------
    by_carrier : what each channel that carries a picture replays, at the level of the track.
    audio_loss : of `moss.signal.hearing.AUDIO_LOSSES`, the one that was searched.
    gain : what the samples were raised by, above the level of the track.
    level : how loud the file is.
    """

    by_carrier: list[Replayed]
    audio_loss: str
    gain: float
    level: Level

    @property
    def differences(self) -> dict[str, float]:
        """How different it sounds by every audio loss, the mean of such channels."""
        told = [each.differences for each in self.by_carrier]
        return {name: sum(each[name] for each in told) / len(told) for name in told[0]}

    @property
    def replayed(self) -> tuple[float, float]:
        """The visual and the audio loss of the file, the means of such channels."""
        visual = sum(each.visual for each in self.by_carrier) / len(self.by_carrier)
        return visual, self.differences[self.audio_loss]

    @property
    def log_magnitudes(self) -> list[np.ndarray]:
        """What a viewer shows of each such channel, (freq, time) in nats."""
        return [each.log_magnitude.numpy() for each in self.by_carrier]

    def shrunk(self, display: DisplayRange) -> WrittenSound:
        """Return the same with spectrograms as small as a film shows them, to keep many."""
        small = [
            replace(
                each,
                log_magnitude=torch.tensor(
                    film_sized(each.log_magnitude.numpy(), low=display.low, high=display.high)
                ),
            )
            for each in self.by_carrier
        ]
        return replace(self, by_carrier=small)

    @property
    def figures(self) -> dict[str, Any]:
        """What a summary says of it, as JSON has it."""
        return {
            "replayed": list(self.replayed),
            "differences": self.differences,
            **self._parts,
            "gain_db": decibels(self.gain),
            **self.level.figures,
        }

    @property
    def _parts(self) -> dict[str, Any]:
        """What left and right replay, where both carry a picture."""
        if len(self.by_carrier) == 1:
            return {}
        losses = [[each.visual, each.differences[self.audio_loss]] for each in self.by_carrier]
        return {"replayed_by_channel": losses}

    @property
    def log_magnitude(self) -> np.ndarray:
        """The channels' log magnitudes in one, the left above the right."""
        return np.concatenate(self.log_magnitudes[::-1])


def write_sound(
    path: Path,
    samples: np.ndarray,
    gain: float,
    prepared: Prepared,
    tags: Mapping[str, str] | None = None,
) -> WrittenSound:
    """Write `samples` (channels, samples), and measure the file.

    `samples` are those of a sound at the level of the track times `gain`, on the grid of the
    settings' bit depth and at the rate of the sounds. `tags` are what the file says of itself.
    """
    settings = prepared.settings
    write_audio(path, samples, prepared.sound_rate, settings.bit_depth, tags)
    waveform, sample_rate = read_audio(path)
    level = level_of(waveform, sample_rate)
    check_cancelled()
    by_carrier = prepared.replayed(prepared.at_analysis_rate(waveform / gain))
    check_cancelled()
    return WrittenSound(by_carrier, settings.audio_loss, gain, level)


def draw_sound(path: Path, sound: WrittenSound, prepared: Prepared, title: str) -> None:
    """Draw the spectrogram of a sound of `prepared` as PNG.

    Where left and right carry a picture each, the left goes to `path` and the right beside it.
    """
    display = prepared.mixture.display
    several = len(sound.log_magnitudes) > 1
    paths = (path, names.right_of(path))
    for place, (log_magnitude, where) in enumerate(zip(sound.log_magnitudes, paths, strict=False)):
        save_spectrogram(
            where,
            log_magnitude,
            low=display.low,
            high=display.high,
            duration_s=prepared.waveform.shape[1] / prepared.settings.analysis_rate,
            sample_rate=prepared.settings.analysis_rate,
            title=f"{title}: {SIDES[place]}" if several else title,
        )
