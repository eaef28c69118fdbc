"""The Pareto front as a plot: what was searched, what was picked and what its files replay."""

import io
import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from moss.render.front_axes import (
    DESIGNED,
    PURE_MUSIC,
    PURE_PICTURE,
    REPLAYED,
    SEEDS,
    LossAxis,
    loss_axes,
)
from moss.render.style import GROUND, MUTED, RULE, TEXT, dark_figure, hex_of, write_bytes

WIDTH, HEIGHT, DPI = 1200, 800, 100  # pixels, and pixels per inch of the letters' points
# Left, bottom, width and height, in parts of the picture; around it are captions and headings.
PLOT = (0.085, 0.125, 0.885, 0.745)
# Room for marks at the ends of the axes and for the name below pure music, in parts of an axis.
MARGINS = ((0.04, 0.04), (0.07, 0.04))  # before and after, of the visual and of the audio loss

# Letters, in points.
TITLE_PT, TEXT_PT, SMALL_PT = 16, 12, 11
TICK_PAD_PT, CAPTION_PAD_PT, TITLE_PAD_PT = 8, 12, 34
SUBTITLE_AT = 1.03  # between the plot and the title, in heights of the plot

# Marks and lines, in points: the fewer there are of them, the larger.
FRONT_DOT_PT, SEED_DOT_PT, FILE_DOT_PT = 2.5, 3.5, 8
RULE_PT, LINK_PT, FRONT_LINE_PT, RING_PT = 0.7, 0.9, 1.0, 1.4
RULE_ALPHA, LINK_ALPHA = 0.35, 0.4  # they must not hide the dots

AUDIO_LOSS_WORDS = {
    "heard": "loudness changed; 1: as at the pure picture",
    "log": "audio loss: mean |Δ ln magnitude|",
}

# Where names stand, in points from what they name.
BELOW_MUSIC_PT, ABOVE_PICTURE_PT, BESIDE_CHOSEN_PT = (0, -20), (-4, 14), (26, 26)
LEADER_GAP_PT = 6  # between a chosen dot and the line that leads to it


def save_front_plot(
    path: str | os.PathLike,
    *,
    seeds: np.ndarray,
    front: np.ndarray,
    representatives: np.ndarray,
    replayed: np.ndarray,
    hypervolume_designed: float,
    hypervolume_replayed: float,
    audio_loss: str = "log",
    chosen: Mapping[str, int] | None = None,
) -> None:
    """Write a PNG of 1200 x 800 pixels.

    Parameters
    ----------
    seeds : (n, 2) rows of visual_loss and audio_loss; n may be 0.
    front : (n, 2) as designed, n at least 1, from pure audio to pure picture.
    representatives : (k, 2) the picked members of the front, as designed.
    replayed : (k, 2) what their files replay; rows of NaN were not rendered.
    hypervolume_designed : of the front.
    hypervolume_replayed : of `replayed`; NaN where nothing was rendered.
    audio_loss : of `moss.signal.hearing.AUDIO_LOSSES`, what the audio losses are.
    chosen : names of representatives to point out, such as {"balanced": 5}.

    Raises
    ------
    ValueError : as many representatives as replayed rows are needed, in pairs of losses.
    OutputError : the file cannot be written.
    """
    seeds, front, representatives, replayed = (
        np.asarray(losses, dtype=float).reshape(-1, 2)
        for losses in (seeds, front, representatives, replayed)
    )
    if len(representatives) != len(replayed):
        raise ValueError(f"{len(representatives)} representatives, {len(replayed)} replayed")

    figure, _ = dark_figure(WIDTH, HEIGHT, DPI)
    axes = figure.add_axes(PLOT, facecolor=hex_of(GROUND))
    _draw_points(axes, seeds, front, representatives, replayed)
    visual, audio = loss_axes(
        np.concatenate([seeds, front, replayed[np.isfinite(replayed).all(axis=1)]])
    )
    frame_axes(axes, visual, audio)
    caption_axes(
        axes,
        f"{visual.caption}   (visual loss: 1 − SSIM)",
        f"{audio.caption}   ({AUDIO_LOSS_WORDS[audio_loss]})",
    )
    _name_points(axes, front, representatives, replayed, chosen or {})
    _write_headings(axes, hypervolume_designed, hypervolume_replayed)
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png")
    write_bytes(path, encoded.getvalue())


