"""A track in the rows of a painting: what is seen behind a painting that follows it."""

import os

import numpy as np
import torch
from torch.nn.functional import pad

from moss.media import load_audio
from moss.signal.spectrogram import STFT, DisplayRange
from moss.sonification.painting import BIN_HZ, HOP, MAX_S, SAMPLE_RATE, WINDOW, row_hz

RANGE_NATS = 12.0  # from black to white, as in a painting


def track_levels(path: str | os.PathLike) -> np.ndarray:
    """Return the first MAX_S of a track as float32 (ROWS, columns) in [0, 1], row 0 the highest.

    A column is HOP samples long, and white the loudest. Raises InputError as `load_audio` does.
    """
    waveform = load_audio(path, sample_rate=SAMPLE_RATE, duration_s=MAX_S, mono=True)[0]
    # Half a hop in front, and the middles of frames are those of columns, not their beginnings.
    padded = pad(waveform, (HOP // 2, max(HOP - waveform.numel(), 0)))
    seen = STFT(padded.numel(), WINDOW, HOP).log_magnitude(padded)[:, 1:]
    loudest = seen.max().item()
    levels = DisplayRange(loudest - RANGE_NATS, loudest).normalised(seen)
    return _between(levels, torch.from_numpy(row_hz() / BIN_HZ)).clamp_(0, 1).float().numpy()


def _between(levels, bins):
    """Read (freq, time) at places between its bins, along a Catmull-Rom curve.

    Along straight lines every peak would stand on a bin, which low down is many rows off.
    """
    below = bins.floor().long()
    t = (bins - below)[:, None]
    before, here, after, beyond = (levels[below + k] for k in (-1, 0, 1, 2))
    bend = 2 * before - 5 * here + 4 * after - beyond
    twist = 3 * (here - after) + beyond - before
    return here + t / 2 * (after - before + t * (bend + t * twist))
