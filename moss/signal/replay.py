"""What a finished sound replays: the losses of its own spectrogram, as a viewer shows it.

visual loss = 1 - SSIM(normalised X, P), audio loss = mean |X - A|; both are minimised. X is the log
magnitude of the sound, A that of the track and P the picture. The losses of a design are the same
functions of the designed log magnitude.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import torch

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


def audio_loss(log_magnitude: torch.Tensor, audio: torch.Tensor, bins: int) -> float:
    """Return the mean absolute difference of two log magnitudes over so many `bins`, in nats.

    Both may be a part of the spectrograms, of which the rest, up to `bins`, does not differ.
    """
    return float((log_magnitude - audio).abs().sum(dtype=torch.float64)) / bins


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
    """

    stft: STFT
    audio: torch.Tensor | None
    picture: torch.Tensor
    band: slice
    display: DisplayRange

    @cached_property
    def audio_by_frame(self) -> torch.Tensor | None:
        """The audio frame by frame, (time, freq), as the transform makes it."""
        return None if self.audio is None else self.audio.T.contiguous()

    @cached_property
    def similarity(self) -> SSIM:
        """To the picture, which is compared frame by frame, (time, band)."""
        return SSIM(self.picture.T.contiguous())

    def to(self, device: torch.device | str) -> View:
        """Return the same view on `device`."""
        stft = STFT(self.stft.length, self.stft.n_fft, self.stft.hop_length, device)
        audio = None if self.audio is None else self.audio.to(device)
        return View(stft, audio, self.picture.to(device), self.band, self.display)

    def losses(self, waveform: torch.Tensor) -> tuple[float, float]:
        """Return what `waveform` (length,) replays: its visual loss and its audio loss."""
        log_magnitude = self.stft.log_magnitude(waveform).T
        shown = self.display.normalised(log_magnitude[:, self.band])
        looks = visual_loss(shown, self.similarity)
        if self.audio_by_frame is None:
            return looks, 0.0
        kept = log_magnitude.clamp_min(self.display.low)
        return looks, audio_loss(kept, self.audio_by_frame, kept.numel())
