"""A spectrogram as a bare picture, for what a visitor watches."""

import base64
import io

import numpy as np
from PIL import Image

from moss.render import spectrogram_pixels
from moss.signal.spectrogram import DisplayRange

QUALITY = 72  # of WebP, up to 100


def spectrogram_image(
    log_magnitude: np.ndarray, display: DisplayRange, size: tuple[int, int]
) -> Image.Image:
    """Return a spectrogram (freq, time) as a picture of `size`, (rows, columns)."""
    pixels = spectrogram_pixels(log_magnitude, low=display.low, high=display.high)
    return Image.fromarray(pixels).resize(size[::-1])


def picture_url(log_magnitude: np.ndarray, display: DisplayRange, size: tuple[int, int]) -> str:
    """Return a spectrogram (freq, time) as the data URL of a picture of `size`."""
    encoded = io.BytesIO()
    spectrogram_image(log_magnitude, display, size).save(encoded, "WEBP", quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(encoded.getvalue()).decode()}"
