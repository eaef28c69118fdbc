"""A video becomes luma whose width is its time: every frame is squeezed into its share."""

import math
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import imageio_ffmpeg
import numpy as np

from moss.errors import InputError
from moss.media.ffmpeg import CONTAINERS, MAX_LOG_BYTES
from moss.media.files import checked_file, name_of
from moss.media.limits import MAX_PICTURE_PIXELS, MAX_VIDEO_BYTES, VIDEO_TIMEOUT_S
from moss.parallel import check_cancelled
from moss.temporary import temporary_folder

WORKS = "an MP4, MOV or WebM video"
# Swscale's whole columns do not fit shares of 3.4 columns: finer ones are averaged into them.
FINE = 4
MAX_FINE_COLUMNS = 1024  # of one frame, which may last for minutes
USUAL_FRAME_S = 0.04


@dataclass(frozen=True)
class Video:
    """Luma uint8 (rows, columns), row 0 on top, of `duration_s`, and what was wrong, if anything.

    Column j shows what is on the screen at j / columns_per_s seconds.
    """

    luma: np.ndarray
    duration_s: float
    warning: str | None


@dataclass(frozen=True)
class _Timing:
    duration_s: float
    frame_s: float


def load_video(
    path: str | os.PathLike, *, rows: int, columns_per_s: float, max_duration_s: float
) -> Video:
    """Return a video as `rows` rows and 1 + int(duration_s * columns_per_s) columns of luma.

    Each frame lies upright, as it is displayed, and area-averaged in the columns of the time from
    its beginning to the next one's. Frames that come faster than columns are left out, and a frame
    that lasts longer than the usual one is repeated. Of the frames only one is held at a time.

    Raises
    ------
        InputError: missing, no video, no frames, longer than `max_duration_s` seconds, frames
            outside the limits, too slow to decode, or no ffmpeg on this machine.
    """
    path = checked_file(path, max_bytes=MAX_VIDEO_BYTES, works=WORKS)
    name = name_of(path)
    timing = _timing_of(path, max_duration_s)
    columns = 1 + int(timing.duration_s * columns_per_s)
    share = max(1.0, timing.frame_s * columns_per_s)
    # Frame k has the columns from k to k + 1 shares on; 1e-6 is for what floats round.
    count = max(1, math.ceil(columns / share - 1e-6))
    edges = np.ceil(np.arange(count + 1) * share - 1e-6).astype(int).clip(max=columns)
    width = min(FINE * math.ceil(share), MAX_FINE_COLUMNS)
    luma = np.zeros((rows, columns), np.uint8)
    done = 0
    rate = Fraction(columns_per_s / share).limit_denominator(1_000_000)
    filters = (
        f"fps={rate.numerator}/{rate.denominator}:start_time=0,"
        f"scale={width}:{rows}:flags=area:out_range=full,format=gray"
    )
    options = [
        # Otherwise a change of the frame's size would begin the filters' time anew.
        *("-reinit_filter", "0", "-max_pixels", str(MAX_PICTURE_PIXELS)),
        *("-i", f"file:{path.absolute()}", "-map", "0:V:0", "-vf", filters),
        *("-frames:v", str(count), "-f", "rawvideo", "-"),
    ]
    with _ffmpeg(name, options) as (output, errors):
        while done < count and len(raw := output.read(rows * width)) == rows * width:
            check_cancelled()
            frame = np.frombuffer(raw, np.uint8).reshape(rows, width)
            first, last = edges[done], edges[done + 1]
            luma[:, first:last] = _squeezed(frame, int(last - first))
            done += 1
        output.read()  # the log is whole once the output ends
    if done == 0:
        raise InputError(f"{name} has no frame that can be decoded; give {WORKS}.")
    # Where the last frames cannot be decoded, the one before them stays.
    first, last = edges[done - 1], edges[done]
    luma[:, last:] = _squeezed(frame, max(1, int(last - first)))[:, -1:]
    warning = f"{name} has damaged frames; they were skipped and the length is kept."
    return Video(luma, timing.duration_s, warning if errors else None)


