"""Lossy files, for sharing: encoded by ffmpeg, at rates that every player knows."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import torch

from moss.errors import OutputError
from moss.media.files import name_of
from moss.media.limits import FFMPEG_TIMEOUT_S
from moss.media.resampling import frames_per_sample, resampled
from moss.media.tags import ffmpeg_options

CD_RATE, VIDEO_RATE = 44_100, 48_000  # all that players are sure to know
# Of libsndfile and ffmpeg, only the latter writes AAC, so it writes all of them.
ENCODERS = {"MP3": "libmp3lame", "AAC": "aac", "Opus": "libopus", "Vorbis": "libvorbis"}
SUFFIXES = {"MP3": ".mp3", "AAC": ".m4a", "Opus": ".opus", "Vorbis": ".ogg"}


@dataclass(frozen=True)
class Codec:
    """A lossy codec, one of `ENCODERS`, and what it may spend in kbit/s."""

    name: str
    kbits: int

    def __str__(self) -> str:
        """Return what a table calls it, such as "MP3 320"."""
        return f"{self.name} {self.kbits}"

    @property
    def file_ending(self) -> str:
        """How the names of its files end, such as "-320.mp3"."""
        return f"-{self.kbits}{SUFFIXES[self.name]}"

    def rate_for(self, sample_rate: int) -> int:
        """Return the sample rate at which it codes a sound of `sample_rate`."""
        is_video = self.name == "Opus" or sample_rate > CD_RATE  # Opus knows no other
        return VIDEO_RATE if is_video else CD_RATE


def write_coded(
    path: str | os.PathLike,
    waveform: torch.Tensor,
    sample_rate: int,
    codec: Codec,
    tags: Mapping[str, str],
) -> None:
    """Write `waveform` (channels, samples), one or two channels, as a file of `codec`.

    Parameters
    ----------
    path : its suffix says the container, and has to be the codec's.
    tags : by the names in `moss.media.tags`.

    Raises
    ------
    OutputError
        ffmpeg cannot be started, or fails; no partial file stays.
    """
    path, rate = Path(path), codec.rate_for(sample_rate)
    samples = resampled(waveform, frames_per_sample(sample_rate, rate))
    command = [
        *("-nostdin", "-nostats", "-hide_banner", "-v", "error", "-y"),
        *("-f", "f32le", "-ar", str(rate), "-ac", str(len(samples)), "-i", "pipe:0"),
        *("-c:a", ENCODERS[codec.name], "-b:a", f"{codec.kbits}k"),
        *ffmpeg_options(tags),
        f"file:{path.absolute()}",
    ]
    try:
        subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), *command],
            input=samples.T.contiguous().numpy().tobytes(),
            check=True,
            capture_output=True,
            timeout=FFMPEG_TIMEOUT_S,
        )
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        path.unlink(missing_ok=True)
        raise OutputError(
            f"{name_of(path)} cannot be written by ffmpeg; check the free space, or leave out "
            "the files for sharing."
        ) from error
