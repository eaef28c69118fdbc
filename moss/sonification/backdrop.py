"""A track in the rows of a painting: what is seen behind a painting that follows it."""

import math
import os

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from torch.nn.functional import pad

from moss.media import load_audio
from moss.signal.spectrogram import STFT, DisplayRange
from moss.sonification.painting import BIN_HZ, HOP, MAX_S, SAMPLE_RATE, WINDOW, row_hz

RANGE_NATS = 12.0  # from black to white, as in a painting
BINS_BEYOND = 3  # above a row's frequency: as many as its curve and the slopes of that go to


def track_levels(path: str | os.PathLike) -> np.ndarray:
    """Return the first MAX_S of a track as float32 (ROWS, columns) in [0, 1], row 0 the highest.

    A column is HOP samples long, and white the loudest. Between bins the levels follow a
    Catmull-Rom curve, a cubic whose slopes are central differences: along straight lines every
    peak would stand on a bin, which low down is many rows off.

    Raises
    ------
    InputError
        As `load_audio` raises it.
    """
    waveform = load_audio(path, sample_rate=SAMPLE_RATE, duration_s=MAX_S, mono=True)[0]
    # Half a hop in front, and the middles of frames are those of columns, not their beginnings.
    padded = pad(waveform, (HOP // 2, max(HOP - waveform.numel(), 0)))
    log_magnitude = STFT(padded.numel(), WINDOW, HOP).log_magnitude(padded)[:, 1:]
    loudest = log_magnitude.max().item()
    places = row_hz() / BIN_HZ
    within = log_magnitude[: math.floor(places.max()) + BINS_BEYOND]
    levels = DisplayRange(loudest - RANGE_NATS, loudest).normalised(within).numpy()
    curves = CubicHermiteSpline(np.arange(len(levels)), levels, np.gradient(levels, axis=0))
    return curves(places).clip(0, 1).astype(np.float32)
