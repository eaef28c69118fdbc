"""Files become waveforms and pictures, and waveforms become files."""

from moss.media.array import load_array
from moss.media.audio import load_audio, load_whole
from moss.media.files import sha256_of
from moss.media.overview import Overview, load_overview
from moss.media.picture import Picture, load_picture, read_picture
from moss.media.slides import is_archive, natural_order, pictures_in, unpack_pictures
from moss.media.sound_files import read_audio, write_audio
from moss.media.video import Video, load_video

__all__ = [
    "Overview",
    "Picture",
    "Video",
    "is_archive",
    "load_array",
    "load_audio",
    "load_overview",
    "load_picture",
    "load_video",
    "load_whole",
    "natural_order",
    "pictures_in",
    "read_audio",
    "read_picture",
    "sha256_of",
    "unpack_pictures",
    "write_audio",
]
