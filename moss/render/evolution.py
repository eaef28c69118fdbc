"""The front as it grows, as a GIF: seeding, then evolution, then what is left of it."""

import math
import os
from collections.abc import Iterator, Sequence

import numpy as np

from moss.progress import SearchProgress
from moss.render.front_axes import FRONT, POPULATION, SEEDS
from moss.render.gif import TICK_MS, encode_gif
from moss.render.raster_plot import RasterPlot
from moss.render.style import Colour, write_bytes

MAX_FRAMES = 72  # some 70 ms each, which is as smooth as the morph
# The growth takes some five seconds, but no frame of it longer than it takes to look at it.
GROWTH_MS, MAX_FRAME_MS, HOLD_MS = 5000, 400, 2500
DOT, FRONT_DOT = 2.4, 3.4  # radii in pixels

# Of each stage: its name, the colour of the points behind the front, and that of its own dot.
STAGES: dict[str, tuple[str, Colour, Colour]] = {
    "seeding": ("Seeding", SEEDS, SEEDS),
    "evolution": ("Evolution", POPULATION, POPULATION),
    "front": ("The front measured", POPULATION, FRONT),
}


def save_evolution_gif(
    path: str | os.PathLike, events: Sequence[SearchProgress], *, max_bytes: int = 2_000_000
) -> None:
    """Write a GIF of 720 x 480 pixels: the population moment by moment, its front joined.

    The last population of the seeding stays behind all that follows it: estimated behind what is
    estimated, and measured behind the front that is measured. Of many events 72 are shown, evenly
    spread, and fewer where they would not fit `max_bytes`; the last is held.

    Parameters
    ----------
    events : of one search, in the order of time; one is enough, and no stage has to be there.
    max_bytes : what the file may take.

    Raises
    ------
    ValueError : no events, another stage or shape, losses that are not finite, or no way to
        fit `max_bytes`.
    OutputError : the file cannot be written.
    """
    _check(events)
    seeding = next((event for event in reversed(events) if event.stage == "seeding"), None)
    plot = RasterPlot(np.concatenate([event.losses for event in events]))
    count = min(len(events), MAX_FRAMES)
    while count:
        chosen = [events[k] for k in _even_indices(len(events), count)]
        frame_ms = min(MAX_FRAME_MS, GROWTH_MS // count // TICK_MS * TICK_MS)
        durations = [*[frame_ms] * (count - 1), HOLD_MS]
        encoded = encode_gif(_frames(plot, chosen, seeding), durations)
        if len(encoded) <= max_bytes:
            write_bytes(path, encoded)
            return
        count //= 2
    raise ValueError(f"not even one frame fits into {max_bytes} bytes")


def _check(events: Sequence[SearchProgress]) -> None:
    if not events:
        raise ValueError("an animation needs a frame")
    for event in events:
        if event.stage not in STAGES:
            raise ValueError(f"stage is {event.stage!r}, not one of {', '.join(STAGES)}")
        shape = np.shape(event.losses)
        if len(shape) != 2 or shape[0] < 1 or shape[1] != 2:
            raise ValueError(f"losses has shape {shape}, not (n, 2)")
        if np.shape(event.on_front) != shape[:1]:
            raise ValueError(f"on_front has shape {np.shape(event.on_front)}, not {shape[:1]}")
        if not np.isfinite(event.losses).all() or not math.isfinite(event.hypervolume):
            raise ValueError("losses and hypervolume must be finite")


def _even_indices(total: int, count: int) -> np.ndarray:
    """Return `count` of the indices below `total`, evenly; the last one is always among them."""
    return np.rint(np.linspace(total - 1, 0, count)).astype(int)[::-1]


def _frames(
    plot: RasterPlot, events: Sequence[SearchProgress], seeding: SearchProgress | None
) -> Iterator[np.ndarray]:
    """Yield palette indices (HEIGHT, WIDTH) for each event."""
    for event in events:
        name, population_colour, stage_colour = STAGES[event.stage]
        plot.clear()
        if seeding is not None and event.stage != "seeding":
            seeds = seeding.seeds if event.stage == "front" else seeding.losses
            if seeds is not None:
                plot.draw_dots(seeds, DOT, SEEDS)
        front = event.losses[event.on_front]
        plot.draw_dots(event.losses[~event.on_front], DOT, population_colour)
        plot.draw_line(front[np.lexsort((-front[:, 1], front[:, 0]))], FRONT)
        plot.draw_dots(front, FRONT_DOT, FRONT)
        progress = f"{name}, {event.step} of {event.steps}"
        plot.write_header(progress, f"Hypervolume {event.hypervolume:.3f}", stage_colour)
        yield plot.canvas.copy()
