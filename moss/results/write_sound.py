"""A sound becomes a file, and every figure of it is read from that file."""

from pathlib import Path
from typing import Any

import numpy as np

from moss.blending.prepared import Prepared
from moss.media import read_audio, write_wav
from moss.parallel import check_cancelled
from moss.render import save_spectrogram
from moss.signal.loudness import decibels, level_of


def write_sound(
    path: Path, samples: np.ndarray, gain: float, prepared: Prepared
) -> tuple[dict[str, Any], np.ndarray]:
    """Write `samples` (channels, samples) as WAV; return figures and log magnitude of the file.

    `samples` are those of a sound at the level of the track times `gain`, on the grid of the
    settings' bit depth. Of the figures, replayed are the losses that the file has, at the track's
    level; the log magnitude (freq, time) is what a viewer shows of it at that level.
    """
    settings, view = prepared.settings, prepared.views[0]
    write_wav(path, samples, settings.sample_rate, settings.bit_depth)
    waveform, sample_rate = read_audio(path)
    mid = waveform.mean(dim=0) / gain
    replayed = list(view.losses(mid))
    check_cancelled()
    level = level_of(waveform, sample_rate)
    check_cancelled()
    figures = {
        "replayed": replayed,
        "gain_db": decibels(gain),
        **level.figures,
    }
    return figures, view.stft.log_magnitude(mid).numpy()


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
