"""A spectrogram as a picture: bare pixels, or a PNG with axes."""

import io
import os
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import Image

from moss.render.style import (
    GROUND,
    MAGMA_SHADES,
    MUTED,
    RULE,
    TEXT,
    canvas_indices,
    dark_figure,
    hex_of,
    levels_of,
    magma,
    on_screen,
    palette,
    write_bytes,
)
from moss.signal.spectrogram import DB_PER_NEPER

COMPRESSION = 3  # of 9: of these pictures it makes files as small as 6 does, in half the time
PIXEL_SHADES = 256  # of a picture without axes, which needs no room in the palette for text

# Pixels: the whole picture, then left, top, right and bottom of the spectrogram and of its bar.
WIDTH, HEIGHT = 1200, 700
PLOT = (84, 64, 1056, 624)
BAR = (1078, 64, 1094, 624)

DPI = 100  # pixels per inch of the points that follow
PT_PER_INCH = 72
TITLE_PT, LABEL_PT, TICK_PT = 13, 11, 10  # letters
TITLE_PAD_PT, LABEL_PAD_PT, FREQUENCY_PAD_PT = 16, 8, 10  # from the axes or their numbers
TICK_LENGTH_PT = 5  # and as far from its number


def spectrogram_pixels(log_magnitude: np.ndarray, *, low: float, high: float) -> np.ndarray:
    """Return uint8 RGB (freq, time, 3) in magma, upright: a pixel per bin, low frequencies last.

    Parameters
    ----------
    log_magnitude : (freq, time), natural log, row 0 the lowest frequency; -inf shows as black.
    low, high : the range shown, in nats; what is outside takes the colour of the nearer end.

    Raises
    ------
    ValueError : another shape, or an empty range.
    """
    levels = levels_of(log_magnitude, low=low, high=high, shades=PIXEL_SHADES)
    return magma(PIXEL_SHADES)[np.rint(levels[::-1]).astype(np.uint8)]


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

    Parameters
    ----------
    log_magnitude : (freq, time), natural log, from 0 Hz to half of `sample_rate`.
    low, high : the range shown, in nats.
    duration_s : seconds that the time axis spans.
    sample_rate : Hz.
    title : any text; one that is too long is cut off at the right side, and characters that the
        font does not have are left out.

    Raises
    ------
    ValueError : another shape, or an empty range.
    OutputError : the file cannot be written.
    """
    levels = levels_of(log_magnitude, low=low, high=high, shades=MAGMA_SHADES)
    around = _axes_indices(duration_s, sample_rate / 2000, (high - low) * DB_PER_NEPER)
    indices = around.copy()
    above = indices[: PLOT[1]]
    np.maximum(above, _title_indices(title), out=above)
    left, top, right, bottom = PLOT
    indices[top:bottom, left:right] = np.rint(on_screen(levels, right - left, bottom - top))
    # An index per pixel takes half the space of RGB and a tenth of its time.
    picture = Image.fromarray(indices)
    picture.putpalette(palette().tobytes())
    encoded = io.BytesIO()
    picture.save(encoded, "PNG", compress_level=COMPRESSION)
    write_bytes(path, encoded.getvalue())


def drawable(text: str) -> str:
    """Return what of a text the font of the pictures has; the rest would be drawn as boxes.

    A font with the signs of all scripts would be larger than MOSS.
    """
    known = get_font(findfont(FontProperties())).get_charmap()
    kept = (each if each.isprintable() and ord(each) in known else " " for each in text)
    return " ".join("".join(kept).split())


@lru_cache(maxsize=4)
def _axes_indices(duration_s: float, top_khz: float, range_db: float) -> np.ndarray:
    """Return palette indices (HEIGHT, WIDTH) of all that is around a spectrogram but its title.

    The pictures of a run have the same, which takes matplotlib most of a picture's time.
    """
    figure, canvas = dark_figure(WIDTH, HEIGHT, DPI)
    plot, bar = (_add_axes(figure, box) for box in (PLOT, BAR))
    style: dict[str, Any] = {"fontsize": LABEL_PT, "color": hex_of(TEXT)}
    plot.set(xlim=(0, duration_s), ylim=(0, top_khz))
    plot.set_xlabel("Time (s)", labelpad=LABEL_PAD_PT, **style)
    plot.set_ylabel("Frequency (kHz)", labelpad=FREQUENCY_PAD_PT, **style)
    bar.set(ylim=(-range_db, 0), xticks=[])
    bar.yaxis.tick_right()
    bar.yaxis.set_label_position("right")
    bar.set_ylabel("Level (dB)", labelpad=LABEL_PAD_PT, **style)
    indices = canvas_indices(canvas)
    left, top, right, bottom = BAR
    shades = np.rint(np.linspace(MAGMA_SHADES - 1, 0, bottom - top))
    indices[top:bottom, left:right] = shades[:, None]
    indices.setflags(write=False)
    return indices


def _title_indices(title: str) -> np.ndarray:
    """Return palette indices of the title alone, in the rows above the spectrogram."""
    left, height = PLOT[:2]
    figure, canvas = dark_figure(WIDTH, height, DPI)
    figure.text(
        left / WIDTH,
        TITLE_PAD_PT / PT_PER_INCH * DPI / height,
        drawable(title),
        fontsize=TITLE_PT,
        color=hex_of(TEXT),
        parse_math=False,  # a person's text: a dollar sign in it is no formula
    )
    return canvas_indices(canvas)


def _add_axes(figure: Figure, box: tuple[int, int, int, int]) -> Axes:
    """Add axes whose left, top, right and bottom sides are at the pixels `box`."""
    left, top, right, bottom = box
    axes = figure.add_axes(
        (left / WIDTH, 1 - bottom / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT),
        facecolor=hex_of(GROUND),
    )
    axes.tick_params(
        labelsize=TICK_PT,
        labelcolor=hex_of(MUTED),
        color=hex_of(RULE),
        length=TICK_LENGTH_PT,
        pad=TICK_LENGTH_PT,
    )
    axes.spines[:].set_visible(False)
    return axes
