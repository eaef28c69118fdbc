"""What is read and what is refused: every limit of the inputs, in one place."""

MAX_PICTURE_BYTES = 256 * 2**20
MAX_PICTURE_PIXELS = 100_000_000  # decoded: 100 MB of 8-bit grey, 400 MB as float32
MAX_ARCHIVE_BYTES = 2**30  # of a zip of pictures
MAX_UNPACKED_BYTES = 2 * 2**30  # of its pictures together
MAX_DIRECTORY_BYTES = 2**20  # of a zip, read as a whole: 1000 names of a thousand letters
MAX_SLIDES = 1000  # in a zip: ten minutes of 0.6 s each
MIN_PICTURE_SIDE = 8  # fewer rows or columns cannot be told apart in a spectrogram

MAX_ARRAY_BYTES = 2**30  # the most pixels as float64, and the header

MAX_VIDEO_BYTES = 8 * 2**30  # ten minutes at 100 Mbit/s; one frame is held at a time

MAX_AUDIO_BYTES = 4 * 2**30  # two hours of 24-bit stereo at 96 kHz; only a part is decoded
MAX_PART_S = 600.0  # decoded as float32; the settings ask for no more
MAX_CHANNELS = 8  # 7.1: the most that ffmpeg mixes down without being told a layout
MIN_SAMPLE_RATE = 1_000
MAX_SAMPLE_RATE = 768_000

# Floats that hold the integers of a 32-bit file; the square of a spectrum overflows from 1e19 on.
MAX_PEAK = 2.0**31
SILENT_PEAK = 2.0**-24  # half a step of 24-bit audio: no file we could write holds less

FFMPEG_TIMEOUT_S = 120.0
VIDEO_TIMEOUT_S = 600.0  # every frame is decoded, of whatever codec
