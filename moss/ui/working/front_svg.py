"""The front as it grows: inline SVG of two kilobytes, made of numbers alone."""

import math

import numpy as np

from moss.progress import SearchProgress

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 24, 52


def front_svg(event: SearchProgress, seeds: np.ndarray | None = None) -> str:
    """Draw the points of `event`: those on its front joined, the others behind.

    `seeds` (n, 2) are the losses that the evolution started from, drawn apart from its own.
    """
    front = event.losses[event.on_front]
    front = front[np.argsort(front[:, 0])]
    others = event.losses[~event.on_front]
    top = max(_last_tick(event.losses[:, 1].max()), 1e-6)
    layers = [
        _grid(top),
        _dots("seeds", seeds if seeds is not None else others, top),
        _dots("population", others if seeds is not None else others[:0], top),
        f'<polyline class="front" points="{_points(front, top)}"/>',
        _dots("front", front, top),
        _names(front, top),
    ]
    told = f"{len(front)} points on the front, hypervolume {event.hypervolume:.2f}"
    return (
        f'<svg class="moss-front" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="The Pareto front so far: {told}">{"".join(layers)}</svg>'
    )


def _last_tick(greatest):
    step = _step(greatest)
    return step * math.ceil(1.02 * greatest / step)


def _step(greatest):
    return next((s for s in (0.01, 0.05, 0.1, 0.2, 0.5, 1.0) if greatest <= 6 * s), 2.0)


def _x(visual_loss):
    return LEFT + (WIDTH - LEFT - RIGHT) * np.asarray(visual_loss)


def _y(audio_loss, top):
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * np.asarray(audio_loss) / top


def _points(losses, top):
    return " ".join(
        f"{x:.1f},{y:.1f}" for x, y in zip(_x(losses[:, 0]), _y(losses[:, 1], top), strict=True)
    )


def _dots(name, losses, top):
    # A line of no length with round ends is a dot: one path for all, ten bytes each.
    path = "".join(
        f"M{x:.1f} {y:.1f}h0" for x, y in zip(_x(losses[:, 0]), _y(losses[:, 1], top), strict=True)
    )
    return f'<path class="dots {name}" d="{path}"/>'


def _grid(top):
    lines = []
    for tick in np.linspace(0, 1, 6):
        x = _x(tick)
        lines.append(f'<path class="rule" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        lines.append(f'<text class="x" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}">{tick:.1f}</text>')
    step = _step(top / 1.02)
    for tick in np.arange(0, top + step / 2, step):
        y = _y(tick, top)
        lines.append(f'<path class="rule" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        lines.append(f'<text class="y" x="{LEFT - 10}" y="{y + 4:.1f}">{tick:g}</text>')
    middle = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) / 2
    lines.append(
        f'<text class="axis x" x="{_x(0.5):.1f}" y="{HEIGHT - 8}">'
        "looks less like the picture →</text>"
        f'<text class="axis x" transform="translate(14 {middle:.0f}) rotate(-90)">'
        "sounds less like the music →</text>"
    )
    return "".join(lines)


def _names(front, top):
    picture, music = front[0], front[-1]
    x, y = float(_x(music[0])), float(_y(music[1], top))
    # Beside pure music there are other points; its name stands clear of them.
    return (
        f'<path class="leader" d="M{x:.1f} {y - 12:.1f}v-44"/>'
        f'<text class="name" x="{_x(picture[0]) + 12:.1f}" y="{_y(picture[1], top) + 4:.1f}">'
        "pure picture</text>"
        f'<text class="name end" x="{x:.1f}" y="{y - 62:.1f}">pure music</text>'
    )
