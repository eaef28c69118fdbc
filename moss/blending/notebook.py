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
    audio_log_magnitude: torch.Tensor, picture: torch.Tensor, band: slice, gamma: float
) -> Mixture:
    """Return the linear mixture of ln |STFT| (freq, time) and a picture (band, time) in [0, 1].

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
        mixing="linear",
    )


class NotebookLosses:
    """What the notebook minimises: 20 mean |X - I| and mean |ln X - ln A|.

    A, I and X = A + M (I - A) are the linear magnitudes of the track, the picture and both mixed.
    The visual loss is exactly linear in the mask, and so in the grid, as X - I = (1 - M) (A - I).
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis) -> None:
        self._basis, self._log_audio = basis, mixture.audio_in_band
        self._audio, self._image = self._log_audio.exp(), mixture.image.exp()
        self._distance = (self._image - self._audio).abs()
        self._bins = mixture.audio.numel()
        scale = VISUAL_FACTOR / self._distance.numel()
        self._of_audio = scale * self._distance.sum(dtype=torch.float64).item()
        self._by_cell = -scale * basis.adjoint(self._distance)

    def __call__(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return the notebook's (visual loss, audio loss) of `grid` (height, width) in [0, 1]."""
        visual = self._of_audio + (grid * self._by_cell).sum(dtype=torch.float64).item()
        changed = self._mixed(grid).log_().sub_(self._log_audio).abs_()
        return max(visual, 0.0), changed.sum(dtype=torch.float64).item() / self._bins

    def gradient(self, grid: torch.Tensor, visual_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of w visual + (1 - w) audio at `grid`."""
        # X lies between A and I, so |ln X - ln A| grows with the mask wherever they differ.
        by_grid = self._basis.adjoint(self._distance / self._mixed(grid)) / self._bins
        return by_grid.mul_(1 - visual_weight).add_(self._by_cell, alpha=visual_weight)

    def _mixed(self, grid: torch.Tensor) -> torch.Tensor:
        return torch.lerp(self._audio, self._image, self._basis.mask(grid))


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
