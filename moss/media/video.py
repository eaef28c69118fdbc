"""A video becomes luma whose width is its time: every frame is squeezed into its share."""

import math
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import IO

import numpy as np

from moss.errors import InputError
from moss.media.files import checked_file, name_of
from moss.media.limits import MAX_PICTURE_PIXELS, MAX_VIDEO_BYTES
from moss.media.video_filters import MICROSECONDS, TIMES_FILE, filters_of
from moss.media.video_process import WORKS, Process, run_ffmpeg
from moss.media.video_stream import read_stream
from moss.parallel import check_cancelled

# Swscale's whole columns do not fit shares of 3.4 columns: finer ones are averaged into them.
FINE = 4
MAX_FINE_COLUMNS = 1024  # of one frame, which may last for minutes
ROUNDING_S = 2e-6  # the times are rounded to microseconds
WHITE = 255
MID_GREY = 0.5  # of white


@dataclass(frozen=True)
class Video:
    """What a video shows over time.

    Attributes
    ----------
    luma : array of uint8, (rows, columns)
        Row 0 is on top; column j shows what is on the screen at j / columns_per_s seconds.
    duration_s : float
        How long the video is.
    warning : str or None
        What was wrong with it and did not stop it, or where it was transparent, as a sentence.
    """

    luma: np.ndarray
    duration_s: float
    warning: str | None


def load_video(
    path: str | os.PathLike, *, rows: int, columns_per_s: float, max_duration_s: float
) -> Video:
    """Return a video as `rows` rows and 1 + int(duration_s * columns_per_s) columns of luma.

    Each frame lies upright, as it is displayed, and area-averaged in the columns of the time from
    its beginning to the next one's, however regular these times are; the first one begins with the
    file. Frames that are gone before a column begins are left out. Of the frames only one is held
    at a time. The luma of HDR (PQ and HLG) is that of SDR. Transparency lies over one ground for
    the whole film, by the rule of pictures: over black, unless the ink would be lost there.

    Raises
    ------
    InputError
        Missing, no video, no frames, longer than `max_duration_s` seconds, frames outside the
        limits, too slow to decode, or no ffmpeg on this machine.
    """
    path = checked_file(path, max_bytes=MAX_VIDEO_BYTES, works=WORKS)
    name = name_of(path)
    stream = read_stream(path, max_duration_s)
    columns = 1 + int(stream.duration_s * columns_per_s)
    share = min(columns, max(1, _column_at(stream.longest_s, columns_per_s)))
    width = min(FINE * share, MAX_FINE_COLUMNS)
    planes = 2 if stream.has_alpha else 1  # luma, and alpha below it
    options = [
        # Otherwise a change of the frame's size would begin the filters anew.
        *("-reinit_filter", "0", "-max_pixels", str(MAX_PICTURE_PIXELS)),
        *(("-c:v", stream.decoder) if stream.decoder else ()),
        *("-i", f"file:{path.absolute()}", "-map", f"0:{stream.index}"),
        *("-vf", filters_of(stream, rows, width), "-fps_mode", "passthrough"),
        *("-enc_time_base", f"1/{MICROSECONDS}", "-f", "rawvideo", "-"),
    ]
    shown = np.zeros((planes * rows, columns), np.uint8)
    with run_ffmpeg(name, options) as process:
        if not _show_frames(process, shown, width, columns_per_s, stream.duration_s):
            raise InputError(f"{name} has no frame that can be decoded; give {WORKS}.")
    damage = f"{name} has damaged frames; they were skipped and the length is kept."
    luma, ground = _over_ground(shown, name) if stream.has_alpha else (shown, None)
    warnings = [damage if process.errors else None, ground]
    return Video(luma, stream.duration_s, " ".join(filter(None, warnings)) or None)


def _show_frames(
    process: Process, shown: np.ndarray, width: int, columns_per_s: float, duration_s: float
) -> bool:
    """Put each frame into its columns of `shown`; return whether there is any.

    Where the last frames cannot be decoded, the one before them stays.
    """
    size, columns = len(shown) * width, shown.shape[1]
    frame, first = None, 0

    def show_until(last: int) -> int:
        last = min(last, columns)
        if frame is None or last <= first:
            return first
        shown[:, first:last] = _fit_columns(frame, last - first)
        return last

    with (process.folder / TIMES_FILE).open("w+b") as times:  # ffmpeg writes, and this reads on
        while len(raw := process.output.read(size)) == size:
            check_cancelled()
            first = show_until(_column_at(_next_time_s(times), columns_per_s))
            frame = np.frombuffer(raw, np.uint8).reshape(len(shown), width)
        process.output.read()  # the log is whole once the output ends
    if frame is None:
        return False
    first = show_until(max(first + 1, _column_at(duration_s, columns_per_s)))
    shown[:, first:] = shown[:, first - 1 : first]  # where a column begins just as the film ends
    return True


def _column_at(time_s: float, columns_per_s: float) -> int:
    """Return the first column that is not before a time."""
    return math.ceil((time_s - ROUNDING_S) * columns_per_s)


def _next_time_s(times: IO[bytes]) -> float:
    """Return when the next frame that `times` tells of is displayed, 0 where nobody knows."""
    while line := times.readline():
        if line.startswith(b"frame:"):
            found = re.search(rb"pts:(-?\d+)", line)
            return int(found[1]) / MICROSECONDS if found else 0.0
    return 0.0


def _over_ground(shown: np.ndarray, name: str) -> tuple[np.ndarray, str | None]:
    """Return the luma of what is transparent over one ground for the whole film, and a word of it.

    shown : its luma over black, and below it its alpha.
    """
    luma, alpha = np.split(shown, 2)
    ink, covered = (plane.mean(dtype=np.float64) / WHITE for plane in (luma, alpha))
    if covered == 0 or ink >= MID_GREY * (1 - covered) * covered:
        return luma, None
    clear = np.minimum(WHITE - alpha, WHITE - luma)  # rounding may not go past white
    over_white = luma + clear.astype(np.uint8)
    return over_white, f"{name} is dark on a transparent ground, so it lies over white."


def _fit_columns(frame: np.ndarray, columns: int) -> np.ndarray:
    """Return a frame (rows, fine columns) with so many columns: averaged, or repeated."""
    if columns > frame.shape[1]:
        return frame[:, np.arange(columns) * frame.shape[1] // columns]
    return (frame @ _share_matrix(frame.shape[1], columns) + np.float32(0.5)).astype(np.uint8)


@lru_cache(maxsize=8)  # the shares of most films differ by a column or two
def _share_matrix(fine: int, columns: int) -> np.ndarray:
    """Return float32 (fine, columns): what part of each column every fine column is."""
    begin = np.arange(columns) * (fine / columns)
    each = np.arange(fine)[:, None]
    overlap = np.minimum(each + 1, begin + fine / columns) - np.maximum(each, begin)
    return (overlap.clip(min=0) * (columns / fine)).astype(np.float32)
