"""What the films have in common: their size, their pace and a playhead."""

import numpy as np

from moss.render.style import ACCENT
from moss.render.video import planes_of, yuv_from_rgb

WIDTH, HEIGHT = 960, 540
FRAMES_PER_SECOND = 20  # the playhead moves by a few pixels, even in the shortest part
SHADES = 256  # of the spectrogram: a table of bytes holds their colours
PLAYHEAD = 2  # pixels wide, which is one pixel of the planes of colour
ACCENT_YUV = yuv_from_rgb(ACCENT)


def time_positions(duration_s: float) -> np.ndarray:
    """Return where each frame of a film is in its sound, from 0 to 1; at least one frame."""
    count = max(1, round(duration_s * FRAMES_PER_SECOND))
    return np.minimum(np.arange(count) / (duration_s * FRAMES_PER_SECOND), 1)


def draw_playhead(frame: np.ndarray, position: float, height: int) -> None:
    """Draw a line over the uppermost `height` pixels of a frame at 0 to 1 of its width.

    `frame` is uint8 (rows * 3 / 2, width) in planes, as `planes_of` takes it.
    """
    place = round(position * (frame.shape[1] // PLAYHEAD - 1))
    for plane, colour in zip(planes_of(frame), ACCENT_YUV, strict=True):
        pixel = frame.shape[1] // plane.shape[1]  # of this plane, in pixels of the frame
        line = PLAYHEAD // pixel
        plane[: height // pixel, place * line : (place + 1) * line] = colour
