"""The front as it grows, as a GIF: seeding, then evolution, then what is left of it."""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from moss.render.front_plot import frame_axes
from moss.render.gif import encode_gif
from moss.render.style import (
    ACCENT_SHADES,
    FIRST_ACCENT,
    FIRST_TEXT,
    GROUND,
    MAGMA_SHADES,
    TEXT,
    TEXT_SHADES,
    hex_of,
    text_indices,
    write_bytes,
)

WIDTH, HEIGHT, DPI = 720, 480, 80
HEADER = 58  # pixels above the plot for the stage and the hypervolume
MAX_FRAMES = 72
# The growth takes some five seconds, but no frame of it longer than it takes to look at it.
GROWTH_MS, MAX_FRAME_MS, HOLD_MS = 5000, 400, 2500

# Runs of the palette, from the ground to full cover: the first index and the last.
FAINT = (FIRST_TEXT, FIRST_TEXT + 5)
PALE = (FIRST_TEXT, FIRST_TEXT + TEXT_SHADES - 3)
PURPLE = (0, round(0.5 * MAGMA_SHADES))
ORANGE = (0, round(0.78 * MAGMA_SHADES))
ACCENT = (FIRST_ACCENT, FIRST_ACCENT + ACCENT_SHADES - 1)

# Of each stage: what it is called, and the colours of its population and of its front.
STAGES = {
    "seeding": ("Seeding", FAINT, PALE),
    "evolution": ("Evolution", PURPLE, ORANGE),
    "front": ("The front measured", FAINT, ACCENT),
}
DOT, FRONT_DOT, LINE = 2.4, 3.4, 0.8  # radii in pixels


@dataclass(frozen=True)
class EvolutionFrame:
    """One moment of a search.

    stage : "seeding", "evolution" or "front".
    step, steps : how far the stage is.
    losses : (n, 2) visual_loss and audio_loss of the population, finite, n at least 1.
    on_front : (n,) bool, the mutually non-dominated ones.
    hypervolume : of the front so far.
    """

    stage: str
    step: int
    steps: int
    losses: np.ndarray
    on_front: np.ndarray
    hypervolume: float