def _timing_of(path: Path, max_duration_s: float) -> _Timing:
    """Read the packets' times without decoding any."""
    name = name_of(path)
    unit, times = Fraction(0), []
    options = [
        *("-t", f"{max_duration_s + 1:.6f}", "-i", f"file:{path.absolute()}"),
        *("-map", "0:V:0", "-c", "copy", "-f", "framecrc", "-"),
    ]
    with _ffmpeg(name, options) as (output, errors):
        for line in output:
            check_cancelled()
            if line.startswith(b"#tb 0:"):
                unit = Fraction(line.split()[-1].decode())
            elif line.startswith(b"#dimensions 0:"):
                _check_size(name, *map(int, line.split()[-1].split(b"x")))
            elif not line.startswith(b"#"):
                times.append(_times_of(line))
    if not times:
        if not errors or any("matches no streams" in each for each in errors):
            raise InputError(f"{name} has no video frames; give {WORKS}.")
        raise InputError(f"{name} is not a video that can be read; give {WORKS}.")
    starts = np.array([start for start, _ in times], np.float64) * float(unit)
    lengths = np.array([length for _, length in times], np.float64) * float(unit)
    order = np.argsort(starts)
    steps = np.diff(starts[order])
    steps = steps[steps > 0]
    if not len(steps):
        steps = lengths[lengths > 0] if lengths.any() else np.array([USUAL_FRAME_S])
    # WebM rounds to milliseconds: the mean of what is near the median is more exact than it.
    median = np.median(steps)
    frame_s = float(steps[(steps > median / 2) & (steps < median * 1.5)].mean())
    duration_s = float(starts[order[-1]] + (lengths[order[-1]] or frame_s))
    if duration_s > max_duration_s + 1e-6:
        raise InputError(f"{name} is too long; a video of up to {max_duration_s:g} seconds works.")
    if duration_s <= 0:
        raise InputError(f"{name} has no video frames; give {WORKS}.")
    return _Timing(duration_s, frame_s)


def _times_of(line: bytes) -> tuple[int, int]:
    _, decoding, start, length = [field.strip() for field in line.split(b",")[:4]]
    # AVI files give no time of display.
    return int(decoding if start in (b"NOPTS", b"-9223372036854775808") else start), int(length)


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > MAX_PICTURE_PIXELS:
        raise InputError(
            f"{name} has frames of {width} x {height} pixels; "
            f"up to {MAX_PICTURE_PIXELS / 1e6:.0f} million pixels works."
        )


def _squeezed(frame: np.ndarray, columns: int) -> np.ndarray:
    if columns > frame.shape[1]:
        return frame[:, np.arange(columns) * frame.shape[1] // columns]
    return (frame @ _shares(frame.shape[1], columns) + np.float32(0.5)).astype(np.uint8)


@lru_cache(maxsize=4)  # the columns of a share differ by one at most, but for the last
def _shares(fine: int, columns: int) -> np.ndarray:
    """Return float32 (fine, columns): what part of each column every fine column is."""
    begin = np.arange(columns) * (fine / columns)
    each = np.arange(fine)[:, None]
    overlap = np.minimum(each + 1, begin + fine / columns) - np.maximum(each, begin)
    return (overlap.clip(min=0) * (columns / fine)).astype(np.float32)


@contextmanager
def _ffmpeg(name: str, options: list[str]) -> Iterator[tuple[BinaryIO, list[str]]]:
    """Give what ffmpeg writes to its pipe, and a list that holds its errors after the block.

    Ffmpeg is killed when the block ends or when it takes too long, which ends the pipe.
    """
    errors = []
    late = threading.Event()
    with temporary_folder() as folder, (folder / "log").open("w+b") as log:
        try:
            process = subprocess.Popen(
                [
                    *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-nostats", "-hide_banner"),
                    *("-v", "error", "-protocol_whitelist", "file,pipe"),
                    *("-format_whitelist", CONTAINERS, *options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{name} needs ffmpeg, which cannot be started here; give a picture."
            ) from error
        # The reader may wait for a pipe that stays silent: another thread watches the time.
        timer = threading.Timer(VIDEO_TIMEOUT_S, lambda: (late.set(), process.kill()))
        timer.daemon = True
        timer.start()
        try:
            yield process.stdout, errors
        finally:
            timer.cancel()
            process.kill()
            process.stdout.close()
            process.wait()
        if late.is_set():
            raise InputError(f"{name} takes too long to decode; give {WORKS}.")
        log.seek(0)
        errors.extend(log.read(MAX_LOG_BYTES).decode(errors="replace").splitlines())
