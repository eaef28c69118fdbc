"""Files become waveforms and pictures, and waveforms become files."""

from moss.media.audio import load_audio
from moss.media.files import sha256_of
from moss.media.overview import Overview, overview
from moss.media.picture import load_picture
from moss.media.wav import read_audio, write_wav

__all__ = [
    "Overview",
    "load_audio",
    "load_picture",
    "overview",
    "read_audio",
    "sha256_of",
    "write_wav",
]
