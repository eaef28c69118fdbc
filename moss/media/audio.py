"""An audio file, or a video's sound track, becomes a waveform of the part asked for."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch

from moss.errors import InputError
from moss.media.ffmpeg import extract_sound
from moss.media.files import checked_file, name_of
from moss.media.limits import (
    MAX_AUDIO_BYTES,
    MAX_CHANNELS,
    MAX_PART_S,
    MAX_PEAK,
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    SILENT_PEAK,
)
from moss.media.resampling import filter_reach, frames_per_sample, resampled

WORKS = "a WAV, FLAC, OGG, Opus, MP3 or M4A file, or a video with a sound track"

MARGIN_S = (
    2  # on both sides of what ffmpeg decodes: more than the filter reaches, and a seek's error
)
PREROLL_S = 0.2  # an MP3 needs up to 2,000 samples after a seek before it is exact again


@dataclass(frozen=True)
class Source:
    """An open sound file and where it lies in the person's own file.

    Attributes
    ----------
    sound : SoundFile
        Open, at its beginning.
    origin_s : int
        Where in the person's file the sound file starts.
    length_s : float or None
        Of the person's file, where known.
    """

    sound: soundfile.SoundFile
    origin_s: int
    length_s: float | None


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
    with open_sound(path, start_s, part_s) as source:
        waveform = _read_part(source, name, sample_rate, start_s, duration_s)
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
    with open_sound(path, 0.0, MAX_PART_S) as source:
        _check_length(source, name_of(path))
        frames = read_frames(source.sound, name_of(path), 0, source.sound.frames)
        return torch.from_numpy(np.ascontiguousarray(frames.T)), source.sound.samplerate


def rate_of_whole(path: str | os.PathLike) -> int:
    """Return the sample rate of what `load_whole` would return, of which most is not decoded.

    Raises
    ------
    InputError
        As `load_whole` does, but for samples that cannot be decoded.
    """
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works=WORKS)
    with open_sound(path, 0.0, MAX_PART_S) as source:
        _check_length(source, name_of(path))
        return source.sound.samplerate


def rate_of(path: str | os.PathLike) -> int:
    """Return a sound's own sample rate, of which hardly anything is decoded.

    Raises
    ------
    InputError
        As `load_audio` does for a file that is missing, broken or without sound.
    """
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works=WORKS)
    with open_sound(path, 0.0, PREROLL_S) as source:
        return source.sound.samplerate


def _check_length(source: Source, name: str) -> None:
    """Check that the whole of a sound is short enough to be held.

    Raises
    ------
    InputError
        It is not; `name` is what a person calls it.
    """
    length_s = source.length_s or source.sound.frames / source.sound.samplerate
    if length_s > MAX_PART_S:
        raise InputError(
            f"{name} is {length_s / 60:.1f} minutes long, and the whole of a track works up to "
            f"{MAX_PART_S / 60:g} minutes; give a shorter one, or only ask for the part."
        )


def _check_part(start_s: float, duration_s: float | None) -> None:
    if not 0 <= start_s < math.inf:
        raise InputError(f"The start is {start_s:g} s; 0 s or later works.")
    if duration_s is not None and not 0 < duration_s <= MAX_PART_S:
        raise InputError(
            f"The duration is {duration_s:g} s; more than 0 s and up to {MAX_PART_S:g} s works."
        )


@contextmanager
def open_sound(
    path: Path, start_s: float, part_s: float, *, sample_rate: int | None = None
) -> Iterator[Source]:
    """Open a checked file at the part of `part_s` from `start_s` on.

    What only ffmpeg reads has one or two channels, and `sample_rate` where it is given.

    Raises
    ------
    InputError
        No sound that can be decoded, or too many channels.
    """
    with path.open("rb") as raw:
        try:
            # By number, so that libsndfile goes by the content and never by the extension.
            sound = soundfile.SoundFile(raw.fileno(), closefd=False)
        except soundfile.LibsndfileError:
            sound = None
        if sound is not None:
            with sound:
                if sound.channels > MAX_CHANNELS:
                    raise InputError(
                        f"{name_of(path)} has {sound.channels} channels; up to {MAX_CHANNELS} work."
                    )
                if sound.channels <= 2 and _can_seek(sound):
                    yield Source(sound, 0, sound.frames / sound.samplerate)
                    return
    # Whole seconds, so that the extract starts on a sample whatever the sample rate is.
    origin_s = max(0, math.floor(start_s) - MARGIN_S)
    seconds = start_s - origin_s + part_s + MARGIN_S
    with (
        extract_sound(path, origin_s, seconds, works=WORKS, sample_rate=sample_rate) as extract,
        soundfile.SoundFile(extract.wav) as sound,
    ):
        yield Source(sound, origin_s, extract.length_s)


def _can_seek(sound: soundfile.SoundFile) -> bool:
    """Return False for an Ogg file that does not decode at all: libvorbis may crash in it."""
    if sound.format != "OGG":
        return True
    try:
        return len(sound.read(1)) == 1 and sound.seek(0) == 0
    except soundfile.LibsndfileError:
        return False


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
    if left <= 0 and first == 0:
        raise InputError(f"{name} has no samples; give {WORKS}.")
    if left <= 0:
        length = "shorter" if source.length_s is None else f"{source.length_s:.2f} s long"
        raise InputError(f"{name} is {length}, so nothing starts at {start_s:g} s; start earlier.")
    if duration_s is None and left > MAX_PART_S * sample_rate:
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
    preroll = math.ceil(PREROLL_S * rate)
    frames = read_frames(source.sound, name, begin - origin, end - origin, preroll)
    skip = first - block * ratio.denominator
    # A header can promise more than there is to decode.
    if math.ceil(len(frames) / ratio) <= skip:
        raise InputError(_sentence_of_the_end(name, start_s))
    waveform = resampled(torch.from_numpy(frames.T.copy()), ratio)
    return waveform[:, skip : skip + count].contiguous()


def _sentence_of_the_end(name: str, start_s: float) -> str:
    if start_s > 0:
        return f"{name} is cut short before {start_s:g} s; start earlier."
    return _sentence_of_damage(name)


def _sentence_of_damage(name: str) -> str:
    return f"{name} is damaged or cut short; save or download it again, or give {WORKS}."


def read_frames(
    sound: soundfile.SoundFile, name: str, begin: int, end: int, preroll: int = 0
) -> np.ndarray:
    """Return frames `begin` to `end` as float32 (frames, channels), fewer where the file ends.

    `preroll` frames before them are decoded as well. `name` is for the sentences.

    Raises
    ------
    InputError
        Damaged, or samples that are not finite or beyond all scales.
    """
    early = max(0, begin - preroll)
    try:
        if sound.tell() != early and sound.seek(early) != early:
            raise InputError(_sentence_of_damage(name))
        frames = sound.read(end - early, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise InputError(_sentence_of_damage(name)) from error
    frames = frames[begin - early :]
    if not np.isfinite(frames).all():
        raise InputError(
            f"{name} has samples that are not finite numbers (NaN or infinity); export it again."
        )
    peak = np.abs(frames).max(initial=0)
    if peak > MAX_PEAK:
        raise InputError(
            f"{name} has samples of {peak:.0e}, where 1 is full scale; export it again."
        )
    return frames
