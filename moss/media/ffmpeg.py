"""What libsndfile cannot read, or only guesses the length of, ffmpeg decodes into a WAV file."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from moss.errors import InputError
from moss.media.files import name_of
from moss.media.limits import FFMPEG_TIMEOUT_S
from moss.temporary import temporary_folder

# Containers that hold their own sound; playlists, which can name other files, are left out.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpeg,mpegts,ogg,"
    "aac,ac3,eac3,amr,ape,wv,tta,dts,caf,aiff,au,flac,mp3,w64,wav"
)
# Of these, films last for hours, and an index leads to the right place in them. Elsewhere a seek
# lands up to 11 ms beside it (AVI, AC3, DTS), so that the sound is decoded from its start.
INDEXED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
# Of nothing but files, whatever a file names.
READING = ("-protocol_whitelist", "file,pipe", "-format_whitelist", CONTAINERS)
# Packets may be missing or come late: filling up from 0 keeps the time.
FILTERS = "aresample=async=1:first_pts=0,aformat=channel_layouts=stereo|mono"
STRICT = ("-xerror", "-err_detect", "crccheck+explode")  # no sound with a hole in it
MAX_EXTRACT_BYTES = 2**30
MAX_LOG_BYTES = 2**22  # what a file says of itself, such as lyrics, stands before its streams


@dataclass(frozen=True)
class Track:
    """The sound track of a file that is used.

    Attributes
    ----------
    container : str
        By ffmpeg's name.
    stream : int
        The number of its stream.
    length_s : float or None
        Of the whole file, where it is no estimate.
    """

    container: str
    stream: int
    length_s: float | None


@dataclass(frozen=True)
class Extract:
    """Decoded sound: a float32 WAV file, its track, and whether another stream ended it."""

    wav: Path
    track: Track
    is_broken_off: bool


@contextmanager
def extract_sound(
    path: Path,
    origin_s: int,
    duration_s: float,
    *,
    works: str,
    sample_rate: int | None = None,
    is_strict: bool = False,
    timeout_s: float = FFMPEG_TIMEOUT_S,
) -> Iterator[Extract]:
    """Decode the default sound track from `origin_s` on, for `duration_s` or what is left.

    The WAV file has `sample_rate`, or else the track's own, and one or two channels; it may have
    no frames, and it is removed when the context ends. `works` names what would do instead. Damage
    is passed over as far as possible, unless the decoding `is_strict`.

    Raises
    ------
    InputError
        No sound track, not decodable, too slow, or no ffmpeg on this machine.
    """
    track = find_track(path, works=works, timeout_s=timeout_s)
    # Seeking to 0 would lose the first AAC frame.
    seek = ("-ss", str(origin_s)) if origin_s else ()
    is_indexed = track.container in INDEXED
    with temporary_folder() as folder:
        wav = folder / "sound.wav"
        options = [
            *(STRICT if is_strict else ()),
            *(seek if is_indexed else ()),
            *("-i", f"file:{path.absolute()}", "-map", f"0:{track.stream}", "-af", FILTERS),
            *(() if is_indexed else seek),
            *("-t", f"{duration_s:.6f}", "-c:a", "pcm_f32le"),
            *(("-ar", str(sample_rate)) if sample_rate else ()),
            *("-fs", str(MAX_EXTRACT_BYTES), str(wav)),
        ]
        failed, messages = _run(["-v", "error"], options, path, works, timeout_s)
        if failed:
            raise InputError(f"{name_of(path)} has no sound that can be decoded; give {works}.")
        if wav.stat().st_size >= MAX_EXTRACT_BYTES:
            raise InputError(
                f"{name_of(path)} has too many samples in {duration_s:.0f} s; ask for a shorter "
                "part, or give a track with a lower sample rate."
            )
        is_broken_off = track.container == "ogg" and "Error during demuxing" in messages
        yield Extract(wav, track, is_broken_off)


def find_track(path: Path, *, works: str, timeout_s: float = FFMPEG_TIMEOUT_S) -> Track:
    """Return the first sound track that is flagged as the default one, or else the first.

    Raises
    ------
    InputError
        No sound track, no file that ffmpeg reads, or no ffmpeg on this machine.
    """
    _, messages = _run(["-v", "info"], ["-i", f"file:{path.absolute()}"], path, works, timeout_s)
    container = re.search(r"^Input #0, (.+), from '", messages, re.MULTILINE)
    if container is None:
        raise InputError(f"{name_of(path)} has no sound that can be decoded; give {works}.")
    found = re.findall(r"^  Stream #0:(\d+)\S*: Audio: (.*)$", messages, re.MULTILINE)
    if not found:
        raise InputError(f"{name_of(path)} has no sound track; give {works}.")
    defaults = [stream for stream, words in found if "(default)" in words]
    stream = int([*defaults, found[0][0]][0])
    # Of a stream without an index ffmpeg guesses the length from its rate of bits.
    length_s = _length_from(messages) if container[1] in INDEXED else None
    return Track(container[1], stream, length_s)


def _run(
    verbosity: Sequence[str], options: Sequence[str], path: Path, works: str, timeout_s: float
) -> tuple[bool, str]:
    """Let ffmpeg read `path`; return whether it failed, and the last of what it says.

    Raises
    ------
    InputError
        It takes more than `timeout_s`, or there is no ffmpeg on this machine.
    """
    name = name_of(path)
    with temporary_folder() as folder, (folder / "log").open("w+b") as log:
        try:
            command = [
                *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-nostats", "-hide_banner"),
                *(*verbosity, *READING, *options),
            ]
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=log, timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise InputError(f"{name} takes too long to decode; give {works}.") from error
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{name} needs ffmpeg, which cannot be started here; "
                "give a WAV or FLAC file with one or two channels."
            ) from error
        log.seek(max(0, log.seek(0, os.SEEK_END) - MAX_LOG_BYTES))
        return done.returncode != 0, log.read().decode(errors="replace")


def _length_from(messages: str) -> float | None:
    found = re.search(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", messages, flags=re.MULTILINE)
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
