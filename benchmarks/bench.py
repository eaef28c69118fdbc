"""What the parts of the benchmark share: the pair, runs in fresh processes, measured losses."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

import numpy as np
import torch
from pytorch_msssim import ssim
from torch.nn.functional import interpolate

from moss.blending.front import Front
from moss.blending.mask import MaskBasis
from moss.blending.objectives import ExactLosses
from moss.media import load_audio, read_audio, write_audio
from moss.parallel import workers
from moss.settings.blend import BlendSettings
from moss.signal.loudness import peak_gain
from moss.signal.pareto import hypervolume
from moss.usecases.blend import prepare

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
PAIRS = {
    "monalisa": ("monalisa.jpg", "tchaikovsky.ogg", "galaxy.jpg", "strings.ogg"),
    "wave": ("wave.jpg", "brahms.ogg", "moon.webp", "pad.ogg"),
}


@dataclass(frozen=True)
class Scale:
    """How much is measured: settings of every run, and the sizes that are tried."""

    changes: dict
    durations: tuple[float, ...]
    grids: tuple[tuple[int, int], ...]
    repeats: int
    members: int
    notebook_steps: int
    notebook_generations: int
    readme_generations: int
    operator_generations: int
    ramp_points: int = 12


# The published recipe knows no other audio loss, so ours is searched with it here.
PUBLISHED_LOSS = {"audio_loss": "log"}
FULL = Scale(
    PUBLISHED_LOSS, (10, 30, 120), ((64, 128), (128, 256), (256, 512)), 9, 100, 200, 50, 2, 4
)
QUICK_CHANGES = PUBLISHED_LOSS | {
    "duration_s": 3.0,
    "grid_height": 16,
    "audio_weights": 6,
    "descent_steps": 4,
    "population_size": 12,
    "generations": 2,
    "effort": 0.1,
    "representatives": 4,
}
QUICK = Scale(QUICK_CHANGES, (2, 3), ((8, 16), (16, 32)), 3, 14, 3, 1, 1, 2, 4)


class Bench:
    """The inputs of a benchmark, and what several of its parts need, each made once."""

    def __init__(self, pair: str, scale: Scale, folder: Path):
        picture, audio, other_picture, other_audio = PAIRS[pair]
        data = SHARED / "data"
        self.shared = (data / picture).exists() and (data / audio).exists()
        self.picture = data / picture if self.shared else ROOT / "examples" / other_picture
        self.audio = data / audio if self.shared else ROOT / "examples" / other_audio
        self.scale, self.folder = scale, folder
        self.settings = BlendSettings(**scale.changes)
        self._runs = {}

    def run(self, *, files: bool = False, **changes) -> dict:
        """Return what `benchmarks.one_run` tells of the settings with `changes`; made once."""
        key = json.dumps([files, changes], sort_keys=True)
        if key not in self._runs:
            output = tempfile.mkdtemp(dir=self.folder) if files else ""
            tell(f"{'blend' if files else 'search'} {changes or 'with the default settings'}")
            asked = json.dumps(self.scale.changes | changes)
            command = [sys.executable, "-m", "benchmarks.one_run"]
            started = time.perf_counter()
            done = subprocess.run(
                [*command, str(self.picture), str(self.audio), output, asked],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found = json.loads(done.stdout)
            found |= {"process_s": time.perf_counter() - started, "output": output}
            self._runs[key] = found
        return self._runs[key]

    @cached_property
    def default(self) -> dict:
        """The default run, with its files."""
        return self.run(files=True)

    @property
    def search_s(self) -> float:
        """Seconds that the default run's search took."""
        return self.default["events"][-1][3]

    @cached_property
    def front(self) -> Front:
        """The front of the default run, with exact losses."""
        results = np.load(Path(self.default["output"]) / "results.npy")
        return Front(results["mask"], results["designed"])

    @cached_property
    def prepared(self):
        """The pair, decoded and mixed as the default run does."""
        return prepare(self.picture, self.audio, self.settings)

    @cached_property
    def basis(self) -> MaskBasis:
        """The default run's masks."""
        mixture, settings = self.prepared.mixture, self.prepared.settings
        shape = tuple(mixture.picture.shape)
        return MaskBasis(shape, self.front.masks.shape[1:], settings.smoothing_sigma)

    def hypervolume(self, masks: np.ndarray) -> float:
        """Return the hypervolume as designed, by our exact losses, of masks (n, h, w) uint8."""
        exact = ExactLosses(self.prepared.mixture, self.basis)
        grids = torch.from_numpy(masks)[:, None].float() / 255
        if masks.shape[1:] != self.basis.grid_shape:
            grids = interpolate(grids, self.basis.grid_shape, mode="bilinear")
        with workers() as pool:
            return hypervolume(np.array(pool.map(exact, grids[:, 0])))

    @cached_property
    def msssim_ms(self) -> dict[int, float]:
        """Milliseconds of one pytorch-msssim call at full size, by threads; the call alone."""
        picture = self.prepared.mixture.picture[None, None]
        shown = picture.roll(1, dims=3).contiguous()
        return by_threads(lambda: ssim(shown, picture, data_range=1.0), self.scale.repeats)

    def replayed(self, files: list[Path], gains: list[float]) -> tuple[float, float, float]:
        """Return (hypervolume, least visual loss, greatest peak) of WAV files, read again.

        By the referee where there is one; else by our own replayed losses, which need `gains`.
        """
        if referee():
            command = [sys.executable, str(referee()), "--json", str(self.picture)]
            done = subprocess.run(
                [*command, str(self.audio), *map(str, files)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found = json.loads(done.stdout)
            rows = found["rows"]
            return found["hv"], rows[0]["visual"], max(row["peak"] for row in rows)
        view, losses, peak = self.prepared.views[0], [], 0.0
        for path, gain in zip(files, gains, strict=True):
            heard = load_audio(
                path, sample_rate=self.settings.sample_rate, duration_s=None, mono=True
            )[0]
            peak = max(peak, read_audio(path)[0].abs().max().item())
            whole = torch.zeros(view.stft.length)
            shared = min(len(whole), len(heard))
            whole[:shared] = heard[:shared] / gain
            losses.append(view.losses(whole))
        return hypervolume(np.array(losses)), min(x[0] for x in losses), peak

    def written(self, name: str, sounds: list[torch.Tensor], sample_rate: int) -> tuple:
        """Write mono `sounds`, each at a peak of 0.9; return (paths, gains) for `replayed`."""
        folder = self.folder / name
        folder.mkdir()
        paths, gains = [], []
        for k, sound in enumerate(sounds):
            loud = peak_gain(sound) * sound
            paths.append(folder / f"{k:02d}.wav")
            write_audio(paths[-1], loud[None], sample_rate)
            gains.append((loud.norm() / sound.norm()).item())
        return paths, gains


def referee() -> Path | None:
    """Return the independent measuring script, where there is one."""
    path = Path(os.environ.get("MOSS_REFEREE") or SHARED / "referee" / "measure.py")
    return path if path.exists() else None


def by_threads(function, repeats: int) -> dict[int, float]:
    """Return {threads: median milliseconds} of warm calls, on one thread and on all."""
    before, found = torch.get_num_threads(), {}
    for threads in sorted({1, os.cpu_count() or 1}):
        torch.set_num_threads(threads)
        function()
        spent = []
        for _ in range(repeats):
            started = time.perf_counter()
            function()
            spent.append(1e3 * (time.perf_counter() - started))
        found[threads] = median(spent)
    torch.set_num_threads(before)
    return found


def tell(message: str) -> None:
    """Say on stderr what is being measured."""
    print(f"... {message}", file=sys.stderr, flush=True)
