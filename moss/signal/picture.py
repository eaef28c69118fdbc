"""Picture <-> spectrogram: orientation, fit, frequency range and contrast."""

import numpy as np
import torch
from PIL import Image

# A quarter of an 8-bit step: where a picture's values are nearer than that, it is constant.
LEAST_CONTRAST = 1 / 1024


def picture_on_grid(
    luma: np.ndarray,
    shape: tuple[int, int],
    fit: str = "stretch",
    *,
    as_it_is: bool = False,
    resampling: str = "lanczos",
) -> torch.Tensor:
    """Return a picture as brightness (freq, time) in [0, 1], its bottom edge at row 0.

    Parameters
    ----------
    luma : array of float32, (rows, columns)
        In [0, 1], row 0 the top.
    shape : tuple of int
        (freq, time) of the spectrogram's part that the picture fills.
    fit : str
        "stretch" to `shape`; "crop" the longer side to the proportions of `shape`; "pad" the
        shorter side with black. A spectrogram's bins count as square.
    as_it_is : bool
        Show the picture with the contrast that it has. Otherwise the resized picture gets its full
        contrast; a constant picture keeps its value.
    resampling : {"lanczos", "bilinear"}
        How pixels are resized.
    """
    if fit == "crop":
        luma = _crop(luma, shape)
    rows, columns = _size_inside(luma.shape, shape) if fit == "pad" else shape
    image = Image.fromarray(np.ascontiguousarray(luma, dtype=np.float32))
    resized = np.asarray(image.resize((columns, rows), Image.Resampling[resampling.upper()]))
    resized = np.clip(resized, luma.min(), luma.max())  # Lanczos rings at hard edges
    if fit == "pad":
        resized = _pad(resized, shape)
    return brightness_of(resized, as_it_is=as_it_is)


def brightness_of(luma: np.ndarray, *, as_it_is: bool = False) -> torch.Tensor:
    """Return float32 `luma` (rows, columns), row 0 the top, as brightness (freq, time) in [0, 1].

    It gets its full contrast unless it is to be shown `as_it_is`; a constant picture keeps its
    value.
    """
    low, high = float(luma.min()), float(luma.max())
    if not as_it_is and high - low > LEAST_CONTRAST:
        luma = (luma - low) / (high - low)
    return torch.from_numpy(np.ascontiguousarray(luma[::-1]))


def _crop(luma: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the middle of `luma` that has the proportions of `shape`."""
    rows, columns = luma.shape
    wanted_rows = min(rows, max(1, round(columns * shape[0] / shape[1])))
    wanted_columns = min(columns, max(1, round(rows * shape[1] / shape[0])))
    top, left = (rows - wanted_rows) // 2, (columns - wanted_columns) // 2
    return luma[top : top + wanted_rows, left : left + wanted_columns]


def _size_inside(size: tuple[int, ...], shape: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of the proportions of `size` that has room in `shape`."""
    rows, columns = size
    scale = min(shape[0] / rows, shape[1] / columns)
    return max(1, round(rows * scale)), max(1, round(columns * scale))


def _pad(luma: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return `luma` in the middle of black of this shape."""
    rows, columns = luma.shape
    out = np.zeros(shape, np.float32)
    top, left = (shape[0] - rows) // 2, (shape[1] - columns) // 2
    out[top : top + rows, left : left + columns] = luma
    return out
