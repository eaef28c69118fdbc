"""A spectrogram under a playhead that moves with its sound, as an MP4."""

import os
from collections.abc import Iterator

import numpy as np

from moss.render.style import ACCENT, levels_of, magma, on_screen
from moss.render.video import planes_of, write_video, yuv_from_rgb

SIZE = (960, 540)
FRAMES_PER_SECOND = 20
HEAD = 2  # pixels wide, which is one of the planes of colour


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

    Args:
        log_magnitude: (freq, time), natural log, row 0 the lowest frequency.
        low, high: the range shown, in nats.
        wav_path: the sound, of `duration_s` seconds.

    Raises
    ------
        ValueError: another shape, or an empty range.
        OutputError: the film cannot be made; the sentence has ffmpeg's reason.
    """
    levels = on_screen(levels_of(log_magnitude, low=low, high=high, shades=256), *SIZE)
    frames = _frames(magma(256)[np.rint(levels).astype(np.uint8)], duration_s)
    write_video(path, frames, size=SIZE, frames_per_second=FRAMES_PER_SECOND, wav_path=wav_path)


def _frames(picture: np.ndarray, duration_s: float) -> Iterator[np.ndarray]:
    """Yield the film's frames; all are the same memory, painted again."""
    width, height = SIZE
    colours, accent = yuv_from_rgb(picture), yuv_from_rgb(ACCENT)
    still = np.empty((height * 3 // 2, width), dtype=np.uint8)
    for n, plane in enumerate(planes_of(still)):
        plane[:] = colours[..., n] if n == 0 else colours[::2, ::2, n]
    frame = still.copy()
    count = max(1, round(duration_s * FRAMES_PER_SECOND))
    for k in range(count):
        at = round(k / count * (width // HEAD - 1))
        for n, (plane, behind) in enumerate(zip(planes_of(frame), planes_of(still), strict=True)):
            head = HEAD if n == 0 else HEAD // 2
            plane[:] = behind
            plane[:, at * head : (at + 1) * head] = accent[n]
        yield frame
