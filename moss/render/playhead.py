"""A spectrogram under a playhead that moves with its sound, as an MP4."""

import os
from collections.abc import Iterator

import numpy as np

from moss.render.film import (
    FRAMES_PER_SECOND,
    HEIGHT,
    SHADES,
    WIDTH,
    draw_playhead,
    time_positions,
)
from moss.render.style import levels_of, magma, on_screen
from moss.render.video import planes_of, write_video, yuv_from_rgb


def save_playhead_film(
    path: str | os.PathLike,
    log_magnitude: np.ndarray,
    *,
    low: float,
    high: float,
    wav_path: str | os.PathLike,
    duration_s: float,
) -> None:
    """Write an MP4 of 960 x 540 pixels: the whole spectrogram, and a line at what is heard.

    Parameters
    ----------
    log_magnitude : (freq, time), natural log, row 0 the lowest frequency.
    low, high : the range shown, in nats.
    wav_path : the sound, of `duration_s` seconds.
    duration_s : seconds, above 0.

    Raises
    ------
    ValueError : another shape, or an empty range.
    OutputError : the film cannot be made; the sentence has ffmpeg's reason.
    """
    levels = on_screen(levels_of(log_magnitude, low=low, high=high, shades=SHADES), WIDTH, HEIGHT)
    picture = magma(SHADES)[np.rint(levels).astype(np.uint8)]
    write_video(
        path,
        _frames(picture, time_positions(duration_s)),
        size=(WIDTH, HEIGHT),
        frames_per_second=FRAMES_PER_SECOND,
        wav_path=wav_path,
    )


def _frames(picture: np.ndarray, positions: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a frame in planes for each position; all are the same memory, painted again."""
    background = np.empty((HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)
    yuv = yuv_from_rgb(picture)
    luma, blue, red = planes_of(background)
    luma[:], blue[:], red[:] = yuv[..., 0], yuv[::2, ::2, 1], yuv[::2, ::2, 2]
    frame = background.copy()
    for position in positions:
        frame[:] = background
        draw_playhead(frame, position, HEIGHT)
        yield frame
