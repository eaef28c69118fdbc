"""A picture of a written word: Bezier strokes of our own under a pen that swells and thins."""

import numpy as np
from scipy import ndimage

from examples.pictures import HEIGHT, WIDTH, smoothstep

# Pen paths in letter units: x to the right, y up, baseline 0, height of an m 1; each line
# after the first is one cubic curve (two handles and an end).
M_STROKE = [
    (-0.74, 0.20),
    (-0.50, 0.06), (-0.28, 0.48), (-0.10, 0.86),
    (-0.02, 1.02), (0.13, 1.04), (0.13, 0.80),
    (0.13, 0.50), (0.10, 0.30), (0.10, 0.00),
    (0.18, 0.30), (0.30, 1.02), (0.50, 1.02),
    (0.66, 1.02), (0.69, 0.90), (0.69, 0.75),
    (0.69, 0.50), (0.66, 0.30), (0.66, 0.00),
    (0.74, 0.30), (0.86, 1.02), (1.06, 1.02),
    (1.22, 1.02), (1.25, 0.90), (1.25, 0.75),
    (1.25, 0.50), (1.21, 0.32), (1.21, 0.18),
    (1.21, 0.02), (1.28, -0.03), (1.36, -0.02),
    (1.50, 0.00), (1.62, 0.25), (1.72, 0.52),
]  # fmt: skip
O_STROKE = [
    (2.12, 0.96),
    (1.90, 1.10), (1.64, 0.78), (1.64, 0.44),
    (1.64, 0.12), (1.78, -0.03), (1.94, -0.03),
    (2.18, -0.03), (2.34, 0.30), (2.30, 0.62),
    (2.27, 0.92), (2.06, 1.12), (1.98, 0.94),
    (1.92, 0.78), (2.24, 0.62), (2.50, 0.80),
    (2.66, 0.92), (2.72, 1.02), (2.80, 1.16),
    (2.78, 0.78), (3.20, 0.62), (3.14, 0.26),
    (3.10, -0.02), (2.84, -0.08), (2.66, 0.06),
    (2.56, 0.16), (2.70, 0.26), (2.84, 0.10),
    (3.00, -0.08), (3.26, 0.02), (3.42, 0.36),
    (3.54, 0.62), (3.64, 0.92), (3.72, 1.16),
    (3.70, 0.78), (4.14, 0.62), (4.08, 0.24),
    (4.04, -0.04), (3.78, -0.10), (3.58, 0.04),
    (3.46, 0.16), (3.64, 0.28), (3.80, 0.10),
    (4.00, -0.12), (4.40, -0.02), (4.62, 0.26),
    (4.86, 0.58), (4.70, 0.86), (4.54, 0.70),
    (4.34, 0.48), (4.96, -0.10), (4.40, -0.52),
    (3.60, -1.08), (2.10, -0.16), (1.10, -0.62),
    (0.66, -0.84), (0.98, -1.18), (1.26, -0.94),
    (1.52, -0.68), (0.80, -0.36), (0.34, -0.60),
]  # fmt: skip
ORIGIN_X, BASELINE, LETTER_WIDTH, LETTER_HEIGHT, SLANT = 138, 442, 167, 274, 0.28
HAIRLINE, SWELL = 5.5, 31.0


def bezier(points, count=400):
    """A chain of cubic Bezier curves sharing end points, sampled as `(n, 2)`."""
    points = np.asarray(points)
    t = np.linspace(0, 1, count, endpoint=False)[:, None]
    curves = [
        (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
        for a, b, c, d in (points[i : i + 4] for i in range(0, len(points) - 1, 3))
    ]
    return np.concatenate([*curves, points[-1:]])


def pen_path(points, spacing):
    """Even steps along a stroke: centres in pixels, unit normals, widths by pen pressure."""
    x, y = bezier(points).T
    px = ORIGIN_X + LETTER_WIDTH * (x + SLANT * y)
    py = BASELINE - LETTER_HEIGHT * y
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(px), np.diff(py)))])
    even = np.arange(0, length[-1], spacing)
    px, py = np.interp(even, length, px), np.interp(even, length, py)
    dx, dy = np.gradient(px), np.gradient(py)
    speed = np.hypot(dx, dy)
    dx, dy = dx / speed, dy / speed
    # A pointed nib opens on the way down and closes on the way up; a hand needs time for it.
    pressure = np.clip(dy + 0.12, 0, 1) ** 1.3 + 0.42 * np.clip(-dx - 0.35, 0, 1)
    width = HAIRLINE + SWELL * ndimage.gaussian_filter1d(pressure, 11 / spacing, mode="nearest")
    ends = np.minimum(even, even[-1] - even)
    width *= 0.45 + 0.55 * smoothstep(0, 60, ends)
    return np.stack([px, py], 1), np.stack([-dy, dx], 1), width


def stamp(canvas, centre, radius, paint):
    """Blend `paint(dx, dy)` into the canvas inside a disc with a soft rim."""
    x, y = centre
    reach = int(radius + 2)
    rows = slice(max(int(y) - reach, 0), int(y) + reach + 1)
    columns = slice(max(int(x) - reach, 0), int(x) + reach + 1)
    dy = np.arange(rows.start, min(rows.stop, canvas.shape[0]))[:, None] - y
    dx = np.arange(columns.start, min(columns.stop, canvas.shape[1]))[None] - x
    cover = np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)
    patch = canvas[rows, columns]
    patch += cover * (paint(dx, dy) - patch)


def handwriting(rng):
    """The word "moss" in one slanted hand, strokes lit like a raised ribbon of ink."""
    over = 2
    ink = np.zeros((over * HEIGHT, over * WIDTH))
    for points in (M_STROKE, O_STROKE):
        centres, normals, widths = pen_path(points, spacing=1.0)
        flow = np.cumsum(rng.standard_normal(len(centres)))
        flow = ndimage.gaussian_filter1d(flow, 110) - ndimage.gaussian_filter1d(flow, 490)
        tone = 0.78 + 0.14 * flow / np.abs(flow).max()
        ahead = 28  # the gap cut into older ink runs ahead of the pen, so it never cuts itself
        for i in range(-ahead, len(centres)):
            j = i + ahead
            if j < len(centres):
                gap = over * (widths[j] / 2 + min(3.5, 0.5 + 0.12 * widths[j]))
                stamp(ink, over * centres[j], gap, lambda dx, dy: 0.0)
            if i >= 0:
                radius, (nx, ny) = over * widths[i] / 2, normals[i]

                def ribbon(dx, dy, nx=nx, ny=ny, radius=radius, tone=tone[i]):
                    u = np.clip((dx * nx + dy * ny) / radius, -1, 1)
                    facing = 0.80 * np.sqrt(1 - 0.85 * u**2) - 0.42 * u * (nx + ny) / np.sqrt(2)
                    return tone * (0.30 + 0.92 * np.clip(facing, 0, 1))

                stamp(ink, over * centres[i], radius, ribbon)
    ink = ink.reshape(HEIGHT, over, WIDTH, over).mean(axis=(1, 3))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    pool = np.exp(-(((columns - 500) / 430) ** 2) - ((rows - 400) / 300) ** 2)
    glow = 0.26 * ndimage.gaussian_filter(ink, 26) + 0.045 * pool
    tone = np.clip(ink + (1 - ink) * glow, 0, 1)[..., None]
    return tone ** np.array((0.86, 1.04, 1.5))
