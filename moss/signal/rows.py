"""Rows of a picture over the bins of a spectrogram: linear, in octaves or mel."""

import numpy as np
import torch

from moss.settings.band import Band

MEL_HZ = 700.0  # of the usual mel scale, 2595 lg(1 + f / 700); the factor cancels here


def bins_from_rows(rows: int, bins: slice, bin_hz: float, band: Band) -> torch.Tensor:
    """Return the matrix (bins, rows) that lays a picture over frequency.

    Row 0 is the lowest. The centre of row 0 lies at the band's bottom and that of the last row at
    its top. Each bin takes the rows around its place with the weights of a triangle, which is as
    wide as the rows or the bins are apart there, whichever is more; weights sum to 1.

    Parameters
    ----------
    rows : int
        Of the picture, evenly apart on the band's scale.
    bins : slice
        The rows of the spectrogram that the picture occupies.
    bin_hz : float
        How far they are apart, in hertz.
    band : Band
        The settings that say where the edges of the picture lie, and on which scale.
    """
    hz = np.arange(bins.start, bins.stop) * bin_hz
    low, high = (_place_on_scale(np.array(f), band) for f in (band.bottom_hz, band.top_hz))
    places = (_place_on_scale(hz, band) - low) / (high - low) * (rows - 1)
    places = places.clip(0, rows - 1)
    reach = np.maximum(np.gradient(places), 1.0)[:, None]
    weights = (1 - np.abs(np.arange(rows) - places[:, None]) / reach).clip(0)
    return torch.from_numpy((weights / weights.sum(axis=1, keepdims=True)).astype(np.float32))


def _place_on_scale(hz: np.ndarray, band: Band) -> np.ndarray:
    """Return where frequencies lie on the scale of the settings, in a unit of its own."""
    if band.scale == "log":
        return np.log2(np.maximum(hz, band.bottom_hz))
    if band.scale == "mel":
        return np.log1p(hz / MEL_HZ)
    return hz
