"""What a finished sound replays: the losses of its own spectrogram, as a viewer shows it.

visual loss = 1 - SSIM(normalised X, P), audio loss = the difference of X from A that the settings
choose (`moss.signal.hearing`); both are minimised. X is the log magnitude of the sound, A that of
the track and P the picture. The losses of a design are the same functions of the designed log
magnitude.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from moss.signal.hearing import AUDIO_LOSSES, SoundDifference, difference_from
from moss.signal.pickling import PickledAsArrays
from moss.signal.similarity import SSIM
from moss.signal.spectrogram import STFT, DisplayRange


def visual_loss(shown: torch.Tensor, similarity: SSIM) -> float:
    """Return 1 - the mean SSIM of what is `shown`, brightness in [0, 1], to a picture."""
    return 1 - similarity(shown)


def visual_loss_of_pieces(pieces: Iterable[tuple[torch.Tensor, SSIM]]) -> float | None:
    """Return the visual loss over all windows of many (shown, similarity) that are one picture.

    It is None where there are no pieces.
    """
    total, windows = 0.0, 0
    for shown, similarity in pieces:
        scores = similarity.window_scores(shown)
        total += scores.sum(dtype=torch.float64).item()
        windows += scores.numel()
    return 1 - total / windows if windows else None


@dataclass(frozen=True)
class Replayed:
    """What a sound replays, as one viewer shows it.

    Attributes
    ----------
    visual : the visual loss.
    differences : {name: audio loss} by every one of `AUDIO_LOSSES`.
    log_magnitude : (freq, time) in nats.
    """

    visual: float
    differences: dict[str, float]
    log_magnitude: torch.Tensor


@dataclass(frozen=True)
class View(PickledAsArrays):
    """What a spectrogram viewer with one window length should show of a sound.

    Attributes
    ----------
    stft : the viewer's transform, of the sound's length.
    audio : (freq, time) log magnitude of the target audio, never below `display.low`; None where
        there is only a picture. The audio loss is 0 then.
    picture : (band, time) in [0, 1].
    band : the rows that the picture occupies.
    display : the log magnitudes of black and white.
    audio_loss : of `AUDIO_LOSSES`, what its audio loss is.
    sample_rate : of the sound, in hertz.
    unit : the heard difference that counts as 1.
    """

    stft: STFT
    audio: torch.Tensor | None
    picture: torch.Tensor
    band: slice
    display: DisplayRange
    audio_loss: str = "log"
    sample_rate: float = 22_050.0
    unit: float = 1.0

    @cached_property
    def difference(self) -> SoundDifference | None:
        """From the target audio; None where there is only a picture."""
        return self._difference(self.audio_loss)

    @cached_property
    def _differences(self) -> dict[str, SoundDifference | None]:
        return {
            name: self.difference if name == self.audio_loss else self._difference(name)
            for name in AUDIO_LOSSES
        }

    def _difference(self, audio_loss: str) -> SoundDifference | None:
        if self.audio is None:
            return None
        by_frame, low = self.audio.T, self.display.low
        return difference_from(by_frame, audio_loss, low, self.sample_rate, self.unit)

    @cached_property
    def similarity(self) -> SSIM:
        """To the picture, which is compared frame by frame, (time, band)."""
        return SSIM(self.picture.T.contiguous())

    def to(self, device: torch.device | str) -> View:
        """Return the same view on `device`."""
        stft = STFT(self.stft.length, self.stft.n_fft, self.stft.hop_length, device)
        audio = None if self.audio is None else self.audio.to(device)
        return replace(self, stft=stft, audio=audio, picture=self.picture.to(device))

    def at(self, samples: torch.Tensor) -> View:
        """Return the view of these samples (n,) of the sound, side by side.

        They are runs that begin at frames of every view. A change of all of them counts as much
        as it would of all samples of the whole.
        """
        hop = self.stft.hop_length
        stft = STFT(len(samples), self.stft.n_fft, hop, self.stft.device)
        frames = torch.cat((samples, samples[-1:] + 1))[::hop] // hop
        audio = None if self.audio is None else self.audio[:, frames]
        part = replace(self, stft=stft, audio=audio, picture=self.picture[:, frames])
        # In its place before it is asked for: made of the part alone it would have other units.
        vars(part)["difference"] = self.difference.at(frames) if self.difference else None
        return part

    def losses(self, waveform: torch.Tensor) -> tuple[float, float]:
        """Return what `waveform` (length,) replays: its visual loss and its audio loss."""
        by_frame = self.stft.log_magnitude(waveform).T
        return self._visual(by_frame), 0.0 if self.difference is None else self.difference(by_frame)

    def replayed(self, waveform: torch.Tensor) -> Replayed:
        """Return all that `waveform` (length,) replays."""
        log_magnitude = self.stft.log_magnitude(waveform)
        by_frame = log_magnitude.T
        told = {name: each(by_frame) for name, each in self._differences.items() if each}
        return Replayed(self._visual(by_frame), told, log_magnitude)

    def _visual(self, by_frame: torch.Tensor) -> float:
        return visual_loss(self.display.normalised(by_frame[:, self.band]), self.similarity)
