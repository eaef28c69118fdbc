"""A picture and a track, decoded and laid over each other, ready to be blended."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from moss.blending.mixing import Mixture, mixture_of
from moss.errors import InputError, about
from moss.media import load_audio, load_picture
from moss.media.files import FilePath, name_of, recorded_input
from moss.settings.blend import BlendSettings
from moss.signal.pickling import PickledAsArrays
from moss.signal.picture import picture_on_grid
from moss.signal.replay import View
from moss.signal.rows import bins_from_rows
from moss.signal.similarity import WINDOW_SIZE
from moss.signal.spectrogram import STFT, DisplayRange


@dataclass(frozen=True)
class Prepared(PickledAsArrays):
    """A picture and a part of a track, decoded and ready to be blended.

    Attributes
    ----------
    waveform : (channels, samples) float32 at the settings' sample rate.
    mixture : both as log magnitudes. stft : the transform that it was made with.
    other_views : the spectrogram viewers with other windows that the sounds are made for as well.
    settings : with the duration that the part really has.
    inputs : {"picture": ..., "audio": ...}, each with the file's path and SHA-256.
    device : where the computing is to be done, "cpu" or "cuda". The tensors are on the CPU until
        `to` moves them: files are read and measured there, by this process.
    """

    waveform: torch.Tensor
    mixture: Mixture
    stft: STFT
    other_views: list[View]
    settings: BlendSettings
    inputs: dict[str, dict[str, str]]
    device: str = "cpu"

    @cached_property
    def views(self) -> list[View]:
        """All spectrogram viewers that the sounds are made for, the mixture's own window first."""
        mixture = self.mixture
        own = View(self.stft, mixture.audio, mixture.picture, mixture.band, mixture.display)
        return [own, *self.other_views]

    def to(self, device: torch.device | str) -> Prepared:
        """Return the same with its mixture and its views on `device`."""
        if torch.device(device) == self.mixture.audio.device:
            return self
        stft = STFT(self.stft.length, self.stft.n_fft, self.stft.hop_length, device)
        others = [view.to(device) for view in self.other_views]
        return replace(self, mixture=self.mixture.to(device), stft=stft, other_views=others)


def prepare(
    picture: FilePath,
    audio: FilePath,
    settings: BlendSettings,
    device: str = "cpu",
) -> Prepared:
    """Decode both files and lay the picture over the track's spectrogram.

    `device` is where the computing is to be done afterwards.

    Raises
    ------
    InputError
        Files cannot be used, or the part is shorter than the analysis.
    """
    with about("picture"):
        luma = load_picture(picture)
    with about("audio"):
        waveform = _part_of(audio, settings)
    if settings.invert:
        luma = 1 - luma
    settings = settings.for_duration(waveform.shape[1] / settings.sample_rate)
    mid = waveform.mean(dim=0)
    stft = STFT(len(mid), settings.n_fft, settings.hop_length)
    grid_picture = _picture_on_bins(luma, settings.band, settings.bin_hz, stft.frames, settings)
    mixture = mixture_of(
        stft.log_magnitude(mid).contiguous(),
        grid_picture,
        settings.band,
        range_nats=settings.range_nats,
        gamma=settings.gamma,
        mixing=settings.mixing,
    )
    others = [
        _other_view(luma, mid, mixture.display, settings, window.n_fft / settings.n_fft)
        for window in settings.windows[1:]
    ]
    inputs = {kind: recorded_input(path) for kind, path in (("picture", picture), ("audio", audio))}
    return Prepared(waveform, mixture, stft, others, settings, inputs, device)


def _part_of(audio: FilePath, settings: BlendSettings) -> torch.Tensor:
    waveform = load_audio(
        audio,
        sample_rate=settings.sample_rate,
        start_s=settings.start_s,
        duration_s=settings.duration_s,
        mono=settings.mono,
    )
    name = name_of(audio)
    _check_length(waveform, settings, name)
    if not waveform.mean(dim=0).any():
        raise InputError(
            f"The two channels of {name} cancel each other, so nothing is left to blend; "
            "give a track whose channels differ."
        )
    return waveform


def _check_length(waveform: torch.Tensor, settings: BlendSettings, name: str) -> None:
    hop = max(window.hop_length for window in settings.windows)
    needed = max(settings.n_fft, (WINDOW_SIZE - 1) * hop)
    if waveform.shape[1] < needed:
        raise InputError(
            f"The part of {name} is {waveform.shape[1] / settings.sample_rate:.3g} s long; "
            f"at least {math.ceil(1000 * needed / settings.sample_rate) / 1000:g} s are needed."
        )
    frames = 1 + waveform.shape[1] // settings.hop_length
    if settings.grid_width and settings.grid_width > frames:
        raise InputError(
            f"The mask grid is {settings.grid_width} cells wide, but the part of {name} has "
            f"{frames} spectrogram frames; use a smaller grid width."
        )


def _picture_on_bins(
    luma: np.ndarray, band: slice, bin_hz: float, frames: int, settings: BlendSettings
) -> torch.Tensor:
    """Return a picture as brightness (band, frames), its rows on the scale of the settings."""
    rows = band.stop - band.start
    picture = picture_on_grid(luma, (rows, frames), settings.fit)
    if settings.scale == "linear":
        return picture  # its rows are the bins
    return bins_from_rows(rows, band, bin_hz, settings) @ picture


def _other_view(
    luma: np.ndarray,
    mid: torch.Tensor,
    display: DisplayRange,
    settings: BlendSettings,
    factor: float,
) -> View:
    n_fft, hop = round(settings.n_fft * factor), round(settings.hop_length * factor)
    stft = STFT(len(mid), n_fft, hop)
    # Noise, which is what a picture's surfaces sound like, grows with the window's square root.
    offset = 0.5 * math.log(factor)
    display = DisplayRange(display.low + offset, display.high + offset)
    band = slice(
        math.ceil(settings.band.start * factor), math.ceil((settings.band.stop - 1) * factor) + 1
    )
    picture = _picture_on_bins(luma, band, settings.bin_hz / factor, stft.frames, settings)
    audio = stft.log_magnitude(mid).clamp_min(display.low)
    return View(stft, audio, picture, band, display)
