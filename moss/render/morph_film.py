"""The journey from pure audio to pure picture as a film: one slow way, heard and seen."""

import os
from collections.abc import Iterator, Sequence

import numpy as np

from moss.render.film import (
    FRAMES_PER_SECOND,
    HEIGHT,
    SHADES,
    WIDTH,
    draw_playhead,
    time_positions,
)
from moss.render.position_bar import PositionBar
from moss.render.style import ACCENT, TEXT, magma, over_ground
from moss.render.travel import journey, keyframe_levels
from moss.render.video import planes_of, write_video, yuv_from_rgb

BAR_HEIGHT = 40  # pixels: its letters stay readable where the film is shown in half its size
HALF_SHADE = np.float32(0.5)  # what is cut off after it has been added is rounded


def save_morph_film(
    path: str | os.PathLike,
    keyframes: Sequence[np.ndarray],
    *,
    low: float,
    high: float,
    wav_path: str | os.PathLike,
    duration_s: float,
) -> None:
    """Write an MP4 of 960 x 540 pixels: one slow journey, heard and seen, with a playhead.

    The frame at time t shows the keyframes, evenly spaced, at the position t / `duration_s`, and
    a line at that part of the spectrogram's width.

    Parameters
    ----------
    keyframes : K arrays (freq, time), natural log, from pure audio to pure picture.
    low, high : the range shown, in nats.
    wav_path : the sound, mono or stereo, of `duration_s` seconds.
    duration_s : seconds, above 0.

    Raises
    ------
    ValueError : fewer than two keyframes, other shapes, or an empty range.
    OutputError : the film cannot be made; the sentence has ffmpeg's reason.
    """
    size = (WIDTH, HEIGHT - BAR_HEIGHT)
    levels = keyframe_levels(keyframes, *size, low=low, high=high, shades=SHADES)
    write_video(
        path,
        _frames(levels, time_positions(duration_s), PositionBar(WIDTH, BAR_HEIGHT)),
        size=(WIDTH, HEIGHT),
        frames_per_second=FRAMES_PER_SECOND,
        wav_path=wav_path,
    )


def _frames(levels: np.ndarray, positions: np.ndarray, bar: PositionBar) -> Iterator[np.ndarray]:
    """Yield a frame in planes for each position; all are the same memory, painted again."""
    frame = np.empty((HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)
    colours, accent = yuv_from_rgb(magma(SHADES)), yuv_from_rgb(ACCENT)
    background = yuv_from_rgb(over_ground(bar.background, TEXT)).astype(np.float32)
    # The two planes of colour have half the size: levels are halved once, not pixels every time.
    half_levels = _halve(levels)
    painters = [
        _paint(
            plane,
            half_levels if n else levels,
            colours[:, n].tobytes(),
            _halve(background[..., n]) if n else background[..., n],
            accent[n],
            positions,
            bar,
        )
        for n, plane in enumerate(planes_of(frame))
    ]
    for position, *_ in zip(positions, *painters, strict=True):
        draw_playhead(frame, position, levels.shape[1])
        yield frame


def _paint(
    plane: np.ndarray,
    levels: np.ndarray,
    colours: bytes,
    background: np.ndarray,
    accent: np.uint8,
    positions: np.ndarray,
    bar: PositionBar,
) -> Iterator[None]:
    """Paint one plane, Y, Cb or Cr, anew for each position.

    Parameters
    ----------
    plane : uint8 (height, width): the spectrogram above the bar.
    levels : (K, rows, width) the keyframes in the size of the plane.
    colours : the plane's value of each level.
    background : (height - rows, width) of the bar.
    accent : the plane's value of the knob.
    """
    count, rows, width = levels.shape
    pictures = journey(levels, np.linspace(0, 1, count), positions)
    for position, picture in zip(positions, pictures, strict=True):
        indices = (picture + HALF_SHADE).astype(np.uint8).tobytes()
        # Bytes translate much faster than an array indexes a table.
        plane[:rows] = np.frombuffer(indices.translate(colours), np.uint8).reshape(rows, width)
        knob = bar.knob(position)
        if knob.shape[1] != width:
            knob = _halve(knob)
        plane[rows:] = background + knob * (accent - background) + HALF_SHADE
        yield


def _halve(image: np.ndarray) -> np.ndarray:
    """Return (..., height / 2, width / 2): the mean of two by two pixels."""
    rows = image[..., ::2, :] + image[..., 1::2, :]
    return (rows[..., ::2] + rows[..., 1::2]) / 4
