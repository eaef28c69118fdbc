"""What libsndfile cannot open is decoded by ffmpeg into a WAV file that it can."""

import re
import subprocess
from collections.abc import Iterator
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
# After a seek a decoder may leave out its first samples: filling up from 0 keeps the time.
FILTERS = "aresample=async=1:first_pts=0,aformat=channel_layouts=stereo|mono"
MAX_EXTRACT_BYTES = 2**30
MAX_LOG_BYTES = 2**16


@dataclass(frozen=True)
class Extract:
    """Decoded sound: a float32 WAV file and the whole file's length where ffmpeg tells it."""

    wav: Path
    length_s: float | None


@contextmanager
def extract_sound(
    path: Path, origin_s: int, duration_s: float, *, works: str, sample_rate: int | None = None
) -> Iterator[Extract]:
    """Decode the first sound track from `origin_s` on, for `duration_s` or what is left.

    The WAV file has `sample_rate`, or else the track's own, and one or two channels; it may have
    no frames, and it is removed when the context ends. `works` names what would do instead.

    Raises
    ------
        InputError: no sound track, not decodable, too slow, or no ffmpeg on this machine.
    """
    name = name_of(path)
    with temporary_folder() as folder:
        wav, log = folder / "sound.wav", folder / "log"
        options = [
            *("-nostdin", "-nostats", "-hide_banner", "-v", "info"),
            *("-protocol_whitelist", "file,pipe", "-format_whitelist", CONTAINERS),
            # Seeking to 0 would lose the first AAC frame.
            *(("-ss", str(origin_s)) if origin_s else ()),
            *("-t", f"{duration_s:.6f}", "-i", f"file:{path.absolute()}"),
            *("-map", "0:a:0", "-af", FILTERS, "-c:a", "pcm_f32le"),
            *(("-ar", str(sample_rate)) if sample_rate else ()),
            *("-fs", str(MAX_EXTRACT_BYTES), str(wav)),
        ]
        try:
            with log.open("wb") as stderr:
                done = subprocess.run(
                    [imageio_ffmpeg.get_ffmpeg_exe(), *options],
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    timeout=FFMPEG_TIMEOUT_S,
                )
        except subprocess.TimeoutExpired as error:
            raise InputError(f"{name} takes too long to decode; give {works}.") from error
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{name} needs ffmpeg, which cannot be started here; "
                "give a WAV, FLAC, OGG or MP3 file with one or two channels."
            ) from error
        with log.open("rb") as stderr:
            said = stderr.read(MAX_LOG_BYTES).decode(errors="replace")
        if "matches no streams" in said:
            raise InputError(f"{name} has no sound track; give {works}.")
        if done.returncode != 0:
            raise InputError(f"{name} has no sound that can be decoded; give {works}.")
        yield Extract(wav, _length_s(said))


def _length_s(said: str) -> float | None:
    found = re.search(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", said, flags=re.MULTILINE)
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
