"""A painting on a roll of notes becomes sound: each painted row is a tone of exactly its pitch."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from moss.errors import InputError
from moss.media import load_array, write_audio
from moss.media.files import name_of
from moss.settings.sonify import SonifySettings, sonify_settings
from moss.signal.loudness import level_of, matched_gains
from moss.sonification.design import Design
from moss.sonification.parts import Segment
from moss.sonification.synthesis import Synthesis

LOW_HZ, OCTAVES, ROWS_PER_OCTAVE = 55.0, 7, 60
ROWS = OCTAVES * ROWS_PER_OCTAVE + 1
SAMPLE_RATE, HOP, WINDOW = 44_100, 1024, 8192
MAX_S = 60.0
MAX_COLUMNS = -int(-MAX_S * SAMPLE_RATE // HOP)
BIN_HZ = SAMPLE_RATE / WINDOW
LOBE_BINS = 2  # from the middle of a Hann window's main lobe to its zeros
LOUDNESS_LUFS = -16.0  # as `moss.results.write_sonified` has it
BIT_DEPTH = 24
WARM_UP_COLUMNS = 32
LEAST_LOBE = 1e-30  # keeps the logarithm finite where the window has its zeros


def row_hz() -> np.ndarray:
    """Return the frequency of each row, (ROWS,) hertz, the highest first."""
    return LOW_HZ * 2 ** (np.arange(ROWS)[::-1] / ROWS_PER_OCTAVE)


def load_painting(path: str | os.PathLike) -> np.ndarray:
    """Return an .npy file as a painting, float32 (ROWS, columns) in [0, 1], row 0 the highest.

    Raises
    ------
    InputError
        It is no painting, is too long, or has nothing on it.
    """
    levels = load_array(path)
    rows, columns = levels.shape
    if rows != ROWS:
        raise InputError(f"{name_of(Path(path))} has {rows} rows; a painting has {ROWS}.")
    if columns > MAX_COLUMNS:
        raise InputError(f"{name_of(Path(path))} is longer than {MAX_S:g} s; shorten it.")
    if not levels.any():
        raise InputError("There is nothing on the painting yet; paint a line first.")
    return levels


def painted_sound(levels: np.ndarray, sound: Path) -> Iterator[None]:
    """Write the sound of a painting as `load_painting` returns it to the WAV file `sound`.

    A column sounds for HOP samples, white is 12 nats louder than black, and the whole has
    LOUDNESS_LUFS unless its peak would be above -1 dBTP. Yields None now and then.
    """
    synthesis = _synthesis_of(levels)
    for _ in synthesis.run():
        yield None
    waveform = synthesis.waveform[None]
    (gain,) = matched_gains([level_of(waveform, SAMPLE_RATE)], LOUDNESS_LUFS)
    yield None
    write_audio(sound, gain * waveform, SAMPLE_RATE, BIT_DEPTH)


def levels_in_bins(levels: np.ndarray, settings: SonifySettings) -> np.ndarray:
    """Return a painting as float16 (bins of `settings.band`, columns) in [0, 1], lowest first.

    Averages of the rows around a bin would take a thin line's loudness from it, most where the
    bins are wider than the rows. So each row is seen as a tone is: as the main lobe of the window
    around its frequency. Between two rows that are both painted nothing is left open.
    """
    hz = row_hz()
    bins = np.arange(settings.band.start, settings.band.stop)
    place = ROWS_PER_OCTAVE * np.log2(hz[0] / (bins * BIN_HZ))
    above = np.floor(place).astype(int).clip(0, ROWS - 2)
    shown = np.minimum(levels[above], levels[above + 1])
    shown[(bins * BIN_HZ < hz[-1]) | (bins * BIN_HZ > hz[0])] = 0
    for row in np.flatnonzero(levels.any(axis=1)):
        middle = hz[row] / BIN_HZ
        near = np.flatnonzero(np.abs(bins - middle) < LOBE_BINS)
        loss = -_log_lobe(bins[near] - middle) / settings.range_nats
        lobe = np.where(levels[row] > 0, levels[row] - loss[:, None], 0)
        shown[near] = np.maximum(shown[near], lobe)
    return shown.astype(np.float16)


def warm_up() -> None:
    """Load and compile what the first sound of a process would wait for: a second or two."""
    levels = np.zeros((ROWS, WARM_UP_COLUMNS), np.float32)
    levels[ROWS // 2] = 1
    for _ in _synthesis_of(levels).run():
        pass


def _synthesis_of(levels: np.ndarray) -> Synthesis:
    settings = _painting_settings()
    length = levels.shape[1] * HOP
    # The middle of a frame is the middle of its column, and not where the column begins.
    first = HOP // 2
    segment = Segment(first, length - first, levels_in_bins(levels, settings))
    return Synthesis(Design(length, [segment], settings))


def _painting_settings() -> SonifySettings:
    # Edges on bins, so that rows and bins are one and the same; the lowest tone's lobe fits in.
    return sonify_settings(
        "musical",
        scale="linear",
        low_hz=(LOW_HZ // BIN_HZ - LOBE_BINS) * BIN_HZ,
        high_hz=(LOW_HZ * 2**OCTAVES // BIN_HZ + 1 + LOBE_BINS) * BIN_HZ,
        phase="pghi",  # a steady line keeps its pitch to a cent, and it is there at once
    )


def _log_lobe(bins: np.ndarray) -> np.ndarray:
    """Return the natural logarithm of a Hann window's main lobe, so many bins from its middle."""
    # sinc(x) / (1 - x^2) is 1/2 at x = 1, where both are zero.
    ones = np.isclose(np.abs(bins), 1)
    away = np.where(ones, 0.5, bins)
    lobe = np.where(ones, 0.5, np.sinc(away) / (1 - away**2))
    return np.log(np.maximum(lobe, LEAST_LOBE))
