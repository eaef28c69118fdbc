"""Make the pictures of the About tab: `python -m docs.make_about`, some seconds.

Every spectrogram is real: of the bundled tracks, and of the sounds in `examples/first` as they
are read from their files.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from examples.make_first import FIRST, PICTURE, TRACK
from moss.blending.mask import MaskBasis
from moss.blending.prepare import prepare
from moss.media import load_audio, read_audio
from moss.phase.griffin_lim import with_magnitude
from moss.render import spectrogram_pixels
from moss.render.front_axes import AUDIO_CAPTION, VISUAL_CAPTION
from moss.render.style import ACCENT, GROUND, MUTED, RULE, TEXT, dark_figure, hex_of
from moss.settings.presets import blend_settings
from moss.signal.spectrogram import STFT, DisplayRange

OUTPUT = Path(__file__).parents[1] / "moss/ui/components/about/pictures"
WEBP: dict[str, Any] = {"quality": 80, "method": 6}
PANEL = 560, 350  # pixels
SQUARE = 400, 400
FIGURE = 720, 600
DPI = 72  # a point is a pixel
LETTERS = 25  # pixels; a phone leaves half of it
SHOWN_POINT = 4  # of the bundled run: more picture than music
PURE_PICTURE = 7  # where the phases have most to do
DETAIL = (95, 330, 215, 690)  # left, top, right, bottom of frames and bins to look at closely
# The points that get their spectrogram beside the curve, and where, as fractions of the plot.
SPOTS = {0: (0.74, 0.20), 2: (0.60, 0.44), 4: (0.34, 0.53), 7: (0.11, 0.76)}
THUMBNAIL = 0.24, 0.22


def main() -> None:
    """Write all pictures and say how large they are."""
    OUTPUT.mkdir(exist_ok=True)
    run = _Run()
    save("waltz", waltz())
    for name, picture in run.mask_panels().items():
        save(name, picture)
    save("front", run.front())
    for name, picture in run.phase_panels().items():
        save(name, picture)


def save(name: str, picture: Image.Image) -> None:
    """Write a picture as WebP."""
    path = OUTPUT / f"{name}.webp"
    picture.convert("RGB").save(path, **WEBP)
    print(f"{path.name:16} {path.stat().st_size / 1000:6.0f} kB")


def panel(
    log_magnitude: torch.Tensor, display: DisplayRange, size: tuple[int, int] = PANEL
) -> Image.Image:
    """A spectrogram (freq, time) without axes."""
    pixels = spectrogram_pixels(log_magnitude.numpy(), low=display.low, high=display.high)
    return Image.fromarray(pixels).resize(size, Image.Resampling.HAMMING)


def detail(log_magnitude: torch.Tensor) -> torch.Tensor:
    """The part of a spectrogram (freq, time) that shows some leaves closely."""
    left, top, right, bottom = DETAIL
    return log_magnitude.flip(0)[top:bottom, left:right].flip(0)


def picture_of(canvas: FigureCanvasAgg) -> Image.Image:
    """What is on a canvas, as a picture."""
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba()).copy())


def waltz() -> Image.Image:
    """The first bars of the plucked strings: each string a column of lines."""
    rate, seconds, top_hz = 22_050, 5.6, 4_400
    mid = load_audio(TRACK.with_name("strings.ogg"), sample_rate=rate, duration_s=seconds).mean(0)
    stft = STFT(len(mid), 2048, 256)
    log_magnitude = stft.log_magnitude(mid)[: round(top_hz * 2048 / rate)]
    figure, canvas = dark_figure(720, 440, DPI)
    axes = figure.add_axes((0.145, 0.13, 0.845, 0.86))
    display = DisplayRange.below_peak(log_magnitude, 8.5)
    axes.imshow(np.asarray(panel(log_magnitude, display, (608, 378))), aspect="auto")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    words: dict[str, Any] = {
        "fontsize": LETTERS,
        "color": hex_of(TEXT),
        "transform": axes.transAxes,
    }
    axes.text(-0.02, 1, "high\nnotes", ha="right", va="top", **words)
    axes.text(-0.02, 0, "low\nnotes", ha="right", va="bottom", **words)
    axes.text(0, -0.04, "start", ha="left", va="top", **words)
    axes.text(0.5, -0.04, "time  →", ha="center", va="top", **words)
    axes.text(1, -0.04, f"{seconds:g} s later", ha="right", va="top", **words)
    return picture_of(canvas)


class _Run:
    """The bundled run: what was designed, and what its files hold."""

    def __init__(self) -> None:
        self._summary = json.loads((FIRST / "summary.json").read_text(encoding="utf-8"))
        self._results = np.load(FIRST / "results.npy")
        self._settings = blend_settings(**self._summary["settings"])
        self._prepared = prepare(PICTURE, TRACK, self._settings)
        self._mixture, self._stft = self._prepared.mixture, self._prepared.views[0].stft
        self._display = self._mixture.display

    def _mask(self, k: int) -> torch.Tensor:
        grid = self._results["mask"][self._summary["points"][k]["index"]]
        rows, columns = self._mixture.picture.shape
        basis = MaskBasis((rows, columns), grid.shape, self._settings.smoothing_sigma)
        return basis.mask(torch.from_numpy(grid).float() / 255)

    def _replayed(self, k: int) -> torch.Tensor:
        point = self._summary["points"][k]
        waveform, _ = read_audio(FIRST / point["file"])
        return self._stft.log_magnitude(waveform.mean(0) / 10 ** (point["gain_db"] / 20))

    def mask_panels(self) -> dict[str, Image.Image]:
        """The picture, the music, the mask between them, and the sound they become."""
        mask = np.rint(255 * self._mask(SHOWN_POINT).numpy()[::-1]).astype(np.uint8)
        return {
            "picture": Image.open(PICTURE).resize(PANEL, Image.Resampling.LANCZOS),
            "music": panel(self._replayed(0), self._display),
            "mask": Image.fromarray(mask).resize(PANEL, Image.Resampling.LANCZOS),
            "together": panel(self._replayed(SHOWN_POINT), self._display),
        }

    def phase_panels(self) -> dict[str, Image.Image]:
        """Leaves of a design, what the track's own phases make of it, and what the file holds."""
        design = self._mixture.log_magnitude(self._mask(PURE_PICTURE))
        naive = with_magnitude(self._stft, design.exp(), self._prepared.waveform.mean(0))
        stages = {
            "planned": design,
            "guessed": self._stft.log_magnitude(naive),
            "replayed": self._replayed(PURE_PICTURE),
        }
        return {name: panel(detail(each), self._display, SQUARE) for name, each in stages.items()}

    def front(self) -> Image.Image:
        """The curve of the best sounds, four of them with their spectrograms."""
        figure, canvas = dark_figure(*FIGURE, DPI)
        axes = figure.add_axes((0.09, 0.11, 0.90, 0.88), facecolor=hex_of(GROUND))
        losses = np.array([point["designed"] for point in self._summary["points"]])
        front = np.array(self._summary["front"])
        axes.plot(*front.T, color=hex_of(ACCENT), lw=2.5, zorder=1)
        axes.plot(*losses.T, "o", color=hex_of(ACCENT), ms=8, zorder=3)
        axes.set(xticks=[], yticks=[], xlim=(-0.03, 1.0), ylim=(-0.2, losses[:, 1].max() * 1.05))
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set(color=hex_of(RULE), lw=2)
        for k, spot in SPOTS.items():
            self._thumbnail(axes, k, losses[k], spot)
        words: dict[str, Any] = {
            "fontsize": LETTERS,
            "color": hex_of(MUTED),
            "transform": axes.transAxes,
        }
        axes.text(0.5, -0.03, VISUAL_CAPTION, ha="center", va="top", **words)
        axes.text(-0.025, 0.5, AUDIO_CAPTION, ha="right", va="center", rotation=90, **words)
        return picture_of(canvas)

    def _thumbnail(self, axes: Axes, k: int, losses: np.ndarray, spot: tuple[float, float]) -> None:
        inset = axes.inset_axes((*spot, *THUMBNAIL))
        inset.imshow(np.asarray(panel(self._replayed(k), self._display, (384, 284))), aspect="auto")
        inset.set(xticks=[], yticks=[])
        inset.spines[:].set(color=hex_of(ACCENT), lw=1.5)
        at = axes.transAxes.inverted().transform(axes.transData.transform(losses))
        edge = np.clip(at, spot, np.add(spot, THUMBNAIL))
        axes.plot(
            *zip(at, edge, strict=True), transform=axes.transAxes, color=hex_of(MUTED), lw=1.2
        )


if __name__ == "__main__":
    main()
