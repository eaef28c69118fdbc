"""Our own sound files: written as WAV or FLAC, and read whole."""

import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
import torch

from moss.errors import InputError, OutputError
from moss.media.files import checked_file, name_of
from moss.media.limits import MAX_AUDIO_BYTES

SAMPLES_AT_ONCE = 1 << 20  # are turned into integers
FORMATS = {".wav": "WAV", ".flac": "FLAC"}  # by suffix; both keep every sample


def write_audio(
    path: str | os.PathLike,
    waveform: torch.Tensor | np.ndarray,
    sample_rate: int,
    bit_depth: int = 24,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write (channels, samples) in [-1, 1] with 16 or 24 bits, rounded, without dither.

    The suffix of `path` says whether it becomes WAV or FLAC, which hold the same samples. `tags`,
    by the names in `moss.media.tags`, are what the file says of itself.
    A sample x becomes the integer nearest to 2**(bit_depth - 1) * x, so what is read again
    lies within half a step; only above 1 - half a step is it the greatest integer there is.

    Raises
    ------
    ValueError
        Samples outside [-1, 1] or not finite, a wrong shape, bit depth or suffix.
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    samples = torch.as_tensor(waveform).detach().cpu().numpy()
    if samples.ndim != 2 or not samples.size:
        raise ValueError(f"waveform has shape {samples.shape}, not (channels, samples)")
    if path.suffix not in FORMATS:
        raise ValueError(f"{path.name} ends in neither {' nor '.join(FORMATS)}")
    if bit_depth not in (16, 24):
        raise ValueError(f"bit_depth is {bit_depth}, not 16 or 24")
    if not (samples.min() >= -1 and samples.max() <= 1):  # also true of NaN
        raise ValueError("waveform has samples outside [-1, 1]")
    # By way of memory, so that a full disk is an error of ours and not libsndfile's.
    encoded = io.BytesIO()
    subtype = f"PCM_{bit_depth}"
    with soundfile.SoundFile(
        encoded, "w", sample_rate, len(samples), subtype, format=FORMATS[path.suffix]
    ) as file:
        for name, text in (tags or {}).items():
            setattr(file, name, text)
        for first in range(0, samples.shape[1], SAMPLES_AT_ONCE):
            file.write(_integers_of(samples[:, first : first + SAMPLES_AT_ONCE], bit_depth).T)
    try:
        path.write_bytes(encoded.getbuffer())
    except OSError as error:
        raise OutputError(
            f"{name_of(path)} cannot be written; check the folder and its free space."
        ) from error


def _integers_of(samples: np.ndarray, bit_depth: int) -> np.ndarray:
    """Return samples in [-1, 1] as int32 whose upper `bit_depth` bits are theirs."""
    scale = 2 ** (bit_depth - 1)
    # A power of two times a float32 is exact, and so is every integer that it is rounded to.
    steps = samples * scale
    steps = np.minimum(np.rint(steps, out=steps), scale - 1, out=steps).astype(np.int32)
    # libsndfile takes integers as 32-bit and keeps the upper bits.
    return np.left_shift(steps, 32 - bit_depth, out=steps)


def read_audio(path: str | os.PathLike) -> tuple[torch.Tensor, int]:
    """Return a sound file's whole waveform, float32 (channels, samples), and its sample rate.

    Raises
    ------
    InputError
        The file cannot be read by libsndfile.
    """
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works="a WAV file")
    try:
        with path.open("rb") as file:  # soundfile cannot spell every path by itself
            frames, sample_rate = soundfile.read(file, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise InputError(f"{name_of(path)} is not a sound file; give a WAV file.") from error
    return torch.from_numpy(np.ascontiguousarray(frames.T)), sample_rate
