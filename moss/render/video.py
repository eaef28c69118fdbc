"""Frames and a sound file become an MP4 that every browser plays."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

import imageio_ffmpeg
import numpy as np
from numpy.typing import ArrayLike

from moss.errors import OutputError
from moss.parallel import check_cancelled

CLOSING_TIMEOUT_S = 300  # ffmpeg has to encode what it has buffered, and to move the index
PIPE_BYTES = 2**20  # more than a frame, so that each side works while the other does
MAX_LOG_BYTES = 2**16  # only its last line is read
# By quality and at this rate AAC spends about 200 kbit/s on a channel and costs a pure picture
# 0.005 of its SSIM; asked for 256 kbit/s it spends 120 and costs 0.042, and below 44.1 kHz less.
AUDIO_OPTIONS = ("-c:a", "aac", "-q:a", "10", "-ar", "44100")
# Untagged colours are guessed, differently by every player, and converted by ffmpeg itself.
BT709 = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
# Of BT.709: what red, green and blue weigh in the luma, and the range of 8 bits in a video.
RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722
BLACK, LUMA_RANGE, GREY, CHROMA_RANGE = 16, 219, 128, 224
# Of what x264's presets spend time on, these pictures need little: the fastest one with B frames
# and CABAC takes half the time of "veryfast" at -crf 20 for a higher SSIM and 1.4 times the bytes.
VIDEO_OPTIONS = (
    *("-vf", BT709, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "22"),
    *("-bf", "3", "-b_strategy", "0", "-coder", "cabac"),
)


def yuv_from_rgb(rgb: ArrayLike) -> np.ndarray:
    """Return uint8 Y, Cb, Cr (..., 3) of RGB 0 to 255 (..., 3), by BT.709 in its video range."""
    red, green, blue = np.moveaxis(np.asarray(rgb, dtype=np.float32) / 255, -1, 0)
    luma = RED * red + GREEN * green + BLUE * blue
    planes = (
        BLACK + LUMA_RANGE * luma,
        GREY + CHROMA_RANGE * (blue - luma) / (2 * (1 - BLUE)),
        GREY + CHROMA_RANGE * (red - luma) / (2 * (1 - RED)),
    )
    return np.rint(np.stack(planes, axis=-1)).astype(np.uint8)


def planes_of(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return views of a frame's Y (height, width), Cb and Cr (height / 2, width / 2).

    `frame` is uint8 (height * 3 / 2, width), contiguous: the three planes one after another.
    """
    rows, width = frame.shape
    height = rows * 2 // 3
    chroma = frame[height:].reshape(2, height // 2, width // 2)
    return frame[:height], chroma[0], chroma[1]


def write_video(
    path: str | os.PathLike,
    frames: Iterable[np.ndarray],
    *,
    size: tuple[int, int],
    frames_per_second: int,
    wav_path: str | os.PathLike,
) -> None:
    """Write an MP4 (H.264, AAC, fast start) of all frames with the sound of `wav_path`.

    Parameters
    ----------
    frames : uint8 (height * 3 / 2, width), contiguous, in planes as `planes_of` takes them.
    size : width and height in pixels, both even.
    frames_per_second : of the film; the sound is as long as it is.
    wav_path : the sound, mono or stereo.

    Raises
    ------
    OutputError : ffmpeg cannot be started or fails; no partial file stays.
    """
    path = Path(path)
    command = [
        *("-nostdin", "-nostats", "-hide_banner", "-v", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{size[0]}x{size[1]}"),
        *("-r", str(frames_per_second), "-i", "pipe:0"),
        *("-i", f"file:{Path(wav_path).absolute()}", "-map", "0:v:0", "-map", "1:a:0"),
        *VIDEO_OPTIONS,
        *AUDIO_OPTIONS,
        *("-movflags", "+faststart", "-f", "mp4", f"file:{path.absolute()}"),
    ]
    # Its messages go to a file: a pipe that nobody reads while frames are written could fill up.
    with tempfile.TemporaryFile() as log:
        try:
            command.insert(0, imageio_ffmpeg.get_ffmpeg_exe())
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pipesize=PIPE_BYTES,
            )
        except (OSError, RuntimeError) as error:
            raise OutputError(
                f"{path.name} needs ffmpeg, which cannot be started here; "
                "install imageio-ffmpeg again."
            ) from error
        pipe = cast(IO[bytes], process.stdin)  # there is one, because it was asked for
        done = False
        try:
            with contextlib.suppress(BrokenPipeError):  # The exit status says what happened.
                for frame in frames:
                    check_cancelled()
                    pipe.write(frame.data)
                pipe.close()
            done = process.wait(CLOSING_TIMEOUT_S) == 0
        except subprocess.TimeoutExpired:
            pass
        finally:
            if not done:
                process.kill()
                process.wait()
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
        if not done:
            log.seek(0)
            lines = log.read(MAX_LOG_BYTES).decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else "no answer"
            raise OutputError(
                f"{path.name} cannot be made, because ffmpeg failed ({reason}); "
                "check the folder, its free space and the sound file."
            )