def frame_axes(axes: Axes, visual: LossAxis, audio: LossAxis) -> None:
    """Give `axes` its limits, its ticks and a quiet grid."""
    (left, right), (below, above) = MARGINS
    axes.set_xlim(-left * visual.end, (1 + right) * visual.end)
    axes.set_ylim(-below * audio.end, (1 + above) * audio.end)
    axes.set_xticks(visual.ticks, visual.labels)
    axes.set_yticks(audio.ticks, audio.labels)
    axes.grid(color=hex_of(RULE), alpha=RULE_ALPHA, lw=RULE_PT)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.tick_params(labelsize=SMALL_PT, labelcolor=hex_of(MUTED), length=0, pad=TICK_PAD_PT)


def caption_axes(axes: Axes, visual: str, audio: str) -> None:
    """Write the captions of visual and audio loss along `axes`."""
    style: dict[str, Any] = {"color": hex_of(TEXT), "labelpad": CAPTION_PAD_PT}
    axes.set_xlabel(visual, fontsize=TEXT_PT, **style)
    axes.set_ylabel(audio, fontsize=TEXT_PT, **style)


def _draw_points(
    axes: Axes,
    seeds: np.ndarray,
    front: np.ndarray,
    representatives: np.ndarray,
    replayed: np.ndarray,
) -> None:
    """Draw the links, then seeds, front, representatives and replayed points over one another."""
    rendered = np.isfinite(replayed).all(axis=1)
    links = np.stack([representatives[rendered], replayed[rendered]], axis=1)
    colour = hex_of(REPLAYED)
    axes.add_collection(
        LineCollection(list(links), colors=[colour], lw=LINK_PT, alpha=LINK_ALPHA, zorder=2)
    )
    dots: dict[str, Any] = {"linestyle": "none", "marker": "o"}
    if len(seeds):
        axes.plot(*seeds.T, **dots, ms=SEED_DOT_PT, color=hex_of(SEEDS), label="seeds", zorder=1)
    axes.plot(
        *front.T,
        "-o",
        ms=FRONT_DOT_PT,
        lw=FRONT_LINE_PT,
        color=hex_of(DESIGNED),
        label="front, as designed",
        zorder=3,
    )
    ring: dict[str, Any] = {"mec": hex_of(TEXT), "mfc": hex_of(GROUND), "mew": RING_PT}
    label = "picked for a file, as designed"
    axes.plot(*representatives.T, **dots, **ring, ms=FILE_DOT_PT, label=label, zorder=4)
    if rendered.any():
        label = "what the file replays"
        axes.plot(
            *replayed[rendered].T, **dots, ms=FILE_DOT_PT, color=colour, label=label, zorder=5
        )


def _name_points(
    axes: Axes,
    front: np.ndarray,
    representatives: np.ndarray,
    replayed: np.ndarray,
    chosen: Mapping[str, int],
) -> None:
    """Name both ends of the front, and the chosen points where their files are."""
    for point, name, offset, align in (
        (front[0], PURE_MUSIC, BELOW_MUSIC_PT, "center"),
        (front[-1], PURE_PICTURE, ABOVE_PICTURE_PT, "left"),
    ):
        axes.annotate(
            name,
            point,
            xytext=offset,
            textcoords="offset points",
            ha=align,
            fontsize=SMALL_PT,
            color=hex_of(MUTED),
        )
    names: dict[int, list[str]] = {}
    for name, index in chosen.items():
        names.setdefault(index, []).append(name.replace("_", " "))
    colour = hex_of(REPLAYED)
    for index, same in names.items():
        at = replayed[index] if np.isfinite(replayed[index]).all() else representatives[index]
        leader = {"arrowstyle": "-", "color": colour, "lw": LINK_PT, "shrinkB": LEADER_GAP_PT}
        axes.annotate(
            ", ".join(same),
            at,
            xytext=BESIDE_CHOSEN_PT,
            textcoords="offset points",
            fontsize=TEXT_PT,
            color=colour,
            arrowprops=leader,
            zorder=6,
            parse_math=False,
        )


def _write_headings(axes: Axes, hypervolume_designed: float, hypervolume_replayed: float) -> None:
    """Write the title, the hypervolumes and the legend."""
    volumes = f"Hypervolume {hypervolume_designed:.2f} as designed"
    if not math.isnan(hypervolume_replayed):
        volumes += f", {hypervolume_replayed:.2f} as replayed"
    title = "Between the music and the picture"
    axes.set_title(title, loc="left", fontsize=TITLE_PT, pad=TITLE_PAD_PT, color=hex_of(TEXT))
    muted = hex_of(MUTED)
    axes.text(0, SUBTITLE_AT, volumes, transform=axes.transAxes, fontsize=TEXT_PT, color=muted)
    axes.legend(loc="upper right", frameon=False, fontsize=SMALL_PT, labelcolor=muted)
