"""A whole track as a drawing: how loud it peaks, from its start to its end."""

import os
from dataclasses import dataclass

import numpy as np
import soundfile

from moss.media.files import checked_file, name_of
from moss.media.limits import MAX_AUDIO_BYTES
from moss.media.opening import WORKS, Source, read_frames, read_sound

MAX_READ_S = 600.0  # decoded in a second or two; of a longer track each bin is looked at in part
MAX_EXTRACT_S = 7200.0  # what ffmpeg has to decode; later parts are drawn as silence
TIMEOUT_S = 60.0  # of ffmpeg, which takes half of that for two hours, while a visitor waits
EXTRACT_RATE = 16_000  # enough to see; two hours of stereo are 0.9 GB


@dataclass(frozen=True)
class Overview:
    """A track seen from afar.

    Attributes
    ----------
    duration_s : float
        Of the whole file.
    peaks : array of float32, (bins,)
        The greatest sample of each equal part of it, from 0 to 1.
    """

    duration_s: float
    peaks: np.ndarray


def load_overview(path: str | os.PathLike, bins: int = 800) -> Overview:
    """Return the length and the peaks of a file that `load_audio` takes, silent or not.

    Up to ten minutes, every sample counts. Of a longer track each bin's first 600 / `bins`
    seconds are looked at, so the time it takes stays the same. What only ffmpeg reads is looked
    at for two hours; its bins after that are 0.

    Raises
    ------
    InputError
        The file is missing, broken, without sound, not finite, or too slow to decode.
    """
    path = checked_file(path, max_bytes=MAX_AUDIO_BYTES, works=WORKS)
    name = name_of(path)

    def read(source: Source) -> Overview:
        sound = source.sound
        duration_s = sound.frames / sound.samplerate
        if duration_s > MAX_EXTRACT_S and source.length_s:
            duration_s = max(duration_s, source.length_s)
        return Overview(duration_s, _read_peaks(sound, name, bins, duration_s))

    return read_sound(path, 0.0, MAX_EXTRACT_S, read, sample_rate=EXTRACT_RATE, timeout_s=TIMEOUT_S)


def _read_peaks(sound: soundfile.SoundFile, name: str, bins: int, duration_s: float) -> np.ndarray:
    edges = np.rint(np.linspace(0, duration_s * sound.samplerate, bins + 1)).astype(int)
    most = max(1, round(MAX_READ_S / bins * sound.samplerate))
    peaks = np.zeros(bins, np.float32)
    for k in range(np.searchsorted(edges[:-1], sound.frames)):
        first = int(edges[k])
        count = min(max(1, int(edges[k + 1]) - first), most)
        peaks[k] = np.abs(read_frames(sound, name, first, first + count)).max(initial=0)
    return np.minimum(peaks, 1)
