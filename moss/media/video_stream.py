"""Which picture track of a file is its film, how it is coded, and how long it lasts."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from moss.errors import InputError
from moss.media.files import name_of
from moss.media.limits import MAX_PICTURE_PIXELS
from moss.media.video_process import WORKS, Process, run_ffmpeg
from moss.parallel import check_cancelled

USUAL_FRAME_S = 0.04  # 25 frames a second, where one frame is all there is and has no length
ROUNDING_S = 1e-6  # less than this is what ffmpeg's own unit of time rounds
# How framecrc writes that a packet has no time of display.
NO_TIME = (b"NOPTS", b"-9223372036854775808")
# The pixel formats that can be transparent, as ffmpeg calls them.
ALPHA = re.compile(r"\b(yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16|pal8)")
# Ffmpeg's own decoders of these leave out what WebM keeps beside the frames, their transparency.
ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
COVERS = ("(attached pic)", "(timed thumbnails)")
# What ffmpeg calls the transfers of HDR: PQ and HLG.
HDR_TRANSFERS = ("smpte2084", "arib-std-b67")


@dataclass(frozen=True)
class VideoStream:
    """The film in a file.

    Attributes
    ----------
    index : int
        Its place among the streams of the file.
    duration_s : float
        When its last frame ends, from the beginning of the file on.
    longest_s : float
        How long the frame lasts that lasts longest.
    transfer : str or None
        That of an HDR film, as in `HDR_TRANSFERS`.
    has_alpha : bool
        Whether it can be transparent.
    decoder : str or None
        That it needs in the place of the usual one.
    """

    index: int
    duration_s: float
    longest_s: float
    transfer: str | None
    has_alpha: bool
    decoder: str | None


def read_stream(path: Path, max_duration_s: float) -> VideoStream:
    """Return what the packets of a file's film and ffmpeg's log tell, without decoding any.

    Of several films it is the one flagged as default, and else the largest, but never a cover:
    ffmpeg chooses so where it is not told.

    Raises
    ------
    InputError
        No video, no frames, longer than `max_duration_s` seconds, or too large frames.
    """
    name = name_of(path)
    options = [
        *("-t", f"{max_duration_s + 1:.6f}", "-i", f"file:{path.absolute()}"),
        *("-an", "-sn", "-dn", "-c", "copy", "-f", "framecrc", "-"),
    ]
    with run_ffmpeg(name, options, level="info") as process:
        starts, lengths = _read_packets(process, name)
    nothing = f"{name} has no video frames; give {WORKS}."
    if not len(starts):
        if not process.errors or any("not contain any stream" in each for each in process.errors):
            raise InputError(nothing)
        raise InputError(f"{name} is not a video that can be read; give {WORKS}.")
    index, told, codec = _chosen(process.log)
    if any(cover in told for cover in COVERS):
        raise InputError(nothing)
    edges = np.concatenate([[0.0], np.sort(starts)[1:], [_end_of(starts, lengths)]])
    duration_s = float(edges[-1])
    if duration_s > max_duration_s + ROUNDING_S:
        raise InputError(f"{name} is too long; a video of up to {max_duration_s:g} seconds works.")
    if duration_s <= 0:
        raise InputError(nothing)
    beside = re.search(r"alpha_mode +: 1", told) is not None
    return VideoStream(
        index,
        duration_s,
        float(np.diff(edges).max()),
        next((each for each in HDR_TRANSFERS if each in told), None),
        beside or ALPHA.search(told) is not None,
        ALPHA_DECODERS.get(codec) if beside else None,
    )


def _read_packets(process: Process, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return when each packet's frame is displayed and for how long, in seconds."""
    unit = Fraction(0)
    times: list[tuple[int, int]] = []
    for line in process.output:
        check_cancelled()
        if line.startswith(b"#tb 0:"):
            unit = Fraction(line.split()[-1].decode())
        elif line.startswith(b"#dimensions 0:"):
            _check_size(name, *map(int, line.split()[-1].split(b"x")))
        elif not line.startswith(b"#"):
            times.append(_start_and_length(line))
    starts, lengths = np.array(times, np.float64).reshape(-1, 2).T * float(unit)
    return starts, lengths


def _start_and_length(line: bytes) -> tuple[int, int]:
    """Return when a packet's frame is displayed and for how long, in units of its time base."""
    _, decoding, start, length = [field.strip() for field in line.split(b",")[:4]]
    # AVI files give no time of display.
    return int(decoding if start in NO_TIME else start), int(length)


def _end_of(starts: np.ndarray, lengths: np.ndarray) -> float:
    """Return when the frame ends that is displayed last."""
    last = int(starts.argmax())
    if lengths[last] > 0:
        return float(starts[last] + lengths[last])
    steps = np.diff(np.sort(starts))
    steps = steps[steps > 0]
    return float(starts[last] + (np.median(steps) if len(steps) else USUAL_FRAME_S))


def _chosen(log: list[str]) -> tuple[int, str, str]:
    """Return the index of the stream that ffmpeg chose, what it said of it, and its codec."""
    text = "\n".join(log)
    mapped = re.search(r"Stream #0:(\d+) -> #0:0", text)
    index = int(mapped[1]) if mapped else 0
    # All up to the next stream, with its tags.
    found = re.search(rf"  Stream #0:{index}\b.*?(?=\n\S* *Stream |\Z)", text, re.DOTALL)
    told = found[0] if found else ""
    codec = re.search(r"Video: (\w+)", told)
    return index, told, codec[1] if codec else ""


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > MAX_PICTURE_PIXELS:
        raise InputError(
            f"{name} has frames of {width} x {height} pixels; "
            f"up to {MAX_PICTURE_PIXELS / 1e6:.0f} million pixels works."
        )
