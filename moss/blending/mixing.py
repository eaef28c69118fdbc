"""Picture, audio and mask -> mixed log magnitude."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad

from moss.signal.hearing import SoundDifference, difference_from
from moss.signal.pickling import PickledAsArrays
from moss.signal.spectrogram import HEADROOM_NATS, DisplayRange

ALL = slice(None)
LEAN_RATIO = 1.4  # of local brightness, up or down; 1.2 and 1.7 sounded worse at equal picture
LEAN_CELL = 8  # bins: the lean is as smooth as means over cells and over three of these
LEAN_KERNEL = torch.tensor((0.25, 0.5, 0.25)).outer(torch.tensor((0.25, 0.5, 0.25)))
LEAST_BRIGHTNESS = 0.05  # black, too, may be lifted a little
LEAST_UNIT = 1e-6  # of the track's loudness: a picture that changes nothing


@dataclass(frozen=True)
class Mixture(PickledAsArrays):
    """A picture and a track as two log magnitudes that a mask can mix.

    Attributes
    ----------
    audio : (freq, time) ln |STFT| of the track in nats, never below `display.low`.
    picture : (band, time) the picture in [0, 1] as it should look.
    image : (band, time) the picture as log magnitude, gamma applied, in nats.
    band : the rows of the spectrogram that the picture occupies; outside, the audio stays.
    display : the log magnitudes of the picture's black and white.
    mixing : "log" blends log magnitudes, "linear" blends magnitudes.
    lean : (band, time) in nats, how far the picture leans toward the level of the music where both
        are mixed, or None for not at all. Only "log" mixing has it.
    audio_loss : of `moss.signal.hearing.AUDIO_LOSSES`, what the audio loss is.
    sample_rate : of the track, in hertz.
    """

    audio: torch.Tensor
    picture: torch.Tensor
    image: torch.Tensor
    band: slice
    display: DisplayRange
    mixing: str = "log"
    lean: torch.Tensor | None = None
    audio_loss: str = "log"
    sample_rate: float = 22_050.0

    @property
    def audio_in_band(self) -> torch.Tensor:
        """The rows of `audio` that the picture occupies (band, time)."""
        return self.audio[self.band]

    def in_band(self, mask: torch.Tensor, frames: slice = ALL) -> torch.Tensor:
        """Return the mixed log magnitude (band, time) of a mask (band, time) in [0, 1].

        It is that of `frames`, which the mask covers.

        "log": X = A + M (I - A) + lean_share(M) L, where L is the lean. "linear":
        X = ln((1 - M) exp A + M exp I).
        """
        audio, image = self.audio_in_band[:, frames], self.image[:, frames]
        if self.mixing == "log":
            mixed = torch.addcmul(audio, mask, image - audio)
            if self.lean is None:
                return mixed
            return mixed.addcmul_(lean_share(mask), self.lean[:, frames])
        return ((1 - mask) * audio.exp() + mask * image.exp()).log()

    def log_magnitude(self, mask: torch.Tensor, frames: slice = ALL) -> torch.Tensor:
        """Return the mixed log magnitude (freq, time): `in_band`, and the audio outside."""
        return self.around(self.in_band(mask, frames), frames)

    def around(self, mixed: torch.Tensor, frames: slice = ALL) -> torch.Tensor:
        """Return the log magnitude (freq, time) of `frames` with `mixed` (band, time) in it."""
        whole = self.audio[:, frames].clone()
        whole[self.band] = mixed
        return whole

    @cached_property
    def unit(self) -> float:
        """How different the pure picture sounds from the track; 1 in the published loss."""
        if self.audio_loss == "log":
            return 1.0
        return max(self._difference(1.0)(self.around(self.image).T), LEAST_UNIT)

    @cached_property
    def difference(self) -> SoundDifference:
        """From the track. The heard difference of the pure picture is 1."""
        return self._difference(self.unit)

    def _difference(self, unit: float) -> SoundDifference:
        low = self.display.low
        return difference_from(self.audio.T, self.audio_loss, low, self.sample_rate, unit)

    def to(self, device: torch.device | str) -> "Mixture":
        """Return the same mixture on `device`."""
        if torch.device(device) == self.audio.device:
            return self
        return replace(
            self,
            audio=self.audio.to(device),
            picture=self.picture.to(device),
            image=self.image.to(device),
            lean=None if self.lean is None else self.lean.to(device),
        )


def mixture_of(
    audio_log_magnitude: torch.Tensor,
    picture: torch.Tensor,
    band: slice,
    *,
    range_nats: float = 12.0,
    white_nats: float = HEADROOM_NATS,
    gamma: float = 1.0,
    mixing: str = "log",
    audio_loss: str = "log",
    sample_rate: float = 22_050.0,
) -> Mixture:
    """Return the mixture of ln |STFT| (freq, time) and a picture (band, time) in [0, 1].

    I = low + (high - low) P^gamma, where [low, high] are the `range_nats` that end `white_nats`
    under the loudest bin. With the heard audio loss the picture leans toward the music.
    """
    display = DisplayRange.below_peak(audio_log_magnitude, range_nats, white_nats)
    audio = audio_log_magnitude.clamp_min(display.low)
    brightness = picture**gamma
    leans = audio_loss == "heard" and mixing == "log"
    return Mixture(
        audio,
        picture,
        display.low + range_nats * brightness,
        band,
        display,
        mixing,
        lean_of(audio[band], brightness, display) if leans else None,
        audio_loss,
        sample_rate,
    )


def lean_of(audio: torch.Tensor, brightness: torch.Tensor, display: DisplayRange) -> torch.Tensor:
    """Return how far a picture leans toward the level of the music around (band, time), in nats.

    SSIM hardly minds a window that is a little brighter or darker as a whole: at 1.4 times the
    brightness its luminance term is still 0.95. To the ear these are several decibels of noise
    less, or of music more. So the local level moves toward the music's, smoothly, by at most that
    ratio.

    Parameters
    ----------
    audio : Tensor, (band, time)
        The track's log magnitude in nats, never below black.
    brightness : Tensor, (band, time)
        Of the picture in [0, 1], gamma applied.
    display : DisplayRange
        What black and white stand for.
    """
    span = display.high - display.low
    around = _blurred(brightness)
    away = (_blurred(audio) - display.low) / span - around
    around.clamp_min_(LEAST_BRIGHTNESS)
    most = math.log(LEAN_RATIO)
    ratio = away.div_(around).div_(most).tanh_().mul_(most).expm1_()
    return ratio.mul_(around).mul_(span)


def lean_share(mask: torch.Tensor) -> torch.Tensor:
    """Return how much of the lean a mask (...) in [0, 1] has, M - M^17: none at both ends."""
    return mask - mask * _sixteenth_power(mask)


def lean_slope(mask: torch.Tensor) -> torch.Tensor:
    """Return the derivative of `lean_share` by the mask."""
    return 1 - 17 * _sixteenth_power(mask)


def _sixteenth_power(values: torch.Tensor) -> torch.Tensor:
    """Return values^16 by four squares, which take a fifth of the time of `pow`."""
    return values.square().square_().square_().square_()


def _blurred(values: torch.Tensor) -> torch.Tensor:
    """Return the local mean of `values` (rows, columns) around each bin, smooth in both axes."""
    cells = avg_pool2d(values[None, None], LEAN_CELL, ceil_mode=True, count_include_pad=False)
    cells = conv2d(pad(cells, (1, 1, 1, 1), mode="replicate"), LEAN_KERNEL.to(values)[None, None])
    return interpolate(cells, values.shape, mode="bilinear", align_corners=False)[0, 0]
