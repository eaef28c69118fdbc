"""The published recipe in its two forms, written from its description, to compare with.

What the description leaves open is decided in the recipe's favour: its masks are made by our two
matrix products, it works on all cores as ours does, and all it has evaluated counts for its front.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.problem import Problem
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pytorch_msssim import ssim

from moss.blending.archive import Archive
from moss.blending.front import Front
from moss.blending.mask import MaskBasis
from moss.blending.mixing import Mixture
from moss.parallel import workers
from moss.phase.griffin_lim import with_magnitude
from moss.signal.similarity import SSIM
from moss.signal.spectrogram import STFT, DisplayRange

MEMBERS, GENERATIONS = 100, 50
SEEDS, STEPS, LEARNING_RATE = 10, 200, 0.05
SEED_SPREAD = 0.5  # standard deviation of a seed's logits at the start
VISUAL_FACTOR = 20.0
SEEDING_SHARE = 0.6  # of its time: 12 to 16 minutes of seeding, then 10 of NSGA-II
LOG_OFFSET = 1e-6  # under the logarithm, so that digital silence has one
LEAST_CONTRAST = 1e-9  # a constant picture is black, not NaN
PEAK = 0.9


@dataclass(frozen=True)
class Outcome:
    """What a form found: `front` with the form's own losses, and what it did for it."""

    front: Front
    steps: int
    evaluations: int
    seconds: float


