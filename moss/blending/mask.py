"""Grid -> mask: two fixed matrices upsample and blur a small grid to the spectrogram's size."""

import math

import numpy as np
import torch
from torch.nn.functional import interpolate

WHITE = 255  # of a mask as bytes: all picture
BLUR_REACH = 4.0  # standard deviations; the weights beyond sum to under 1e-4


def uint8_from_grid(grid: torch.Tensor) -> np.ndarray:
    """Return grids in [0, 1] as they are kept: uint8, 255 shows the picture."""
    return grid.mul(WHITE).round_().to(torch.uint8).cpu().numpy()


def grid_from_uint8(masks: np.ndarray, device: torch.device | str = "cpu") -> torch.Tensor:
    """Return kept masks as float32 grids in [0, 1]."""
    return torch.from_numpy(masks).to(device, torch.float32) / WHITE


def smoothing_matrix(size: int, cells: int, sigma: float) -> torch.Tensor:
    """Return the (size, cells) matrix of bilinear upsampling and a Gaussian blur of one axis.

    The blur has standard deviation `sigma` in output bins, 0 for none, and replicates the
    edge. Rows are non-negative and sum to 1, so grids in [0, 1] give masks in [0, 1].
    """
    identity = torch.eye(cells, dtype=torch.float64)[None]
    upsampled = interpolate(identity, size=size, mode="linear", align_corners=False)[0].T
    if sigma == 0:
        return upsampled.float()
    reach = math.ceil(BLUR_REACH * sigma)
    offsets = torch.arange(-reach, reach + 1, dtype=torch.float64)
    weights = torch.exp(-(offsets**2) / (2 * sigma**2))
    weights /= weights.sum()
    padded = torch.cat(
        (upsampled[:1].expand(reach, -1), upsampled, upsampled[-1:].expand(reach, -1))
    )
    blurred = torch.zeros_like(upsampled)
    for j, weight in enumerate(weights):
        blurred += weight * padded[j : j + size]
    return blurred.float()


class MaskBasis:
    """The linear map from a grid (height, width) to a mask (freq, time): M = U_f g U_t'.

    The mask is 1 where the picture shows and 0 where the audio stays.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        grid_shape: tuple[int, int],
        sigma: float,
        device: torch.device | str = "cpu",
    ):
        self.shape, self.grid_shape = shape, grid_shape
        self.freq = smoothing_matrix(shape[0], grid_shape[0], sigma).to(device)
        self.time = smoothing_matrix(shape[1], grid_shape[1], sigma).to(device)

    def mask(self, grid: torch.Tensor) -> torch.Tensor:
        """Return the mask (freq, time) in [0, 1] of `grid` (height, width) in [0, 1]."""
        return (self.freq @ grid @ self.time.T).clamp_(0, 1)

    def adjoint(self, by_mask: torch.Tensor) -> torch.Tensor:
        """Return the gradient by the grid of what has gradient `by_mask` (freq, time)."""
        return self.freq.T @ by_mask @ self.time
