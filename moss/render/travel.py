"""From keyframe to keyframe: where a journey along the front is, and what is seen there."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from moss.render.style import levels_of, on_screen


def keyframe_levels(
    keyframes: Sequence[np.ndarray],
    width: int,
    height: int,
    *,
    low: float,
    high: float,
    shades: int,
) -> np.ndarray:
    """Return float32 (K, height, width) in [0, shades - 1]: log magnitudes at the drawn size.

    Raises
    ------
    ValueError : fewer than two keyframes, other shapes than (freq, time), or an empty range.
    """
    if len(keyframes) < 2:
        raise ValueError(f"a journey needs two keyframes or more, not {len(keyframes)}")
    return np.stack(
        [
            on_screen(levels_of(frame, low=low, high=high, shades=shades), width, height)
            for frame in keyframes
        ]
    )


def low_pass(levels: np.ndarray, side: int) -> np.ndarray:
    """Return levels (K, height, width) without the detail finer than `side` pixels."""
    _, height, width = levels.shape
    small = (max(1, width // side), max(1, height // side))
    return np.stack(
        [
            np.asarray(
                Image.fromarray(frame)
                .resize(small, Image.Resampling.BOX)
                .resize((width, height), Image.Resampling.BILINEAR)
            )
            for frame in levels
        ]
    )


def arc_positions(points: ArrayLike) -> np.ndarray:
    """Return (K,) from 0 to 1: how far along their polyline the (K, 2) losses lie.

    Each loss is measured in its own span; points that are all the same lie evenly.
    """
    losses = np.asarray(points, dtype=float).reshape(-1, 2)
    spans = np.ptp(losses, axis=0)
    steps = np.diff(losses / np.where(spans > 0, spans, 1), axis=0)
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*steps.T))])
    return lengths / lengths[-1] if lengths[-1] > 0 else np.linspace(0, 1, len(losses))


def journey(levels: np.ndarray, stops: np.ndarray, positions: np.ndarray) -> Iterator[np.ndarray]:
    """Yield float32 (height, width) for each position: between the keyframes, linearly.

    All are the same memory, painted again.

    Parameters
    ----------
    levels : (K, height, width), K at least 2.
    stops : (K,) the keyframes' positions, from 0 to 1, not falling.
    positions : in [0, 1].
    """
    picture, step = np.empty_like(levels[0]), np.empty_like(levels[0])
    last = -1  # whose step to the next keyframe is at hand
    for place in np.interp(positions, stops, np.arange(len(levels))):
        before = min(int(place), len(levels) - 2)
        if before != last:
            np.subtract(levels[before + 1], levels[before], out=step)
            last = before
        np.multiply(step, np.float32(place - before), out=picture)
        picture += levels[before]
        yield picture