class NotebookForm:
    """16 kHz, window 1024, hop 256, grid 64 x 128, sigma 5, linear mixing, L1 losses.

    Parameters
    ----------
    luma : float32 (rows, columns) in [0, 1], row 0 on top.
    waveform : (samples,) at `SAMPLE_RATE`.
    """

    SAMPLE_RATE = 16_000

    def __init__(self, luma: np.ndarray, waveform: torch.Tensor, grid_shape=(64, 128)):
        self.grid_shape, self._waveform = grid_shape, waveform
        self._stft = STFT(len(waveform), n_fft=1024, hop_length=256)
        self._audio_log = (self._stft(waveform).abs() + LOG_OFFSET).log().contiguous()
        shape = tuple(self._audio_log.shape)
        # By NumPy: torch.quantile refuses more than 16 million values.
        self._range = DisplayRange(*np.quantile(self._audio_log.numpy(), (0.01, 0.98)).tolist())
        resized = Image.fromarray(luma).resize(shape[::-1], Image.Resampling.BILINEAR)
        pixels = np.asarray(resized)[::-1]
        pixels = (pixels - pixels.min()) / max(np.ptp(pixels), LEAST_CONTRAST)
        picture = torch.from_numpy(pixels) ** 1.8
        self._audio = self._audio_log.exp()
        low, high = self._range.low, self._range.high
        self._image = (low + (high - low) * picture).exp()
        self._similarity = SSIM(picture)
        self._basis = MaskBasis(shape, grid_shape, sigma=5.0)

    def mixed(self, grid: torch.Tensor) -> torch.Tensor:
        """Return the mixed magnitude (freq, time) of `grid` (height, width) in [0, 1]."""
        return torch.lerp(self._audio, self._image, self._basis.mask(grid))

    def losses_of(self, mixed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return 20 mean |mixed - picture| and mean |ln mixed - ln audio| as scalar tensors."""
        visual = VISUAL_FACTOR * (mixed - self._image).abs().mean()
        return visual, (mixed.log() - self._audio_log).abs().mean()

    def losses(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return the form's own two losses of `grid` (height, width)."""
        visual, audio = self.losses_of(self.mixed(grid))
        return visual.item(), audio.item()

    def shown(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return 1 - SSIM in the form's own range, and its audio loss, of `grid`."""
        mixed = self.mixed(grid)
        visual = 1 - self._similarity(self._range.normalised(mixed.log()))
        return visual, self.losses_of(mixed)[1].item()

    def sound(self, grid: torch.Tensor) -> torch.Tensor:
        """Return the waveform (samples,) of `grid`: the target's phase, a peak of 0.9."""
        return at_peak(with_magnitude(self._stft, self.mixed(grid), self._waveform))

    def descend(self, steps: int, seed: int) -> Iterator[torch.Tensor]:
        """Yield the seeds (10, height, width) at the start and after each of `steps` of Adam.

        The first is held at the pure picture and the last at the pure audio.
        """
        generator = torch.Generator().manual_seed(seed)
        alphas = torch.linspace(0, 1, SEEDS).tolist()[1:-1]
        logits = [
            (SEED_SPREAD * torch.randn(self.grid_shape, generator=generator)).requires_grad_()
            for _ in alphas
        ]
        optimisers = [torch.optim.Adam([logit], lr=LEARNING_RATE) for logit in logits]
        anchors = torch.ones(1, *self.grid_shape), torch.zeros(1, *self.grid_shape)

        def seeds():
            inner = torch.stack(logits).detach().sigmoid()
            return torch.cat((anchors[0], inner, anchors[1]))

        def advance(index):
            optimisers[index].zero_grad()
            visual, audio = self.losses_of(self.mixed(logits[index].sigmoid()))
            weight = (1 - alphas[index]) ** 4
            (weight * visual + (1 - weight) * audio).backward()
            optimisers[index].step()

        yield seeds()
        with workers() as pool:
            for _ in range(steps):
                pool.map(advance, range(len(alphas)))
                yield seeds()

    def run(
        self,
        *,
        steps: int = STEPS,
        generations: int = GENERATIONS,
        members: int = MEMBERS,
        seconds: float = math.inf,
        seed: int = 0,
    ) -> Outcome:
        """Descend from ten seeds, then evolve them among random members; end after `seconds`."""
        started = time.perf_counter()
        for done, found in enumerate(self.descend(steps, seed)):  # noqa: B007
            if time.perf_counter() - started > SEEDING_SHARE * seconds:
                break
        rng = np.random.default_rng(seed)
        random = rng.random((max(members - SEEDS, 0), *self.grid_shape), np.float32)
        start = np.concatenate((found.numpy(), random))
        return _evolved(self.losses, start, generations, started, seconds, seed, done)


class ReadmeForm:
    """22,050 Hz, 2048 / 512, 128 x 256, sigma 3, log mixing; NSGA-II from random members alone.

    It shares `mixture` and `basis` with ours, whose defaults are these values.
    `losses` replaces its own, pytorch-msssim at full size and log-L1.
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis, losses: Callable | None = None):
        self._mixture, self._basis = mixture, basis
        self._losses = losses or self.losses

    def losses(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return 1 - SSIM by pytorch-msssim and log-L1 in nats of `grid` (height, width)."""
        mixed = self._mixture.in_band(self._basis.mask(grid))
        shown = self._mixture.display.normalised(mixed)
        similarity = ssim(shown[None, None], self._mixture.picture[None, None], data_range=1.0)
        return 1 - similarity.item(), (mixed - self._mixture.audio_in_band).abs().mean().item()

    def run(
        self,
        *,
        generations: int = GENERATIONS,
        members: int = MEMBERS,
        seconds: float = math.inf,
        seed: int = 0,
    ) -> Outcome:
        """Evolve both anchors and random members; end after `seconds`."""
        started = time.perf_counter()
        start = np.random.default_rng(seed).random((members, *self._basis.grid_shape), np.float32)
        start[0], start[1] = 1, 0
        return _evolved(self._losses, start, generations, started, seconds, seed, steps=0)


def at_peak(waveform: torch.Tensor) -> torch.Tensor:
    """Return `waveform` scaled to a peak of 0.9; silence stays silent."""
    peak = waveform.abs().max().item()
    return waveform * (PEAK / peak) if peak > 0 else waveform


def _evolved(losses, start, generations, started, seconds, seed, steps):
    archive = Archive(start.shape[1:])
    evaluations = 0
    for masks, found in _evaluated(losses, start, generations, seed):
        archive.add(masks, found)
        evaluations += len(masks)
        # The anchors are known without a search, so both always count.
        if evaluations > SEEDS and time.perf_counter() - started > seconds:
            break
    front = archive.front(len(start))
    return Outcome(front, steps, evaluations, time.perf_counter() - started)


def _evaluated(losses, start, generations, seed):
    """Yield the masks (n, height, width) uint8 that NSGA-II looks at, with losses (n, 2)."""
    count, *shape = start.shape
    algorithm = NSGA2(
        pop_size=count,
        sampling=start.reshape(count, -1).astype(float),
        crossover=SBX(eta=15, prob=0.9),
        mutation=PM(eta=20),
        eliminate_duplicates=True,
    )
    problem = Problem(n_var=start[0].size, n_obj=2, xl=0.0, xu=1.0)
    algorithm.setup(problem, termination=("n_gen", generations + 1), seed=seed)
    with workers() as pool:
        while algorithm.has_next():
            asked = algorithm.ask()
            if asked is None or len(asked) == 0:
                return
            masks = np.rint(255 * asked.get("X").reshape(-1, *shape)).astype(np.uint8)
            found = []
            for first in range(0, len(masks), pool.count):
                some = masks[first : first + pool.count]
                found += pool.map(lambda mask: losses(torch.from_numpy(mask).float() / 255), some)
                yield some, np.array(found[first:])
            asked.set("F", np.array(found))
            algorithm.tell(infills=asked)
