"""A picture and a track laid over each other, and what a sound replays of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from moss.blending.mixing import Mixture
from moss.blending.track import TrackPart
from moss.settings.blend import BlendSettings
from moss.signal.channels import carriers_of
from moss.signal.pickling import PickledAsArrays
from moss.signal.replay import Replayed, View
from moss.signal.spectrogram import STFT


@dataclass(frozen=True)
class Prepared(PickledAsArrays):
    """A picture and a part of a track, decoded and ready to be blended.

    Attributes
    ----------
    waveform : (channels, samples) float32 at the settings' sample rate.
    mixture : both as log magnitudes. stft : the transform that it was made with.
    other_views : the spectrogram viewers with other windows that the sounds are made for as well.
    settings : with the duration that the part really has, and what the track decides.
    inputs : {"picture": ..., "audio": ...}, each with the file's path and SHA-256; there may be a
        "second_picture".
    device : where the computing is to be done, "cpu" or "cuda". The tensors are on the CPU until
        `to` moves them: files are read and measured there, by this process.
    track : the part at the track's own rate where the sounds have that; None where they have the
        waveform's.
    warnings : what somebody should know of the files and did not stop them, in sentences.
    """

    waveform: torch.Tensor
    mixture: Mixture
    stft: STFT
    other_views: list[View]
    settings: BlendSettings
    inputs: dict[str, dict[str, str]]
    device: str = "cpu"
    track: TrackPart | None = None
    warnings: tuple[str, ...] = ()

    @property
    def heard_track(self) -> torch.Tensor:
        """The part of the track (channels, samples) as the sounds have it."""
        return self.waveform if self.track is None else self.track.samples

    @property
    def sound_rate(self) -> int:
        """The sample rate of the sounds."""
        return self.settings.analysis_rate if self.track is None else self.track.rate

    def at_sound_rate(self, sound: torch.Tensor) -> torch.Tensor:
        """Return a sound like the waveform as its file has it, at the level of the track."""
        if self.track is None:
            return sound
        return self.track.changed_as(sound, self.waveform, self.settings)

    def at_analysis_rate(self, sound: torch.Tensor) -> torch.Tensor:
        """Return what a file has, (channels, samples), as the waveform is."""
        if self.track is None:
            return sound
        return self.track.analysed_again(sound, self.waveform.shape[1], self.settings)

    @cached_property
    def views(self) -> list[View]:
        """All spectrogram viewers that the sounds are made for, the mixture's own window first."""
        mixture = self.mixture
        own = View(
            self.stft,
            mixture.audio,
            mixture.picture,
            mixture.band,
            mixture.display,
            *hearing_of(mixture),
        )
        return [own, *self.other_views]

    @cached_property
    def carrier_views(self) -> list[View]:
        """The first view of each channel that carries a picture, as `carriers_of` has them."""
        whole, starts = self.views[0], self.settings.carrier_starts
        if len(starts) == 1:
            return [whole]
        assert whole.audio is not None, "a blend has a track"
        stft = STFT(self.waveform.shape[1], whole.stft.n_fft, whole.stft.hop_length)
        views = []
        for start in starts:
            first = start // stft.hop_length
            frames = slice(first, first + stft.frames)
            audio, picture = whole.audio[:, frames], whole.picture[:, frames]
            views.append(replace(whole, stft=stft, audio=audio, picture=picture))
        return views

    def replayed(self, waveform: torch.Tensor) -> list[Replayed]:
        """Return what each channel that carries a picture replays.

        `waveform` (channels, samples) is a sound at the level of the track.
        """
        carriers = carriers_of(waveform, self.settings.channel)
        views = zip(self.carrier_views, carriers, strict=True)
        return [view.replayed(carrier) for view, carrier in views]

    def losses(self, waveform: torch.Tensor) -> tuple[float, float]:
        """Return the mean visual and audio loss of the channels that carry a picture."""
        carriers = carriers_of(waveform, self.settings.channel)
        views = zip(self.carrier_views, carriers, strict=True)
        visual, audio = np.mean([view.losses(carrier) for view, carrier in views], axis=0).tolist()
        return visual, audio

    def to(self, device: torch.device | str) -> Prepared:
        """Return the same with its mixture and its views on `device`."""
        if torch.device(device) == self.mixture.audio.device:
            return self
        stft = STFT(self.stft.length, self.stft.n_fft, self.stft.hop_length, device)
        others = [view.to(device) for view in self.other_views]
        return replace(self, mixture=self.mixture.to(device), stft=stft, other_views=others)


def hearing_of(mixture: Mixture) -> tuple[str, float, float]:
    """Return what a view needs to hear as the mixture does."""
    return mixture.audio_loss, mixture.sample_rate, mixture.unit
