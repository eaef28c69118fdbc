"""Picture, audio and mask -> mixed log magnitude."""

from dataclasses import dataclass

import torch

from moss.signal.pickling import PickledAsArrays
from moss.signal.spectrogram import DisplayRange


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
    """

    audio: torch.Tensor
    picture: torch.Tensor
    image: torch.Tensor
    band: slice
    display: DisplayRange
    mixing: str = "log"

    @property
    def audio_in_band(self) -> torch.Tensor:
        """The rows of `audio` that the picture occupies (band, time)."""
        return self.audio[self.band]

    def in_band(self, mask: torch.Tensor) -> torch.Tensor:
        """Return the mixed log magnitude (band, time) of a mask (band, time) in [0, 1].

        "log": X = A + M (I - A). "linear": X = ln((1 - M) exp A + M exp I).
        """
        audio = self.audio_in_band
        if self.mixing == "log":
            return torch.addcmul(audio, mask, self.image - audio)
        return ((1 - mask) * audio.exp() + mask * self.image.exp()).log()

    def log_magnitude(self, mask: torch.Tensor) -> torch.Tensor:
        """Return the mixed log magnitude (freq, time): `in_band`, and the audio outside."""
        mixed = self.audio.clone()
        mixed[self.band] = self.in_band(mask)
        return mixed

    def to(self, device: torch.device | str) -> "Mixture":
        """Return the same mixture on `device`."""
        return Mixture(
            self.audio.to(device),
            self.picture.to(device),
            self.image.to(device),
            self.band,
            self.display,
            self.mixing,
        )


def mixture_of(
    audio_log_magnitude: torch.Tensor,
    picture: torch.Tensor,
    band: slice,
    *,
    range_nats: float = 12.0,
    gamma: float = 1.0,
    mixing: str = "log",
) -> Mixture:
    """Return the mixture of ln |STFT| (freq, time) and a picture (band, time) in [0, 1].

    I = low + (high - low) P^gamma, where [low, high] are the `range_nats` that end half a neper
    under the loudest bin.
    """
    display = DisplayRange.below_peak(audio_log_magnitude, range_nats)
    return Mixture(
        audio_log_magnitude.clamp_min(display.low),
        picture,
        display.low + range_nats * picture**gamma,
        band,
        display,
        mixing,
    )
