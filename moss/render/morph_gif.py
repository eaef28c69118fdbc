"""The journey from pure audio to pure picture as a GIF: to look at, over and over."""

import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from moss.render.gif import encode_gif
from moss.render.position_bar import PositionBar
from moss.render.style import (
    ACCENT_SHADES,
    FIRST_ACCENT,
    MAGMA_SHADES,
    text_indices,
    write_bytes,
)
from moss.render.travel import arc_positions, journey, keyframe_levels, low_pass

FRAME_MS = 70
HOLD_MS = 1200  # at both ends, so that they are seen before it goes back
PROPORTIONS = 9 / 16  # height of the spectrogram over its width
BAR_HEIGHT = 0.075  # over the width
# Of the pace: this share is even, the rest starts and ends slowly. Without it the frames at both
# ends would look alike, and a frame that looks like the one before only lengthens it.
EVEN_PACE = 0.35
# From fine to coarse: the side of the squares over which detail is averaged, and how many shades
# a pixel may lag behind before it is drawn again. What is not drawn again costs next to nothing.
SAVINGS = ((1, 2), (1, 4), (1, 6), (1, 9), (1, 13), (2, 13), (3, 13), (4, 18), (8, 24))


def save_morph_gif(
    path: str | os.PathLike,
    keyframes: Sequence[np.ndarray],
    points: np.ndarray,
    *,
    low: float,
    high: float,
    frames: int = 64,
    width: int = 480,
    max_bytes: int = 4_000_000,
) -> None:
    """Write a GIF that travels along the front, over and over, above a bar that says where it is.

    Log magnitudes are interpolated between neighbouring keyframes, at an even pace along the
    front's arc (in losses over their spans), slower at both ends, which are held a little. Its
    256 colours are fixed, so nothing is dithered. Detail is given up until it fits `max_bytes`.

    Parameters
    ----------
    keyframes : K arrays (freq, time), natural log, from pure audio to pure picture.
    points : (K, 2) their visual_loss and audio_loss, finite.
    low, high : the range shown, in nats.
    frames : at least 2.
    width : pixels; the height is 9 / 16 of it and the bar.
    max_bytes : what the file may take.

    Raises
    ------
    ValueError : fewer than two keyframes, other shapes, or no way to fit `max_bytes`.
    OutputError : the file cannot be written.
    """
    size = (width, round(width * PROPORTIONS))
    levels = keyframe_levels(keyframes, *size, low=low, high=high, shades=MAGMA_SHADES)
    stops = arc_positions(points)
    if len(stops) != len(levels):
        raise ValueError(f"{len(levels)} keyframes need as many points, not {len(stops)}")
    time = np.linspace(0, 1, frames)
    positions = EVEN_PACE * time + (1 - EVEN_PACE) * time**2 * (3 - 2 * time)
    bars = list(_bar_indices(PositionBar(width, round(BAR_HEIGHT * width)), positions))
    durations = [HOLD_MS, *[FRAME_MS] * (frames - 2), HOLD_MS]
    for side, lag in SAVINGS:
        pictures = _with_hysteresis(journey(low_pass(levels, side), stops, positions), lag)
        whole = (np.concatenate(parts) for parts in zip(pictures, bars, strict=True))
        encoded = encode_gif(whole, durations)
        if len(encoded) <= max_bytes:
            write_bytes(path, encoded)
            return
    raise ValueError(f"{frames} frames of {width} pixels do not fit into {max_bytes} bytes")


def _bar_indices(bar: PositionBar, positions: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the bar's palette indices (height, width) for each position."""
    background = text_indices(bar.background)
    for position in positions:
        knob = np.rint(bar.knob(position) * ACCENT_SHADES).astype(np.uint8)
        yield np.where(knob, FIRST_ACCENT - 1 + knob, background).astype(np.uint8)


def _with_hysteresis(pictures: Iterable[np.ndarray], lag: int) -> Iterator[np.ndarray]:
    """Yield levels as uint8; a pixel changes once it is more than `lag` shades behind."""
    current: np.ndarray | None = None
    for picture in pictures:
        exact = np.rint(picture)
        current = (
            exact if current is None else np.where(abs(picture - current) > lag, exact, current)
        )
        yield current.astype(np.uint8)