def save_evolution_gif(
    path: str | os.PathLike, frames: Sequence[EvolutionFrame], *, max_bytes: int = 2_000_000
) -> None:
    """Write a GIF of 720 x 480 pixels: the population moment by moment, its front joined.

    The last population of the seeding stays behind all that follows it. Of many frames 72 are
    shown, evenly spread, and fewer where they would not fit `max_bytes`; the last is held.

    Args:
        frames: in the order of time; one is enough, and no stage has to be there.

    Raises
    ------
        ValueError: no frames, another stage or shape, losses that are not finite, or no way to
            fit `max_bytes`.
        OutputError: the file cannot be written.
    """
    _check(frames)
    seeds = next((frame.losses for frame in reversed(frames) if frame.stage == "seeding"), None)
    plot = _Plot(np.concatenate([frame.losses for frame in frames]))
    count = min(len(frames), MAX_FRAMES)
    while count:
        shown = [frames[k] for k in _spread(len(frames), count)]
        frame_ms = min(MAX_FRAME_MS, GROWTH_MS // count // 10 * 10)
        encoded = encode_gif(_drawn(plot, shown, seeds), [*[frame_ms] * (count - 1), HOLD_MS])
        if len(encoded) <= max_bytes:
            write_bytes(path, encoded)
            return
        count //= 2
    raise ValueError(f"not even one frame fits into {max_bytes} bytes")


def _check(frames: Sequence[EvolutionFrame]) -> None:
    if not frames:
        raise ValueError("an animation needs a frame")
    for frame in frames:
        if frame.stage not in STAGES:
            raise ValueError(f"stage is {frame.stage!r}, not one of {', '.join(STAGES)}")
        shape = np.shape(frame.losses)
        if len(shape) != 2 or shape[0] < 1 or shape[1] != 2:
            raise ValueError(f"losses has shape {shape}, not (n, 2)")
        if np.shape(frame.on_front) != shape[:1]:
            raise ValueError(f"on_front has shape {np.shape(frame.on_front)}, not {shape[:1]}")
        if not np.isfinite(frame.losses).all() or not math.isfinite(frame.hypervolume):
            raise ValueError("losses and hypervolume must be finite")


def _spread(total: int, count: int) -> np.ndarray:
    """Return `count` of the indices below `total`, evenly; the last one is always among them."""
    return np.rint(np.linspace(total - 1, 0, count)).astype(int)[::-1]


def _drawn(plot, frames: Sequence[EvolutionFrame], seeds) -> Iterator[np.ndarray]:
    for frame in frames:
        name, population_colours, front_colours = STAGES[frame.stage]
        plot.clear()
        if seeds is not None and frame.stage != "seeding":
            plot.dots(seeds, DOT, FAINT)
        front = frame.losses[frame.on_front]
        plot.dots(frame.losses[~frame.on_front], DOT, population_colours)
        plot.line(front[np.lexsort((-front[:, 1], front[:, 0]))], front_colours)
        plot.dots(front, FRONT_DOT, front_colours)
        progress = f"{name}, {frame.step} of {frame.steps}"
        plot.write(progress, f"Hypervolume {frame.hypervolume:.3f}", front_colours)
        yield plot.canvas.copy()


class _Plot:
    """Palette indices (HEIGHT, WIDTH): the axes drawn once, dots and words again and again."""

    def __init__(self, losses: np.ndarray):
        figure = Figure((WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=hex_of(GROUND))
        figure_canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0.105, 0.135, 0.865, 0.725), facecolor=hex_of(GROUND))
        frame_axes(axes, losses)
        style = {"fontsize": 12, "color": hex_of(TEXT), "labelpad": 6}
        axes.set_xlabel("looks less like the picture →   (visual loss)", **style)
        axes.set_ylabel("sounds less like the music →   (audio loss)", **style)
        figure_canvas.draw()
        # Its only colours are shades between the ground and the text, so one channel tells them.
        red = np.asarray(figure_canvas.buffer_rgba())[..., 0].astype(np.float32)
        self._still = text_indices(np.clip((red - GROUND[0]) / (TEXT[0] - GROUND[0]), 0, 1))
        self._to_pixels = axes.transData
        self._left = round(axes.bbox.x0)
        self._covered = np.zeros(WIDTH * HEIGHT, np.float32)
        fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
        self._font = ImageFont.truetype(fonts / "DejaVuSans.ttf", 17)
        self.canvas = self._still.copy()

    def clear(self) -> None:
        self.canvas[:] = self._still

    def dots(self, losses: np.ndarray, radius: float, colours: tuple[int, int]) -> None:
        """Draw a dot at each row of visual and audio loss."""
        self._discs(self._pixels(losses), radius, colours)

    def line(self, losses: np.ndarray, colours: tuple[int, int]) -> None:
        """Join the rows of `losses`."""
        corners = self._pixels(losses)
        if len(corners) < 2:
            return
        # A stroke is a row of discs so close that no gap shows.
        along = np.concatenate(([0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))))
        at = np.linspace(0, along[-1], math.ceil(2 * along[-1]) + 1)
        self._discs(
            np.stack([np.interp(at, along, axis) for axis in corners.T], axis=1), LINE, colours
        )

    def write(self, stage: str, figures: str, colours: tuple[int, int]) -> None:
        """Write the stage, after a dot in its colour, and figures above the plot."""
        strip = Image.new("L", (WIDTH, HEADER))
        draw = ImageDraw.Draw(strip)
        middle, right = 30, WIDTH - 22
        draw.text((self._left + 16, middle), stage, font=self._font, fill=255, anchor="lm")
        draw.text((right, middle), figures, font=self._font, fill=255, anchor="rm")
        self.canvas[:HEADER] = text_indices(np.asarray(strip, dtype=np.float32) / 255)
        self._discs(np.array([[self._left + 5.0, middle]]), 5, colours)

    def _pixels(self, losses: np.ndarray) -> np.ndarray:
        x, y = self._to_pixels.transform(losses).T
        return np.stack([x, HEIGHT - y], axis=1)

    def _discs(self, centres: np.ndarray, radius: float, colours: tuple[int, int]) -> None:
        reach = math.ceil(radius) + 1
        rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
        corner = np.floor(centres).astype(int)
        x, y = corner[:, :1] + columns, corner[:, 1:] + rows
        distance = np.hypot(x + 0.5 - centres[:, :1], y + 0.5 - centres[:, 1:])
        cover = np.clip(radius + 0.5 - distance, 0, 1)
        drawn = (cover > 0) & (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
        at = (y * WIDTH + x)[drawn]
        np.maximum.at(self._covered, at, cover[drawn].astype(np.float32))
        cover, under = self._covered[at], self.canvas.reshape(-1)
        first, last = colours
        indices = np.rint(first + cover * (last - first)).astype(np.uint8)
        # A palette has no shades between two colours: an edge belongs to one of them.
        over = (cover >= 0.5) | (under[at] == FIRST_TEXT)
        under[at[over]] = indices[over]
        self._covered[at] = 0
