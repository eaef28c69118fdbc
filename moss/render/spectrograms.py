"""A spectrogram as a picture: bare pixels, or a PNG with axes."""

import io
import os

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from moss.render.style import (
    GROUND,
    MAGMA_SHADES,
    MUTED,
    RULE,
    TEXT,
    hex_of,
    levels_of,
    magma,
    on_screen,
    palette,
    text_indices,
    write_bytes,
)

DB_PER_NAT = 20 / np.log(10)

# Pixels: the whole picture, then left, top, right and bottom of the spectrogram and of its bar.
WIDTH, HEIGHT = 1200, 700
PLOT = (84, 64, 1056, 624)
BAR = (1078, 64, 1094, 624)
DPI = 100


def spectrogram_pixels(log_magnitude: np.ndarray, *, low: float, high: float) -> np.ndarray:
    """Return uint8 RGB (freq, time, 3) in magma, upright: a pixel per bin, low frequencies last.

    Args:
        log_magnitude: (freq, time), natural log, row 0 the lowest frequency; -inf shows as black.
        low, high: the range shown, in nats; what is outside takes the colour of the nearer end.

    Raises
    ------
        ValueError: another shape, or an empty range.
    """
    levels = levels_of(log_magnitude, low=low, high=high, shades=256)
    return magma(256)[np.rint(levels[::-1]).astype(np.uint8)]


def save_spectrogram(
    path: str | os.PathLike,
    log_magnitude: np.ndarray,
    *,
    low: float,
    high: float,
    duration_s: float,
    sample_rate: int,
    title: str = "",
) -> None:
    """Write a PNG of 1200 x 700 pixels with time, frequency and level (dB below `high`) labelled.

    Args:
        log_magnitude: (freq, time), natural log, from 0 Hz to half of `sample_rate`.
        low, high: the range shown, in nats.

    Raises
    ------
        ValueError: another shape, or an empty range.
        OutputError: the file cannot be written.
    """
    levels = levels_of(log_magnitude, low=low, high=high, shades=MAGMA_SHADES)
    figure = _axes_alone(duration_s, sample_rate / 2000, (high - low) * DB_PER_NAT, title)
    # Its only colours are shades between the ground and the text, so one channel tells them.
    red = np.asarray(figure.canvas.buffer_rgba())[..., 0].astype(np.float32)
    indices = text_indices(np.clip((red - GROUND[0]) / (TEXT[0] - GROUND[0]), 0, 1))

    left, top, right, bottom = PLOT
    drawn = on_screen(levels, right - left, bottom - top)
    indices[top:bottom, left:right] = np.rint(drawn)
    left, top, right, bottom = BAR
    indices[top:bottom, left:right] = np.rint(np.linspace(MAGMA_SHADES - 1, 0, bottom - top))[
        :, None
    ]

    # An index per pixel takes half the space of RGB and a tenth of its time.
    picture = Image.fromarray(indices)
    picture.putpalette(palette().tobytes())
    encoded = io.BytesIO()
    picture.save(encoded, "PNG")
    write_bytes(path, encoded.getbuffer())


def _axes_alone(duration_s: float, top_khz: float, range_db: float, title: str) -> Figure:
    figure = Figure((WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=hex_of(GROUND))
    canvas = FigureCanvasAgg(figure)
    plot, bar = (_add_axes(figure, box) for box in (PLOT, BAR))
    plot.set(xlim=(0, duration_s), ylim=(0, top_khz))
    plot.set_xlabel("Time (s)", fontsize=11, color=hex_of(TEXT), labelpad=8)
    plot.set_ylabel("Frequency (kHz)", fontsize=11, color=hex_of(TEXT), labelpad=10)
    # A title is a person's text: a dollar sign in it is no formula.
    plot.set_title(title, loc="left", pad=16, fontsize=13, color=hex_of(TEXT), parse_math=False)
    bar.set(ylim=(-range_db, 0), xticks=[])
    bar.yaxis.tick_right()
    bar.yaxis.set_label_position("right")
    bar.set_ylabel("Level (dB)", fontsize=11, color=hex_of(TEXT), labelpad=8)
    canvas.draw()
    return figure


def _add_axes(figure: Figure, box: tuple[int, int, int, int]):
    left, top, right, bottom = box
    axes = figure.add_axes(
        (left / WIDTH, 1 - bottom / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT),
        facecolor=hex_of(GROUND),
    )
    axes.tick_params(labelsize=10, labelcolor=hex_of(MUTED), color=hex_of(RULE), length=5, pad=5)
    axes.spines[:].set_visible(False)
    return axes
