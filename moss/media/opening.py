"""Which of two decoders reads a sound: libsndfile what has a length for sure, ffmpeg the rest.

libsndfile tells a length that is an estimate where an MP3 has no Xing header and where an Ogg file
has several streams in a row, and seeks by it; a streamed FLAC has none. What a header promises may
not be there. So only what libsndfile can count is read by it, and where its seeking or reading
fails, ffmpeg is asked as well, which decodes until the end.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile

from moss.errors import InputError
from moss.media.ffmpeg import extract_sound
from moss.media.files import name_of
from moss.media.limits import FFMPEG_TIMEOUT_S, MAX_CHANNELS, MAX_PEAK
from moss.temporary import temporary_folder

WORKS = "a WAV, FLAC, OGG, Opus, MP3 or M4A file, or a video with a sound track"

MARGIN_S = (
    2  # on both sides of what ffmpeg decodes: more than the filter reaches, and a seek's error
)
UNKNOWN_FRAMES = 2**63 - 1  # how libsndfile says that a FLAC file does not tell
FRAMES_AT_ONCE = 1 << 16  # of a sound that is copied
MAX_COPIED_FRAMES = (
    2**27
)  # 1 GiB of stereo as float32, and more than two hours of what telephones say

Read = TypeVar("Read")


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


class UnreadableError(InputError):
    """A sound has less than its header promises, or cannot be decoded: worth a second try."""


def read_sound(
    path: Path,
    start_s: float,
    part_s: float,
    read: Callable[[Source], Read],
    *,
    sample_rate: int | None = None,
    timeout_s: float = FFMPEG_TIMEOUT_S,
) -> Read:
    """Return what `read` makes of a checked file that is open at the part from `start_s` on.

    `read` is called again, with another decoder's sound, where it raises UnreadableError. What
    ffmpeg reads has one or two channels, and `sample_rate` where it is given; it may take
    `timeout_s`.

    Raises
    ------
    InputError
        No sound that can be decoded, too many channels, or what `read` raises.
    """
    damage, is_flac = None, False
    with _opened(path, start_s + part_s + MARGIN_S) as source:
        if source is not None:
            try:
                _check_samples(source, name_of(path))
                return read(source)
            except UnreadableError as error:
                damage, is_flac = error, source.sound.format == "FLAC"
    # Whole seconds, so that the extract starts on a sample whatever the sample rate is.
    origin_s = max(0, math.floor(start_s) - MARGIN_S)
    seconds = start_s - origin_s + part_s + MARGIN_S
    extraction = extract_sound(
        path,
        origin_s,
        seconds,
        works=WORKS,
        sample_rate=sample_rate,
        is_strict=is_flac,  # which can tell by its checksums that something is missing
        timeout_s=timeout_s,
    )
    with ExitStack() as stack:
        try:
            extract = stack.enter_context(extraction)
        except InputError:
            if damage is not None:
                raise damage from None
            raise
        sound = stack.enter_context(soundfile.SoundFile(extract.wav))
        end_s = origin_s + sound.frames / sound.samplerate
        is_whole = sound.frames and end_s < origin_s + seconds
        if is_whole and extract.is_broken_off:
            raise InputError(
                f"{name_of(path)} cannot be decoded from {end_s:.2f} s on, where another "
                "recording begins in it; save it in one piece, as WAV or FLAC."
            )
        source = Source(sound, origin_s, end_s if is_whole else extract.track.length_s)
        _check_samples(source, name_of(path))
        return read(source)


def _check_samples(source: Source, name: str) -> None:
    """Check that there are any.

    Raises
    ------
    UnreadableError
        There are none; where a recorder crashed, only the header says so.
    """
    if not source.sound.frames and not source.origin_s:
        raise UnreadableError(f"{name} has no samples; give {WORKS}.")


@contextmanager
def _opened(path: Path, end_s: float) -> Iterator[Source | None]:
    """Open a file by libsndfile, or give None where that cannot count its frames.

    What can only be read from its start on is copied up to `end_s`.

    Raises
    ------
    InputError
        Too many channels.
    """
    with path.open("rb", buffering=0) as raw:
        if raw.read(4) == b"OggS":  # libvorbis may crash in a damaged one
            yield None
            return
        raw.seek(0)
        try:
            # By number, so that libsndfile goes by the content and never by the extension.
            sound = soundfile.SoundFile(raw.fileno(), closefd=False)
        except soundfile.LibsndfileError:
            yield None
            return
        with sound:
            if sound.channels > MAX_CHANNELS:
                raise InputError(
                    f"{name_of(path)} has {sound.channels} channels; up to {MAX_CHANNELS} work."
                )
            is_counted = sound.frames < UNKNOWN_FRAMES and not sound.subtype.startswith("MPEG")
            if not is_counted or sound.channels > 2:
                yield None
            elif sound.seekable():
                yield Source(sound, 0, sound.frames / sound.samplerate)
            else:
                with _copied(sound, end_s) as source:
                    yield source


@contextmanager
def _copied(sound: soundfile.SoundFile, end_s: float) -> Iterator[Source | None]:
    """Copy a sound up to `end_s` into a file that can be sought in, or give None if damaged."""
    rate = sound.samplerate
    left = min(math.ceil(end_s * rate), MAX_COPIED_FRAMES)
    with temporary_folder() as folder:
        try:
            with soundfile.SoundFile(
                folder / "sound.wav", "w", rate, sound.channels, "FLOAT", format="WAV"
            ) as copy:
                while left > 0:
                    frames = sound.read(min(left, FRAMES_AT_ONCE), dtype="float32", always_2d=True)
                    if not len(frames):
                        break
                    copy.write(frames)
                    left -= len(frames)
        except soundfile.LibsndfileError:
            yield None
            return
        with soundfile.SoundFile(folder / "sound.wav") as copy:
            yield Source(copy, 0, copy.frames / rate if left > 0 else None)


def read_frames(sound: soundfile.SoundFile, name: str, begin: int, end: int) -> np.ndarray:
    """Return frames `begin` to `end` as float32 (frames, channels), fewer where the file ends.

    `name` is for the sentences.

    Raises
    ------
    UnreadableError
        Damaged, or shorter than its header says.
    InputError
        Samples that are not finite or beyond all scales.
    """
    begin = max(0, begin)
    promised = min(end, sound.frames) - begin
    damaged = f"{name} is damaged or cut short; save or download it again, or give {WORKS}."
    try:
        if sound.tell() != begin and sound.seek(begin) != begin:
            raise UnreadableError(damaged)
        frames = sound.read(end - begin, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise UnreadableError(damaged) from error
    if len(frames) < promised:
        raise UnreadableError(damaged)
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
