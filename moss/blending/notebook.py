"""What the published notebook has of its own: the picture's levels, two losses, and its seeds."""

from collections.abc import Iterator

import numpy as np
import torch

from moss.blending.mask import MaskBasis
from moss.blending.mixing import Mixture
from moss.parallel import check_cancelled
from moss.signal.adam import Adam
from moss.signal.spectrogram import DisplayRange

BLACK_QUANTILE, WHITE_QUANTILE = 0.01, 0.98  # of the track's log magnitudes
LEAST_BLACK = -13.8  # ln 1e-6: where a hundredth of the track is digital silence
LEAST_RANGE_NATS = 1.0  # where nearly all of it is
VISUAL_FACTOR = 20.0
SEED_SPREAD = 0.5  # standard deviation of a seed's logits at the start
WEIGHT_POWER = 4
LEARNING_RATE, ADAM_BETAS, ADAM_EPSILON = 0.05, (0.9, 0.999), 1e-8  # of Adam; the usual ones


def notebook_mixture(
    audio_log_magnitude: torch.Tensor,
    picture: torch.Tensor,
    band: slice,
    *,
    gamma: float,
    mixing: str,
) -> Mixture:
    """Return the mixture of ln |STFT| (freq, time) and a picture (band, time) in [0, 1].

    I = low + (high - low) P^gamma, where low and high are two quantiles of ln |STFT|.
    """
    # By NumPy: torch.quantile refuses more than 16 million values.
    quantiles = np.quantile(audio_log_magnitude.numpy(), (BLACK_QUANTILE, WHITE_QUANTILE))
    low = max(float(quantiles[0]), LEAST_BLACK)
    high = max(float(quantiles[1]), low + LEAST_RANGE_NATS)
    return Mixture(
        audio=audio_log_magnitude.clamp_min(low),
        picture=picture,
        image=low + (high - low) * picture**gamma,
        band=band,
        display=DisplayRange(low, high),
        mixing=mixing,
    )


class NotebookLosses:
    """What the notebook minimises: 20 mean |X - I| and mean |ln X - ln A|.

    A, I and X are the linear magnitudes of the track, the picture and both mixed, which is linearly
    in the notebook. X lies between A and I, so one loss falls with the mask and the other grows
    wherever A and I differ, and each derivative has a known sign.
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis) -> None:
        self._basis, self._log_audio = basis, mixture.audio_in_band
        self._audio, self._image = self._log_audio.exp(), mixture.image.exp()
        self._is_linear = mixture.mixing == "linear"
        ends = (self._audio, self._image) if self._is_linear else (self._log_audio, mixture.image)
        self._ends, self._apart = ends, (ends[1] - ends[0]).abs()
        self._by_visual = VISUAL_FACTOR / self._image.numel()
        self._by_audio = 1 / mixture.audio.numel()

    def __call__(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return the notebook's (visual loss, audio loss) of `grid` (height, width) in [0, 1]."""
        mixed = self._mixed(grid)
        unlike = (mixed - self._image).abs_().sum(dtype=torch.float64).item()
        changed = mixed.log_().sub_(self._log_audio).abs_().sum(dtype=torch.float64).item()
        return self._by_visual * unlike, self._by_audio * changed

    def gradient(self, grid: torch.Tensor, visual_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of w visual + (1 - w) audio at `grid`."""
        mixed = self._mixed(grid)
        moved = self._apart if self._is_linear else self._apart * mixed  # |dX / dM|
        by_mask = (1 - visual_weight) * self._by_audio * moved / mixed
        by_mask -= visual_weight * self._by_visual * moved
        return self._basis.adjoint(by_mask)

    def _mixed(self, grid: torch.Tensor) -> torch.Tensor:
        mixed = torch.lerp(*self._ends, self._basis.mask(grid))
        return mixed if self._is_linear else mixed.exp_()


def visual_weights(count: int) -> list[float]:
    """Return the weights of the visual loss for `count` seeds, (1 - alpha)^4 for alpha 0 to 1."""
    return [(1 - alpha) ** WEIGHT_POWER for alpha in np.linspace(0, 1, count).tolist()]


def seed_descents(
    losses: NotebookLosses,
    bounds: tuple[torch.Tensor, torch.Tensor],
    count: int,
    seed: int,
) -> list[Iterator[torch.Tensor]]:
    """Return an endless descent for each but the first and the last of `count` seeds.

    It yields a grid (height, width) between `bounds`, first as it is drawn, 0.5 N(0, 1) in logits,
    and then after each step of Adam in logit space on the seed's weighted losses. The first and
    the last seed stay where they are: at the pure picture and at the pure audio.
    """
    low, high = bounds
    generator = torch.Generator().manual_seed(seed)

    def descent(logit: torch.Tensor, weight: float) -> Iterator[torch.Tensor]:
        adam = Adam(logit, ADAM_BETAS, ADAM_EPSILON)
        while True:
            check_cancelled()
            share = logit.sigmoid()
            grid = torch.lerp(low, high, share)
            yield grid
            by_logit = losses.gradient(grid, weight) * (high - low) * share * (1 - share)
            logit = adam.step(logit, by_logit, LEARNING_RATE)

    return [
        descent((SEED_SPREAD * torch.randn(low.shape, generator=generator)).to(low.device), weight)
        for weight in visual_weights(count)[1:-1]
    ]
