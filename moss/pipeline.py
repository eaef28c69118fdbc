"""The use cases, end to end: a picture and a track become a folder of sounds."""

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from moss.blend.front import Front
from moss.blend.mixing import Mixture, mixture_of
from moss.blend.search import front_from, search
from moss.blend.sounds import sounds_of
from moss.config import BlendSettings
from moss.errors import InputError, OutputError
from moss.folder import new_folder
from moss.media import load_audio, load_picture, sha256_of
from moss.phase.descent import View
from moss.picture import picture_on_grid
from moss.progress import RenderProgress, SearchProgress
from moss.similarity import WINDOW_SIZE
from moss.spectrogram import STFT, DisplayRange
from moss.write_run import write_run

Event = SearchProgress | RenderProgress

OTHER_WINDOWS = (0.5, 2.0)  # of n_fft: what viewer="any" is made for besides n_fft itself


@dataclass(frozen=True)
class Prepared:
    """A picture and a part of a track, decoded and ready to be blended.

    waveform : (channels, samples) float32 at the settings' sample rate.
    mixture : both as log magnitudes; views : the spectrogram viewers the sounds are made for,
    the first with the mixture's own window.
    settings : with the duration that the part really has.
    inputs : {"picture": ..., "audio": ...}, each with the file's path and SHA-256.
    """

    waveform: torch.Tensor
    mixture: Mixture
    views: list[View]
    settings: BlendSettings
    inputs: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, and what its summary.json says."""

    folder: Path
    summary: dict[str, Any]


def prepare(
    picture: str | os.PathLike,
    audio: str | os.PathLike,
    settings: BlendSettings,
    device: torch.device | str = "cpu",
) -> Prepared:
    """Decode both files and lay the picture over the track's spectrogram.

    Raises InputError for files that cannot be used and for a part shorter than the analysis.
    """
    luma = load_picture(picture)
    waveform = load_audio(
        audio,
        sample_rate=settings.sample_rate,
        start_s=settings.start_s,
        duration_s=settings.duration_s,
        mono=settings.mono,
    )
    if settings.invert:
        luma = 1 - luma
    _check_length(waveform, settings, Path(audio).name)
    settings = settings.for_duration(waveform.shape[1] / settings.sample_rate)
    mid = waveform.mean(dim=0).to(device)
    if not mid.any():
        raise InputError(
            f"The two channels of {Path(audio).name} cancel each other, so nothing is left to "
            "blend; give a track whose channels differ."
        )
    stft = STFT(len(mid), settings.n_fft, settings.hop_length, device)
    laid = picture_on_grid(luma, (settings.band_bins, stft.frames), settings.fit).to(device)
    mixture = mixture_of(
        stft.log_magnitude(mid).contiguous(),
        laid,
        settings.band,
        range_nats=settings.range_nats,
        gamma=settings.gamma,
        mixing=settings.mixing,
    )
    views = [View(stft, mixture.audio, laid, settings.band, mixture.display)]
    if settings.viewer == "any":
        views += [_other_view(luma, mid, mixture.display, settings, k) for k in OTHER_WINDOWS]
    inputs = {
        kind: {"path": str(Path(path).resolve()), "sha256": sha256_of(path)}
        for kind, path in (("picture", picture), ("audio", audio))
    }
    return Prepared(waveform, mixture, views, settings, inputs)


def find_front(prepared: Prepared) -> Iterator[SearchProgress]:
    """Search the Pareto front of `prepared`; the last event carries it."""
    return search(prepared.mixture, prepared.settings, prepared.mixture.audio.device)


def make_sounds(prepared: Prepared, front: Front) -> Iterator[RenderProgress]:
    """Make the sounds of the front's representatives; each event carries those that are new.

    The last one carries the morph, whose index is the number of representatives.
    """
    started = time.perf_counter()
    indices = front.representatives(prepared.settings.representatives)
    steps = len(indices) + 1
    for step, (k, sound) in enumerate(
        sounds_of(
            prepared.waveform, prepared.mixture, prepared.views, front, indices, prepared.settings
        ),
        start=1,
    ):
        yield RenderProgress("sounds", step, steps, time.perf_counter() - started, {k: sound})


def front_and_sounds(prepared: Prepared) -> Iterator[Event]:
    """Find the front of `prepared`, then make its sounds: all that is worth a faster device."""
    event = None
    for event in find_front(prepared):
        yield event
    yield from make_sounds(prepared, front_from(event))


def blend(
    picture: str | os.PathLike,
    audio: str | os.PathLike,
    output: str | os.PathLike,
    settings: BlendSettings,
    *,
    device: torch.device | str = "cpu",
    overwrite: bool = False,
    compute: Callable[[Prepared], Iterator[Event]] = front_and_sounds,
) -> Iterator[Event | Run]:
    """Blend a picture and a track into the folder `output`; the last item is the finished Run.

    Yields the progress of the search, of the sounds and of the files. The folder appears when
    it is whole: whatever ends the generator early leaves nothing behind. `compute` may be
    `front_and_sounds` behind a decorator.

    Raises InputError for files and settings that cannot be used, OutputError where `output`
    cannot be written or has something in it and `overwrite` is false.
    """
    _check_apart(output, picture, audio)
    with new_folder(output, overwrite=overwrite) as folder:
        started = time.perf_counter()
        prepared = prepare(picture, audio, settings, device)
        seconds = {"reading": time.perf_counter() - started}
        found, seeds, sounds, spent = None, None, {}, 0.0
        with closing(compute(prepared)) as events:
            for event in events:
                if isinstance(event, SearchProgress):
                    seconds[event.phase] = seconds.get(event.phase, 0.0) + event.elapsed_s - spent
                    found, spent = event, event.elapsed_s
                    if event.phase == "seeding":
                        seeds = event.losses[event.on_front]
                else:
                    seconds["sounds"] = event.elapsed_s
                    sounds |= event.sounds
                yield event
        summary = yield from write_run(prepared, front_from(found), seeds, sounds, folder, seconds)
    yield Run(Path(output), summary)


def _check_apart(output, *inputs):
    """Refuse an output folder that holds an input: replacing it would delete the input."""
    for path in inputs:
        if Path(output).resolve() in Path(path).resolve().parents:
            raise OutputError(
                f"{Path(path).name} lies in the output folder {output}; choose another folder."
            )


def _check_length(waveform, settings, name):
    hop = settings.hop_length * (2 if settings.viewer == "any" else 1)
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
    stft = STFT(len(mid), n_fft, hop, mid.device)
    # Noise, which is what a picture's surfaces sound like, grows with the window's square root.
    offset = 0.5 * math.log(factor)
    display = DisplayRange(display.low + offset, display.high + offset)
    band = slice(
        math.ceil(settings.band.start * factor), math.ceil((settings.band.stop - 1) * factor) + 1
    )
    picture = picture_on_grid(luma, (band.stop - band.start, stft.frames), settings.fit)
    audio = stft.log_magnitude(mid).clamp_min(display.low)
    return View(stft, audio, picture.to(mid.device), band, display)
