"""The front as it grows: inline SVG of two kilobytes, made of numbers alone."""

from dataclasses import dataclass

import numpy as np

from moss.progress import SearchProgress
from moss.render.front_axes import PURE_MUSIC, PURE_PICTURE, LossAxis, loss_axes

# In units of the SVG, which the page scales: the whole, and what is left free around the plot.
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 24, 52
TICKS_BELOW, TICKS_BESIDE = 18, 10  # from the plot to the numbers
HALF_LETTER = 4  # from the middle of a line of text to its baseline
CAPTION_BELOW, CAPTION_BESIDE = 8, 14  # from the edges of the SVG to the captions
PICTURE_NAME_BESIDE = 12
# Beside pure music there are other points; its name stands clear of them, above a leader.
LEADER_ABOVE, LEADER, MUSIC_NAME_ABOVE = 12, 44, 62


def front_svg(event: SearchProgress, seeds: np.ndarray | None = None) -> str:
    """Draw the points of `event`: those on its front joined, the others behind.

    The colours of its classes are in `moss/ui/page.css`.

    Parameters
    ----------
    event : of a search; at least one of its points is on its front.
    seeds : (n, 2) the losses that the evolution started from, drawn apart from its own.
    """
    front = event.losses[event.on_front]
    front = front[np.argsort(front[:, 0])]
    others = event.losses[~event.on_front]
    scale = _Scale(
        *loss_axes(event.losses if seeds is None else np.concatenate([event.losses, seeds]))
    )
    layers = [
        _grid(scale),
        _dots("seeds", seeds if seeds is not None else others, scale),
        _dots("population", others if seeds is not None else others[:0], scale),
        f'<polyline class="front" points="{_points(front, scale)}"/>',
        _dots("front", front, scale),
        _names(front, scale),
    ]
    summary = f"{len(front)} points on the front, hypervolume {event.hypervolume:.2f}"
    return (
        f'<svg class="moss-front" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="The Pareto front so far: {summary}">{"".join(layers)}</svg>'
    )


@dataclass(frozen=True)
class _Scale:
    """Where losses lie in the SVG."""

    visual: LossAxis
    audio: LossAxis

    def x(self, visual_loss: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * visual_loss / self.visual.end

    def y(self, audio_loss: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * audio_loss / self.audio.end

    def spots(self, losses: np.ndarray) -> list[tuple[float, float]]:
        return [(self.x(visual), self.y(audio)) for visual, audio in losses.tolist()]


def _points(losses: np.ndarray, scale: _Scale) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in scale.spots(losses))


def _dots(name: str, losses: np.ndarray, scale: _Scale) -> str:
    # A line of no length with round ends is a dot: one path for all, ten bytes each.
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in scale.spots(losses))
    return f'<path class="dots {name}" d="{path}"/>'


def _grid(scale: _Scale) -> str:
    bottom = HEIGHT - BOTTOM
    parts = []
    for tick, label in zip(scale.visual.ticks, scale.visual.labels, strict=True):
        x = scale.x(tick)
        parts.append(f'<path class="rule" d="M{x:.1f} {TOP}V{bottom}"/>')
        parts.append(f'<text class="x" x="{x:.1f}" y="{bottom + TICKS_BELOW}">{label}</text>')
    for tick, label in zip(scale.audio.ticks, scale.audio.labels, strict=True):
        y = scale.y(tick)
        parts.append(f'<path class="rule" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        baseline = f"{y + HALF_LETTER:.1f}"
        parts.append(f'<text class="y" x="{LEFT - TICKS_BESIDE}" y="{baseline}">{label}</text>')
    x, y = scale.x(scale.visual.end / 2), scale.y(scale.audio.end / 2)
    turn = f"translate({CAPTION_BESIDE} {y:.0f}) rotate(-90)"
    parts.append(
        f'<text class="axis x" x="{x:.1f}" y="{HEIGHT - CAPTION_BELOW}">'
        f"{scale.visual.caption}</text>"
        f'<text class="axis x" transform="{turn}">{scale.audio.caption}</text>'
    )
    return "".join(parts)


def _names(front: np.ndarray, scale: _Scale) -> str:
    """Name both ends of the front, which is in the order of visual loss."""
    (picture_x, picture_y), (x, y) = scale.spots(front[[0, -1]])
    picture_x, picture_y = picture_x + PICTURE_NAME_BESIDE, picture_y + HALF_LETTER
    return (
        f'<path class="leader" d="M{x:.1f} {y - LEADER_ABOVE:.1f}v-{LEADER}"/>'
        f'<text class="name" x="{picture_x:.1f}" y="{picture_y:.1f}">{PURE_PICTURE}</text>'
        f'<text class="name end" x="{x:.1f}" y="{y - MUSIC_NAME_ABOVE:.1f}">{PURE_MUSIC}</text>'
    )
