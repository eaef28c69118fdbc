"""The journey from pure audio to pure picture, as a GIF to look at and as a film to hear."""

import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from moss.render.gif import encode_gif
from moss.render.position_bar import PositionBar
from moss.render.style import (
    ACCENT,
    ACCENT_SHADES,
    FIRST_ACCENT,
    MAGMA_SHADES,
    TEXT,
    magma,
    mixed,
    text_indices,
    write_bytes,
)
from moss.render.travel import along_the_arc, journey, keyframe_levels, softened
from moss.render.video import planes_of, write_video, yuv_from_rgb

GIF_FRAME_MS = 70
GIF_HOLD_MS = 1200
# From fine to coarse: the side of the squares over which detail is averaged, and how many shades
# a pixel may lag behind before it is drawn again. What is not drawn again costs next to nothing.
GIF_SAVINGS = ((1, 2), (1, 4), (1, 6), (1, 9), (1, 13), (2, 13), (3, 13), (4, 18), (8, 24))

FILM_SIZE = (960, 540)
FILM_BAR = 40


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

    Args:
        keyframes: K arrays (freq, time), natural log, from pure audio to pure picture.
        points: (K, 2) their visual_loss and audio_loss, finite.
        low, high: the range shown, in nats.

    Raises
    ------
        ValueError: fewer than two keyframes, other shapes, or no way to fit `max_bytes`.
        OutputError: the file cannot be written.
    """
    size = (width, round(width * 9 / 16))
    levels = keyframe_levels(keyframes, *size, low=low, high=high, shades=MAGMA_SHADES)
    stops = along_the_arc(points)
    if len(stops) != len(levels):
        raise ValueError(f"{len(levels)} keyframes need as many points, not {len(stops)}")
    t = np.linspace(0, 1, frames)
    # Never at rest: a frame that looks like the one before would only lengthen it.
    positions = 0.35 * t + 0.65 * t**2 * (3 - 2 * t)
    bars = list(_bar_indices(PositionBar(width, round(0.075 * width)), positions))
    durations = [GIF_HOLD_MS, *[GIF_FRAME_MS] * (frames - 2), GIF_HOLD_MS]
    for side, lag in GIF_SAVINGS:
        pictures = _lagging(journey(softened(levels, side), stops, positions), lag)
        drawn = (np.concatenate(parts) for parts in zip(pictures, bars, strict=True))
        encoded = encode_gif(drawn, durations)
        if len(encoded) <= max_bytes:
            write_bytes(path, encoded)
            return
    raise ValueError(f"{frames} frames of {width} pixels do not fit into {max_bytes} bytes")


def save_morph_film(
    path: str | os.PathLike,
    keyframes: Sequence[np.ndarray],
    *,
    low: float,
    high: float,
    wav_path: str | os.PathLike,
    duration_s: float,
    frames_per_second: int = 20,
) -> None:
    """Write an MP4 of 960 x 540 pixels: one slow journey, heard and seen, with a playhead.

    The frame at time t shows the keyframes, evenly spaced, at the position t / `duration_s`, and
    a line at that part of the spectrogram's width.

    Args:
        keyframes: K arrays (freq, time), natural log, from pure audio to pure picture.
        low, high: the range shown, in nats.
        wav_path: the sound, mono or stereo, of `duration_s` seconds.

    Raises
    ------
        ValueError: fewer than two keyframes, other shapes, or an empty range.
        OutputError: the film cannot be made; the sentence has ffmpeg's reason.
    """
    width, height = FILM_SIZE
    levels = keyframe_levels(keyframes, width, height - FILM_BAR, low=low, high=high, shades=256)
    count = max(1, round(duration_s * frames_per_second))
    positions = np.arange(count) / (duration_s * frames_per_second)
    frames = _film_frames(levels, np.minimum(positions, 1), PositionBar(width, FILM_BAR))
    write_video(
        path, frames, size=FILM_SIZE, frames_per_second=frames_per_second, wav_path=wav_path
    )


def _bar_indices(bar: PositionBar, positions: np.ndarray) -> Iterator[np.ndarray]:
    still = text_indices(bar.still)
    for position in positions:
        knob = np.rint(bar.knob(position) * ACCENT_SHADES).astype(np.uint8)
        yield np.where(knob, FIRST_ACCENT - 1 + knob, still).astype(np.uint8)


def _lagging(pictures: Iterable[np.ndarray], lag: int) -> Iterator[np.ndarray]:
    """Yield levels as uint8; a pixel changes once it is more than `lag` shades behind."""
    shown = None
    for picture in pictures:
        exact = np.rint(picture)
        shown = exact if shown is None else np.where(abs(picture - shown) > lag, exact, shown)
        yield shown.astype(np.uint8)


def _film_frames(
    levels: np.ndarray, positions: np.ndarray, bar: PositionBar
) -> Iterator[np.ndarray]:
    """Yield the film's frames; all are the same memory, painted again."""
    height, width = levels.shape[1] + len(bar.still), levels.shape[2]
    frame = np.empty((height * 3 // 2, width), dtype=np.uint8)
    colours, accent = yuv_from_rgb(magma(256)), yuv_from_rgb(ACCENT)
    still = yuv_from_rgb(mixed(bar.still, TEXT)).astype(np.float32)
    # The two planes of colour have half the size: levels are halved once, not pixels every time.
    sizes = (levels, _halved(levels), _halved(levels))
    painted = (
        _paint(plane, sizes[n], colours[:, n], still[..., n], accent[n], positions, bar)
        for n, plane in enumerate(planes_of(frame))
    )
    for _ in zip(*painted, strict=True):
        yield frame


def _paint(
    plane: np.ndarray,
    levels: np.ndarray,
    colours: np.ndarray,
    still: np.ndarray,
    accent: np.uint8,
    positions: np.ndarray,
    bar: PositionBar,
) -> Iterator[None]:
    """Paint one plane, Y, Cb or Cr, anew for each position."""
    _, rows, width = levels.shape
    # The playhead is one pixel of colour, two of brightness wide.
    pixels = still.shape[1] // width
    head = 2 // pixels
    if pixels == 2:
        still = _halved(still)
    colours = colours.tobytes()
    for position, seen in zip(
        positions, journey(levels, np.linspace(0, 1, len(levels)), positions), strict=True
    ):
        indices = (seen + np.float32(0.5)).astype(np.uint8).tobytes()
        # Bytes translate much faster than an array indexes a table.
        plane[:rows] = np.frombuffer(indices.translate(colours), np.uint8).reshape(rows, width)
        at = head * round(position * (width // head - 1))
        plane[:rows, at : at + head] = accent
        knob = bar.knob(position) if pixels == 1 else _halved(bar.knob(position))
        plane[rows:] = still + knob * (accent - still) + np.float32(0.5)
        yield


def _halved(image: np.ndarray) -> np.ndarray:
    """Return (..., height / 2, width / 2): the mean of two by two pixels."""
    rows = image[..., ::2, :] + image[..., 1::2, :]
    return (rows[..., ::2] + rows[..., 1::2]) / 4
