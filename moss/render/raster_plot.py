"""The front of one moment as palette indices: dots, a line and a header on axes that stay."""

import math
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from moss.render.front_axes import loss_axes
from moss.render.front_plot import caption_axes, frame_axes
from moss.render.style import (
    FIRST_TEXT,
    GROUND,
    Colour,
    canvas_indices,
    dark_figure,
    hex_of,
    ramp_to,
    text_indices,
)

WIDTH, HEIGHT, DPI = 720, 480, 80  # pixels, and pixels per inch of the letters' points
# Left, bottom, width and height, in parts of the picture; above it is the header.
PLOT = (0.105, 0.135, 0.865, 0.725)
# The header, in pixels: its height, its line of text, and the dot before it.
HEADER, HEADER_MIDDLE, HEADER_LETTERS = 58, 30, 17
HEADER_DOT, HEADER_DOT_X, HEADER_TEXT_X = 5.0, 5.0, 16  # radius, and from the plot's left side
HEADER_RIGHT = 22  # from the picture's right side, where the plot ends
STROKE = 0.8  # half the width of a line, in pixels


class RasterPlot:
    """Axes that show all of `losses` (n, 2), and `canvas`: palette indices (HEIGHT, WIDTH).

    matplotlib draws the axes once; what moves is drawn here, in colours of the palette alone.
    """

    def __init__(self, losses: np.ndarray) -> None:
        figure, figure_canvas = dark_figure(WIDTH, HEIGHT, DPI)
        axes = figure.add_axes(PLOT, facecolor=hex_of(GROUND))
        visual, audio = loss_axes(losses)
        frame_axes(axes, visual, audio)
        caption_axes(axes, f"{visual.caption}   (visual loss)", f"{audio.caption}   (audio loss)")
        self._background = canvas_indices(figure_canvas)
        self._to_pixels = axes.transData
        self._left = round(axes.bbox.x0)
        self._coverage = np.zeros(WIDTH * HEIGHT, np.float32)  # scratch space of one call
        fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
        self._font = ImageFont.truetype(fonts / "DejaVuSans.ttf", HEADER_LETTERS)
        self.canvas = self._background.copy()

    def clear(self) -> None:
        """Leave nothing but the axes."""
        self.canvas[:] = self._background

    def draw_dots(self, losses: np.ndarray, radius: float, colour: Colour) -> None:
        """Draw a dot at each row of visual and audio loss."""
        self._draw_discs(self._pixels_from_losses(losses), radius, colour)

    def draw_line(self, losses: np.ndarray, colour: Colour) -> None:
        """Join the rows of `losses`."""
        corners = self._pixels_from_losses(losses)
        if len(corners) < 2:
            return
        # A stroke is a row of discs, two for each pixel of its length, so that no gap shows.
        along = np.concatenate(([0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))))
        at = np.linspace(0, along[-1], math.ceil(2 * along[-1]) + 1)
        centres = np.stack([np.interp(at, along, axis) for axis in corners.T], axis=1)
        self._draw_discs(centres, STROKE, colour)

    def write_header(self, stage: str, figures: str, colour: Colour) -> None:
        """Write the stage, after a dot in its colour, and figures above the plot."""
        strip = Image.new("L", (WIDTH, HEADER))
        draw = ImageDraw.Draw(strip)
        left, right = (self._left + HEADER_TEXT_X, WIDTH - HEADER_RIGHT)
        draw.text((left, HEADER_MIDDLE), stage, font=self._font, fill=255, anchor="lm")
        draw.text((right, HEADER_MIDDLE), figures, font=self._font, fill=255, anchor="rm")
        self.canvas[:HEADER] = text_indices(np.asarray(strip, dtype=np.float32) / 255)
        centre = np.array([[self._left + HEADER_DOT_X, HEADER_MIDDLE]])
        self._draw_discs(centre, HEADER_DOT, colour)

    def _pixels_from_losses(self, losses: np.ndarray) -> np.ndarray:
        """Return (n, 2) pixels from the left and from the top."""
        x, y = self._to_pixels.transform(losses).T
        return np.stack([x, HEIGHT - y], axis=1)

    def _draw_discs(self, centres: np.ndarray, radius: float, colour: Colour) -> None:
        """Draw discs around `centres` (n, 2), with edges as smooth as the palette allows."""
        reach = math.ceil(radius) + 1
        rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
        corner = np.floor(centres).astype(int)
        x, y = corner[:, :1] + columns, corner[:, 1:] + rows
        distance = np.hypot(x + 0.5 - centres[:, :1], y + 0.5 - centres[:, 1:])
        coverage = np.clip(radius + 0.5 - distance, 0, 1)
        inside = (coverage > 0) & (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
        at = (y * WIDTH + x)[inside]
        np.maximum.at(self._coverage, at, coverage[inside].astype(np.float32))
        coverage, under = self._coverage[at], self.canvas.reshape(-1)
        first, last = ramp_to(colour)
        indices = np.rint(first + coverage * (last - first)).astype(np.uint8)
        # A palette has no shades between two colours: an edge belongs to one of them.
        over = (coverage >= 0.5) | (under[at] == FIRST_TEXT)
        under[at[over]] = indices[over]
        self._coverage[at] = 0
