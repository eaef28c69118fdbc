"""The journey from pure audio to pure picture as a film: one slow way, heard and seen."""

import os
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from moss.render.film import (
    FRAMES_PER_SECOND,
    HEIGHT,
    SHADES,
    WIDTH,
    draw_playhead,
    time_positions,
)
from moss.render.position_bar import PositionBar
from moss.render.style import ACCENT, TEXT, magma, on_screen, over_ground
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
    levels += HALF_SHADE
    write_video(
        path,
        _frames(levels, time_positions(duration_s), PositionBar(WIDTH, BAR_HEIGHT)),
        size=(WIDTH, HEIGHT),
        frames_per_second=FRAMES_PER_SECOND,
        wav_path=wav_path,
    )


def film_sized(log_magnitude: np.ndarray, *, low: float, high: float) -> np.ndarray:
    """Return a keyframe (freq, time) no larger than it is in the film, which looks the same.

    `low` and `high` are the range shown: what is outside takes the nearer end.
    """
    rows, columns = log_magnitude.shape
    if rows <= HEIGHT - BAR_HEIGHT and columns <= WIDTH:
        return log_magnitude
    size = (min(columns, WIDTH), min(rows, HEIGHT - BAR_HEIGHT))
    return on_screen(np.clip(log_magnitude, low, high), *size)[::-1]


def _frames(levels: np.ndarray, positions: np.ndarray, bar: PositionBar) -> Iterator[np.ndarray]:
    """Yield a frame in planes for each position; all are the same memory, painted again.

    `levels` (K, height, width) are half a shade above what is shown, so that cutting off rounds.
    """
    frame = np.empty((HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)
    colours = yuv_from_rgb(magma(SHADES))
    background = yuv_from_rgb(over_ground(bar.background, TEXT)).astype(np.float32)
    planes = [
        _Plane(
            plane,
            colours[:, n].tolist(),
            _halve(background[..., n]) if n else background[..., n],
            yuv_from_rgb(ACCENT)[n],
        )
        for n, plane in enumerate(planes_of(frame))
    ]
    stops = np.linspace(0, 1, len(levels))
    # The two planes of colour have half the size: levels are halved once, not pixels every time.
    journeys = (journey(each, stops, positions) for each in (levels, _halve(levels)))
    for position, picture, small in zip(positions, *journeys, strict=True):
        knob = bar.knob(position)
        luma, chroma = (Image.fromarray(each.astype(np.uint8)) for each in (picture, small))
        planes[0].paint(luma, knob)
        for plane in planes[1:]:
            plane.paint(chroma, _halve(knob))
        draw_playhead(frame, position, levels.shape[1])
        yield frame


class _Plane:
    """A plane of a frame, Y, Cb or Cr: the spectrogram above the bar.

    Parameters
    ----------
    plane : uint8 (height, width), to paint into.
    colours : its value of each level.
    background : float32 (rows, width) of the bar, its lowest rows.
    accent : its value of the knob.
    """

    def __init__(
        self, plane: np.ndarray, colours: list[int], background: np.ndarray, accent: np.uint8
    ) -> None:
        rows = len(plane) - len(background)
        self._spectrogram, self._bar = plane[:rows], plane[rows:]
        self._colours = colours
        self._background, self._to_knob = background + HALF_SHADE, accent - background

    def paint(self, levels: Image.Image, knob: np.ndarray) -> None:
        """Paint the levels of a spectrogram, and the knob's coverage of the bar (rows, width)."""
        # Pillow looks colours up in half the time that NumPy takes.
        self._spectrogram[:] = np.asarray(levels.point(self._colours))
        self._bar[:] = self._background + knob * self._to_knob


def _halve(image: np.ndarray) -> np.ndarray:
    """Return (..., height / 2, width / 2): the mean of two by two pixels."""
    rows = image[..., ::2, :] + image[..., 1::2, :]
    return (rows[..., ::2] + rows[..., 1::2]) / 4
