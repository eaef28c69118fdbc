"""The one look of every picture: its colours, its palette and how a spectrogram is drawn small."""

import os
from functools import cache
from pathlib import Path
from typing import TypeAlias

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image

from moss.errors import OutputError

Colour: TypeAlias = tuple[int, int, int]  # red, green and blue, 0 to 255

GROUND: Colour = (12, 11, 18)
TEXT: Colour = (236, 233, 243)
# Of playheads and knobs: magma has no colour that is near it.
ACCENT: Colour = (94, 226, 200)

# One palette of 256 colours for what is stored with an index per pixel: magma for spectrograms,
# shades of the text and of the accent for all that is drawn around them, and a transparent one.
MAGMA_SHADES = 224
TEXT_SHADES = 16
ACCENT_SHADES = 15
FIRST_TEXT = MAGMA_SHADES
FIRST_ACCENT = FIRST_TEXT + TEXT_SHADES
TRANSPARENT = 255


def hex_of(colour: Colour) -> str:
    """Return a colour as matplotlib reads it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def over_ground(coverage: ArrayLike, colour: Colour) -> np.ndarray:
    """Return uint8 RGB (..., 3): `colour` over the ground with a coverage of 0 to 1."""
    coverage = np.asarray(coverage, dtype=np.float32)[..., None]
    ground = np.asarray(GROUND, dtype=np.float32)
    return np.rint(ground + coverage * (np.asarray(colour) - ground)).astype(np.uint8)


def _text_shade(coverage: float) -> Colour:
    red, green, blue = over_ground(coverage, TEXT).tolist()
    return red, green, blue


# Labels and rules: readable (7 : 1 on the ground), yet behind what they describe.
MUTED = _text_shade(0.65)
RULE = _text_shade(0.25)


def magma(shades: int) -> np.ndarray:
    """Return uint8 RGB (shades, 3), from black to pale yellow."""
    colours = matplotlib.colormaps["magma"](np.linspace(0, 1, shades))[:, :3]
    return np.rint(255 * colours).astype(np.uint8)


def palette() -> np.ndarray:
    """Return uint8 RGB (256, 3): magma, then text shades, then accent shades, then transparent."""
    return np.concatenate(
        [
            magma(MAGMA_SHADES),
            over_ground(np.linspace(0, 1, TEXT_SHADES), TEXT),
            # No coverage at all is the first text shade, the ground.
            over_ground(np.arange(1, ACCENT_SHADES + 1) / ACCENT_SHADES, ACCENT),
            over_ground([0.0], TEXT),
        ]
    )


@cache
def ramp_to(colour: Colour) -> tuple[int, int]:
    """Return the first and last index of the palette's shades from the ground to `colour`.

    They are magma, or the shades of the text or of the accent, whichever come nearest.
    """
    distances = np.abs(palette()[:TRANSPARENT].astype(int) - colour).sum(axis=1)
    last = int(distances.argmin())
    return max(first for first in (0, FIRST_TEXT, FIRST_ACCENT) if first <= last), last


def text_indices(coverage: np.ndarray) -> np.ndarray:
    """Return uint8 palette indices of text with a coverage of 0 to 1."""
    return (FIRST_TEXT + np.rint(coverage * (TEXT_SHADES - 1))).astype(np.uint8)


def dark_figure(width: int, height: int, dpi: int) -> tuple[Figure, FigureCanvasAgg]:
    """Return an empty figure of `width` x `height` pixels on the ground, and its canvas."""
    figure = Figure((width / dpi, height / dpi), dpi=dpi, facecolor=hex_of(GROUND))
    return figure, FigureCanvasAgg(figure)


def canvas_indices(canvas: FigureCanvasAgg) -> np.ndarray:
    """Draw a canvas that has shades of the text alone, as palette indices (height, width)."""
    canvas.draw()
    # From the ground to the text all channels go the same way, so one of them tells the shade.
    red = np.asarray(canvas.buffer_rgba())[..., 0].astype(np.float32)
    return text_indices(np.clip((red - GROUND[0]) / (TEXT[0] - GROUND[0]), 0, 1))


def levels_of(log_magnitude: np.ndarray, *, low: float, high: float, shades: int) -> np.ndarray:
    """Return float32 (freq, time) in [0, shades - 1]: the range from `low` to `high`, clipped.

    Raises
    ------
    ValueError : another shape, or an empty range.
    """
    log_magnitude = np.asarray(log_magnitude, dtype=np.float32)
    if log_magnitude.ndim != 2 or not log_magnitude.size:
        raise ValueError(f"log_magnitude has shape {log_magnitude.shape}, not (freq, time)")
    if not low < high:
        raise ValueError(f"the range from {low} to {high} nats is empty")
    levels = np.clip(log_magnitude, low, high)
    levels -= low
    levels *= (shades - 1) / (high - low)
    return levels


def on_screen(levels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return levels (freq, time) as float32 (height, width), the highest frequency on top.

    Where it shrinks it averages over what falls on a pixel, in log magnitude, so that fine
    texture turns into its mean and not into grain.
    """
    # BOX averages too, but beats against the grid of bins at ratios near one.
    small = Image.fromarray(levels).resize((width, height), Image.Resampling.HAMMING)
    return np.asarray(small)[::-1]


def write_bytes(path: str | os.PathLike, data: bytes) -> None:
    """Write a whole file that was made in memory.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    path = Path(path)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(
            f"{path.name} cannot be written; check the folder and its free space."
        ) from error
