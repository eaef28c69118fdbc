"""A picture and a track, decoded and laid over each other, ready to be blended."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from moss.blending.mixing import Mixture, mixture_of
from moss.errors import InputError, about
from moss.media import load_audio, load_picture
from moss.media.files import recorded_input
from moss.phase.descent import View
from moss.settings.blend import BlendSettings
from moss.signal.picture import picture_on_grid
from moss.signal.similarity import WINDOW_SIZE
from moss.signal.spectrogram import STFT, DisplayRange


@dataclass(frozen=True)
class Prepared:
    """A picture and a part of a track, decoded and ready to be blended.

    waveform : (channels, samples) float32 at the settings' sample rate.
    mixture : both as log magnitudes; views : the spectrogram viewers the sounds are made for,
    the first with the mixture's own window.
    settings : with the duration that the part really has.
    inputs : {"picture": ..., "audio": ...}, each with the file's path and SHA-256.
    device : where the computing is to be done, "cpu" or "cuda". The tensors are on the CPU until
        `to` moves them: files are read and measured there, by this process.
    """

    waveform: torch.Tensor
    mixture: Mixture
    views: list[View]
    settings: BlendSettings
    inputs: dict[str, dict[str, str]]
    device: str = "cpu"

    def to(self, device: torch.device | str) -> Prepared:
        """Return the same with its mixture and its views on `device`."""
        if torch.device(device) == self.mixture.audio.device:
            return self
        views = [view.to(device) for view in self.views]
        return replace(self, mixture=self.mixture.to(device), views=views)

    def __reduce__(self):
        # As NumPy: tensors would go to another process by way of its shared memory, which is
        # small in a container.
        mixture = self.mixture
        arrays = [_array(each) for each in (mixture.audio, mixture.picture, mixture.image)]
        views = [
            (view.stft.n_fft, view.stft.hop_length, _array(view.picture), view.band, view.display)
            for view in self.views
        ]
        others = [_array(view.audio) for view in self.views[1:]]
        about = mixture.band, mixture.display, mixture.mixing
        kept = self.settings, self.inputs, self.device
        return _unpickled, (_array(self.waveform), arrays, about, views, others, kept)


def prepare(
    picture: str | os.PathLike,
    audio: str | os.PathLike,
    settings: BlendSettings,
    device: str = "cpu",
) -> Prepared:
    """Decode both files and lay the picture over the track's spectrogram.

    `device` is where the computing is to be done afterwards.

    Raises InputError for files that cannot be used and for a part shorter than the analysis.
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
    laid = picture_on_grid(luma, (settings.band_bins, stft.frames), settings.fit)
    mixture = mixture_of(
        stft.log_magnitude(mid).contiguous(),
        laid,
        settings.band,
        range_nats=settings.range_nats,
        gamma=settings.gamma,
        mixing=settings.mixing,
    )
    views = [View(stft, mixture.audio, laid, settings.band, mixture.display)]
    for window in settings.windows[1:]:
        factor = window.n_fft / settings.n_fft
        views.append(_other_view(luma, mid, mixture.display, settings, factor))
    inputs = {kind: recorded_input(path) for kind, path in (("picture", picture), ("audio", audio))}
    return Prepared(waveform, mixture, views, settings, inputs, device)


def _part_of(audio, settings):
    waveform = load_audio(
        audio,
        sample_rate=settings.sample_rate,
        start_s=settings.start_s,
        duration_s=settings.duration_s,
        mono=settings.mono,
    )
    name = Path(audio).name
    _check_length(waveform, settings, name)
    if not waveform.mean(dim=0).any():
        raise InputError(
            f"The two channels of {name} cancel each other, so nothing is left to blend; "
            "give a track whose channels differ."
        )
    return waveform


def _check_length(waveform, settings, name):
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


def _other_view(luma, mid, display, settings, factor):
    n_fft, hop = round(settings.n_fft * factor), round(settings.hop_length * factor)
    stft = STFT(len(mid), n_fft, hop)
    # Noise, which is what a picture's surfaces sound like, grows with the window's square root.
    offset = 0.5 * math.log(factor)
    display = DisplayRange(display.low + offset, display.high + offset)
    band = slice(
        math.ceil(settings.band.start * factor), math.ceil((settings.band.stop - 1) * factor) + 1
    )
    picture = picture_on_grid(luma, (band.stop - band.start, stft.frames), settings.fit)
    audio = stft.log_magnitude(mid).clamp_min(display.low)
    return View(stft, audio, picture, band, display)


def _array(tensor):
    return tensor.cpu().numpy()


def _unpickled(*state):
    # A process that was forked has lost the threads that PyTorch computed with until then, and
    # would wait for them for ever.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _rebuilt(*state)
    finally:
        torch.set_num_threads(threads)


def _rebuilt(waveform, arrays, about, views, others, kept):
    mixture = Mixture(*map(torch.from_numpy, arrays), *about)
    audio = [mixture.audio, *map(torch.from_numpy, others)]
    views = [
        View(STFT(waveform.shape[1], n_fft, hop), audio[k], torch.from_numpy(picture), band, shown)
        for k, (n_fft, hop, picture, band, shown) in enumerate(views)
    ]
    return Prepared(torch.from_numpy(waveform), mixture, views, *kept)
