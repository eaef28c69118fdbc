"""Small spectrograms of a few points along the front, which sharpen while a run works."""

import base64
import io
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import adaptive_avg_pool2d

from moss.blending.mask import MaskBasis, grid_from_uint8
from moss.blending.mixing import Mixture
from moss.blending.prepared import Prepared
from moss.blending.search import front_from
from moss.progress import RenderProgress, SearchProgress
from moss.render import spectrogram_pixels
from moss.signal.channels import analysed_channel
from moss.signal.pareto import evenly_along_arc
from moss.signal.spectrogram import DisplayRange

COUNT = 4
SIZE = (144, 256)  # rows and columns
QUALITY = 72  # of WebP, up to 100
CAPTIONS = {"designed": "as designed", "heard": "as it sounds"}


class Previews:
    """Keeps `COUNT` pictures, from music to picture: first as designed, then as they sound.

    Parameters
    ----------
    prepared : what the run works with.
    with_sounds : whether sounds replace the designs; after a steer they are too few for that.
    """

    def __init__(self, prepared: Prepared, *, with_sounds: bool = True) -> None:
        mixture, settings = prepared.mixture, prepared.settings
        self._stft, self._settings = prepared.views[0].stft, settings
        self._display = mixture.display
        rows = mixture.audio.shape[0]
        height, width = min(SIZE[0], rows), min(SIZE[1], mixture.audio.shape[1])
        self._size = height, width
        shrink = height / rows
        first = int(mixture.band.start * shrink)
        band = slice(first, max(first + 1, round(mixture.band.stop * shrink)))
        in_band = (band.stop - band.start, width)
        self._mixture = Mixture(
            _small(mixture.audio, self._size),
            _small(mixture.picture, in_band),
            _small(mixture.image, in_band),
            band,
            mixture.display,
            mixture.mixing,
        )
        self._sigma = settings.smoothing_sigma * shrink
        # Made once, of the first masks: its matrices are large where the grid is wide.
        self._basis: MaskBasis | None = None
        self._with_sounds = with_sounds
        # The kind of each picture and its data URL.
        self._pictures: list[tuple[str, str] | None] = [None] * COUNT

    def html_after(self, event: SearchProgress | RenderProgress) -> str | None:
        """Return the pictures' HTML where `event` changes them, otherwise None."""
        if isinstance(event, SearchProgress):
            if event.masks is None:
                return None
            self._design(event)
        elif not self._with_sounds or not self._hear(event.sounds, event.steps - 1):
            return None
        return self._html()

    def _design(self, event: SearchProgress) -> None:
        front = front_from(event)
        grid_shape = front.masks.shape[1:]
        if self._basis is None:
            rows, columns = self._mixture.picture.shape
            self._basis = MaskBasis((rows, columns), grid_shape, self._sigma)
        for slot, index in enumerate(_inner(evenly_along_arc(front.losses, COUNT + 2))):
            mask = self._basis.mask(grid_from_uint8(front.masks[index]))
            self._pictures[slot] = ("designed", self._picture(self._mixture.log_magnitude(mask)))

    def _hear(self, sounds: Mapping[int, np.ndarray], count: int) -> bool:
        """Take the pictures of `sounds`, of `count` in all; return whether any has changed."""
        inner = _inner(range(count))
        # Few sounds spread out among those that stay as designed, so that all are in order.
        places = np.linspace(0, COUNT - 1, len(inner)).round().astype(int)
        slots = dict(zip(inner, places, strict=True))
        sounds_with_slot = [k for k in sounds if k in slots]
        for k in sounds_with_slot:
            analysed = analysed_channel(torch.from_numpy(sounds[k]), self._settings)
            log_magnitude = self._stft.log_magnitude(analysed.to(self._stft.device))
            spectrum = _small(log_magnitude, self._size)
            self._pictures[slots[k]] = ("heard", self._picture(spectrum))
        return bool(sounds_with_slot)

    def _picture(self, log_magnitude: torch.Tensor) -> str:
        return picture_url(log_magnitude.numpy(), self._display, SIZE)

    def _html(self) -> str:
        figures = "".join(
            f'<figure><img src="{picture}" width="{SIZE[1]}" '
            f'height="{SIZE[0]}" alt="Spectrogram {slot} of {COUNT} from music to picture, '
            f'{CAPTIONS[kind]}"/><figcaption>{CAPTIONS[kind]}</figcaption></figure>'
            for slot, (kind, picture) in enumerate(filter(None, self._pictures), start=1)
        )
        return f'<div class="moss-previews">{figures}</div>'


def picture_url(log_magnitude: np.ndarray, display: DisplayRange, size: tuple[int, int]) -> str:
    """Return a spectrogram (freq, time) as the data URL of a picture of `size`, (rows, columns)."""
    pixels = spectrogram_pixels(log_magnitude, low=display.low, high=display.high)
    encoded = io.BytesIO()
    Image.fromarray(pixels).resize(size[::-1]).save(encoded, "WEBP", quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(encoded.getvalue()).decode()}"


def _small(values: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return adaptive_avg_pool2d(values.cpu()[None], size)[0]


def _inner(points: Iterable[int]) -> list[int]:
    """Return `COUNT` of `points`, evenly and without the ends; fewer where there are fewer."""
    points = list(points)
    places = np.linspace(0, len(points) - 1, COUNT + 2)[1:-1]
    return sorted({points[round(place)] for place in places})
