"""An audio file, or a video's sound track, becomes a waveform of the part asked for."""

import math
import os

import numpy as np
import torch

from moss.errors import InputError
from moss.media.files import checked_file, name_of
from moss.media.limits import (
    MAX_AUDIO_BYTES,
    MAX_PART_S,
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    SILENT_PEAK,
)
from moss.media.opening import WORKS, Source, read_frames, read_sound
from moss.media.resampling import filter_reach, frames_per_sample, resampled

BEGINNING_S = 0.2  # that is decoded where only the sample rate is asked for


def load_audio(
    path: str | os.PathLike,
    *,
    sample_rate: int,
    start_s: float = 0.0,
    duration_s: float | None = 30.0,
    mono: bool = False,
    may_be_silent: bool = False,
) -> torch.Tensor:
    """Return a part of a file's sound as float32 (channels, samples), resampled to `sample_rate`.

    The part begins at sample round(start_s * sample_rate) of the whole file resampled and has
    round(duration_s * sample_rate) samples or what is left; `duration_s=None` means to the
    end. Only that part is decoded. One channel stays one, two stay two, more are mixed down
    to stereo by ffmpeg's rule for their layout; `mono` takes the mean of the channels. Silence is
    refused unless it `may_be_silent`.
    A file with an odd sample rate may be played up to 0.03 % fast or slow, which is inaudible.

    Raises
    ------
    InputError
        The file is missing, broken or without sound, the part lies beyond its end, is silent, not
        finite or beyond all scales, or a value is outside the limits.
    """
    _check_part(start_s, duration_s)
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works=WORKS)
    name = name_of(path)
    part_s = MAX_PART_S if duration_s is None else duration_s

    def read(source: Source) -> torch.Tensor:
        return _read_part(source, name, sample_rate, start_s, duration_s)

    waveform = read_sound(path, start_s, part_s, read)
    if mono:
        waveform = waveform.mean(dim=0, keepdim=True)
    if not may_be_silent and waveform.abs().max() < SILENT_PEAK:
        end_s = start_s + waveform.shape[1] / sample_rate
        raise InputError(
            f"{name} is silent from {start_s:g} s to {end_s:g} s; choose a part that has sound."
        )
    return waveform


def load_whole(path: str | os.PathLike) -> tuple[torch.Tensor, int]:
    """Return all of a file's sound as float32 (channels, samples), and its own sample rate.

    More than two channels are mixed down to stereo, as `load_audio` does.

    Raises
    ------
    InputError
        As `load_audio` does, but for silence, and for more than ten minutes.
    """
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works=WORKS)
    name = name_of(path)

    def read(source: Source) -> tuple[torch.Tensor, int]:
        _check_length(source, name)
        frames = read_frames(source.sound, name, 0, source.sound.frames)
        return torch.from_numpy(np.ascontiguousarray(frames.T)), source.sound.samplerate

    return read_sound(path, 0.0, MAX_PART_S, read)


def rate_of_whole(path: str | os.PathLike) -> int:
    """Return the sample rate of what `load_whole` would return, of which most is not decoded.

    Raises
    ------
    InputError
        As `load_whole` does, but for samples that cannot be decoded.
    """
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works=WORKS)

    def read(source: Source) -> int:
        _check_length(source, name_of(path))
        return source.sound.samplerate

    return read_sound(path, 0.0, MAX_PART_S, read)


def rate_of(path: str | os.PathLike) -> int:
    """Return a sound's own sample rate, of which hardly anything is decoded.

    Raises
    ------
    InputError
        As `load_audio` does for a file that is missing, broken or without sound.
    """
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works=WORKS)
    return read_sound(path, 0.0, BEGINNING_S, lambda source: source.sound.samplerate)


def _check_length(source: Source, name: str) -> None:
    """Check that the whole of a sound is short enough to be held.

    Raises
    ------
    InputError
        It is not; `name` is what a person calls it.
    """
    length_s = source.length_s or source.sound.frames / source.sound.samplerate
    if length_s > MAX_PART_S:
        _check_end(source, name)
        length = "longer" if source.length_s is None else f"{length_s / 60:.1f} minutes long"
        raise InputError(
            f"{name} is {length}, and the whole of a track works up to "
            f"{MAX_PART_S / 60:g} minutes; give a shorter one, or only ask for the part."
        )


def _check_end(source: Source, name: str) -> None:
    """Check that the last frame that a sound promises is there.

    Raises
    ------
    UnreadableError
        It is not.
    """
    read_frames(source.sound, name, source.sound.frames - 1, source.sound.frames)


def _check_part(start_s: float, duration_s: float | None) -> None:
    if not 0 <= start_s < math.inf:
        raise InputError(f"The start is {start_s:g} s; 0 s or later works.")
    if duration_s is not None and not 0 < duration_s <= MAX_PART_S:
        raise InputError(
            f"The duration is {duration_s:g} s; more than 0 s and up to {MAX_PART_S:g} s works."
        )


def _read_part(
    source: Source, name: str, sample_rate: int, start_s: float, duration_s: float | None
) -> torch.Tensor:
    rate, origin = source.sound.samplerate, source.origin_s * source.sound.samplerate
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        raise InputError(
            f"{name} has a sample rate of {rate} Hz; "
            f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz works."
        )
    ratio = frames_per_sample(rate, sample_rate)
    first = round(start_s * sample_rate)
    left = math.ceil((origin + source.sound.frames) / ratio) - first
    if left <= 0:
        length_s = source.length_s
        ends = "ends earlier" if length_s is None else f"is {length_s:.2f} s long"
        raise InputError(f"{name} {ends}, so nothing starts at {start_s:g} s; start earlier.")
    if duration_s is None and left > MAX_PART_S * sample_rate:
        _check_end(source, name)
        raise InputError(
            f"{name} goes on for more than {MAX_PART_S:g} s from {start_s:g} s on; "
            f"give a duration of up to {MAX_PART_S:g} s."
        )
    count = left if duration_s is None else min(left, max(1, round(duration_s * sample_rate)))

    # Frames on both sides fill the filter; the first frame lies on a sample of the result's
    # grid, so that any part equals the same samples of the whole file resampled.
    context = filter_reach(ratio)
    block = max(0, (math.floor(first * ratio) - context) // ratio.numerator)
    begin = block * ratio.numerator
    end = math.ceil((first + count) * ratio) + context
    frames = read_frames(source.sound, name, begin - origin, end - origin)
    skip = first - block * ratio.denominator
    waveform = resampled(torch.from_numpy(frames.T.copy()), ratio)
    return waveform[:, skip : skip + count].contiguous()
