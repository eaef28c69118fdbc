"""The Pareto front as a plot: what was searched, what was picked and what its files replay."""

import io
import math
import os
from collections.abc import Mapping

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from moss.render.style import ACCENT, FAINT, GROUND, MUTED, RULE, TEXT, hex_of, write_bytes

SIZE_INCHES = (12, 8)
DPI = 100


def save_front_plot(
    path: str | os.PathLike,
    *,
    seeds: np.ndarray,
    front: np.ndarray,
    representatives: np.ndarray,
    replayed: np.ndarray,
    hypervolume_designed: float,
    hypervolume_replayed: float,
    chosen: Mapping[str, int] | None = None,
) -> None:
    """Write a PNG of 1200 x 800 pixels.

    Args:
        seeds: (n, 2) rows of visual_loss and audio_loss; n may be 0.
        front: (n, 2) as designed, n at least 1, from pure audio to pure picture.
        representatives: (k, 2) the picked members of the front, as designed.
        replayed: (k, 2) what their files replay; rows of NaN were not rendered.
        hypervolume_replayed: NaN where nothing was rendered.
        chosen: names of representatives to point out, such as {"balanced": 5}.

    Raises
    ------
        ValueError: as many representatives as replayed rows are needed, in pairs of losses.
        OutputError: the file cannot be written.
    """
    seeds, front, representatives, replayed = (
        np.asarray(losses, dtype=float).reshape(-1, 2)
        for losses in (seeds, front, representatives, replayed)
    )
    if len(representatives) != len(replayed):
        raise ValueError(f"{len(representatives)} representatives, {len(replayed)} replayed")

    figure = Figure(SIZE_INCHES, dpi=DPI, facecolor=hex_of(GROUND))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.085, 0.125, 0.885, 0.745), facecolor=hex_of(GROUND))
    _draw_points(axes, seeds, front, representatives, replayed)
    frame_axes(axes, np.concatenate([seeds, front, replayed[np.isfinite(replayed).all(1)]]))
    _name_points(axes, front, representatives, replayed, chosen or {})
    _write_around(axes, hypervolume_designed, hypervolume_replayed)
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png")
    write_bytes(path, encoded.getbuffer())


def _draw_points(axes, seeds, front, representatives, replayed) -> None:
    rendered = np.isfinite(replayed).all(1)
    links = np.stack([representatives[rendered], replayed[rendered]], axis=1)
    axes.add_collection(LineCollection(links, colors=[hex_of(ACCENT)], lw=0.9, alpha=0.4, zorder=2))
    dots = {"linestyle": "none", "marker": "o"}
    if len(seeds):
        axes.plot(*seeds.T, **dots, ms=3.5, color=hex_of(FAINT), label="seeds", zorder=1)
    axes.plot(
        *front.T, "-o", ms=2.5, lw=1, color=hex_of(MUTED), label="front, as designed", zorder=3
    )
    ring = {"mec": hex_of(TEXT), "mfc": hex_of(GROUND), "mew": 1.4}
    axes.plot(
        *representatives.T, **dots, **ring, ms=8, label="picked for a file, as designed", zorder=4
    )
    if rendered.any():
        axes.plot(
            *replayed[rendered].T,
            **dots,
            ms=8,
            color=hex_of(ACCENT),
            label="what the file replays",
            zorder=5,
        )


def frame_axes(axes, losses: np.ndarray) -> None:
    """Give `axes` its limits around `losses` (n, 2), which start at no loss, and a quiet grid."""
    right, top = np.maximum(losses.max(axis=0), 1e-6)
    axes.set_xlim(-0.04 * right, 1.08 * right)
    axes.set_ylim(-0.07 * top, 1.12 * top)
    axes.grid(color=hex_of(RULE), alpha=0.35, lw=0.7)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.tick_params(labelsize=11, labelcolor=hex_of(MUTED), color=hex_of(RULE), length=0, pad=8)


def _name_points(axes, front, representatives, replayed, chosen: Mapping[str, int]) -> None:
    for point, name, offset, align in (
        (front[0], "pure music", (0, -20), "center"),
        (front[-1], "pure picture", (-4, 14), "left"),
    ):
        axes.annotate(
            name,
            point,
            xytext=offset,
            textcoords="offset points",
            ha=align,
            fontsize=11,
            color=hex_of(MUTED),
        )
    names: dict[int, list[str]] = {}
    for name, index in chosen.items():
        names.setdefault(index, []).append(name.replace("_", " "))
    for index, same in names.items():
        at = replayed[index] if np.isfinite(replayed[index]).all() else representatives[index]
        axes.annotate(
            ", ".join(same),
            at,
            xytext=(26, 26),
            textcoords="offset points",
            fontsize=12,
            color=hex_of(ACCENT),
            arrowprops={"arrowstyle": "-", "color": hex_of(ACCENT), "lw": 0.9, "shrinkB": 6},
            zorder=6,
            parse_math=False,
        )


def _write_around(axes, hypervolume_designed: float, hypervolume_replayed: float) -> None:
    axes.set_xlabel(
        "looks less like the picture →   (visual loss: 1 − SSIM)",
        fontsize=12,
        color=hex_of(TEXT),
        labelpad=12,
    )
    axes.set_ylabel(
        "sounds less like the music →   (audio loss: mean |Δ ln magnitude|)",
        fontsize=12,
        color=hex_of(TEXT),
        labelpad=12,
    )
    volumes = f"Hypervolume {hypervolume_designed:.2f} as designed"
    if not math.isnan(hypervolume_replayed):
        volumes += f", {hypervolume_replayed:.2f} as replayed"
    axes.set_title(
        "Between the music and the picture", loc="left", fontsize=16, pad=34, color=hex_of(TEXT)
    )
    axes.text(0, 1.03, volumes, transform=axes.transAxes, fontsize=12, color=hex_of(MUTED))
    axes.legend(loc="upper right", frameon=False, fontsize=11, labelcolor=hex_of(MUTED))
