"""Picture <-> spectrogram: orientation, fit, frequency range and contrast."""

import numpy as np
import torch
from PIL import Image


def picture_on_grid(
    luma: np.ndarray, shape: tuple[int, int], fit: str = "stretch", *, as_it_is: bool = False
) -> torch.Tensor:
    """Return a picture as brightness (freq, time) in [0, 1], its bottom edge at row 0.

    Parameters
    ----------
    luma : float32 (rows, columns) in [0, 1], row 0 the top.
    shape : (freq, time) of the spectrogram's part that the picture fills.
    fit : "stretch" to `shape`; "crop" the longer side to the proportions of `shape`;
        "pad" the shorter side with black. A spectrogram's bins count as square.

    The resized picture is stretched to its full contrast unless it is to be shown `as_it_is`; a
    constant picture keeps its value.
    """
    if fit == "crop":
        luma = _cropped(luma, shape)
    rows, columns = _inside(luma.shape, shape) if fit == "pad" else shape
    image = Image.fromarray(np.ascontiguousarray(luma, dtype=np.float32))
    resized = np.asarray(image.resize((columns, rows), Image.Resampling.LANCZOS))
    resized = np.clip(resized, luma.min(), luma.max())  # Lanczos rings at hard edges
    if fit == "pad":
        resized = _padded(resized, shape)
    return brightness_of(resized, as_it_is=as_it_is)


def brightness_of(luma: np.ndarray, *, as_it_is: bool = False) -> torch.Tensor:
    """Return float32 `luma` (rows, columns), row 0 the top, as brightness (freq, time) in [0, 1].

    It is stretched to its full contrast unless it is to be shown `as_it_is`; a constant picture
    keeps its value.
    """
    low, high = float(luma.min()), float(luma.max())
    if (
        not as_it_is and high - low > 1 / 1024
    ):  # under a quarter of an 8-bit step there is nothing to stretch
        luma = (luma - low) / (high - low)
    return torch.from_numpy(np.ascontiguousarray(luma[::-1]))


def _cropped(luma, shape):
    rows, columns = luma.shape
    wanted_rows = min(rows, max(1, round(columns * shape[0] / shape[1])))
    wanted_columns = min(columns, max(1, round(rows * shape[1] / shape[0])))
    top, left = (rows - wanted_rows) // 2, (columns - wanted_columns) // 2
    return luma[top : top + wanted_rows, left : left + wanted_columns]


def _inside(size, shape):
    """The largest size of the proportions of `size` that has room in `shape`."""
    scale = min(shape[0] / size[0], shape[1] / size[1])
    return tuple(max(1, round(side * scale)) for side in size)


def _padded(luma, shape):
    rows, columns = luma.shape
    out = np.zeros(shape, np.float32)
    top, left = (shape[0] - rows) // 2, (shape[1] - columns) // 2
    out[top : top + rows, left : left + columns] = luma
    return out
