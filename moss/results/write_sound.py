"""A sound becomes a file, and every figure of it is read from that file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moss.blending.prepared import Prepared
from moss.media import read_audio, write_audio
from moss.parallel import check_cancelled
from moss.render import save_spectrogram
from moss.signal.loudness import Level, decibels, level_of


@dataclass(frozen=True)
class WrittenSound:
    """A sound as its file has it.

    Attributes
    ----------
    replayed : the visual and the audio loss of the file, at the level of the track.
    gain : what the samples were raised by, above the level of the track.
    level : how loud the file is.
    log_magnitude : (freq, time) in nats, what a viewer shows of it at the level of the track.
    """

    replayed: tuple[float, float]
    gain: float
    level: Level
    log_magnitude: np.ndarray

    @property
    def figures(self) -> dict[str, Any]:
        """What a summary says of it, as JSON has it."""
        return {
            "replayed": list(self.replayed),
            "gain_db": decibels(self.gain),
            **self.level.figures,
        }


def write_sound(
    path: Path,
    samples: np.ndarray,
    gain: float,
    prepared: Prepared,
    tags: Mapping[str, str] | None = None,
) -> WrittenSound:
    """Write `samples` (channels, samples), and measure the file.

    `samples` are those of a sound at the level of the track times `gain`, on the grid of the
    settings' bit depth. `tags` are what the file says of itself.
    """
    settings, view = prepared.settings, prepared.views[0]
    write_audio(path, samples, settings.sample_rate, settings.bit_depth, tags)
    waveform, sample_rate = read_audio(path)
    mid = waveform.mean(dim=0) / gain
    replayed = view.losses(mid)
    check_cancelled()
    level = level_of(waveform, sample_rate)
    check_cancelled()
    return WrittenSound(replayed, gain, level, view.stft.log_magnitude(mid).numpy())


def draw_sound(path: Path, log_magnitude: np.ndarray, prepared: Prepared, title: str) -> None:
    """Draw the spectrogram of a sound of `prepared` as PNG; log magnitude (freq, time) in nats."""
    display = prepared.mixture.display
    save_spectrogram(
        path,
        log_magnitude,
        low=display.low,
        high=display.high,
        duration_s=prepared.waveform.shape[1] / prepared.settings.sample_rate,
        sample_rate=prepared.settings.sample_rate,
        title=title,
    )
