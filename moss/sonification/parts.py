"""Pictures, arrays and videos in a row become segments of brightness between silences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from moss.errors import InputError
from moss.media import load_array, load_picture, load_video, read_picture
from moss.media.files import name_of
from moss.settings.blend import MAX_DURATION_S
from moss.settings.sonify import SonifySettings
from moss.signal.picture import brightness_of, picture_on_grid

MAX_PIXELS = 100_000_000  # of all segments: ten minutes at the defaults have half of it
JOIN_WINDOWS = 4  # over which parts without a gap give way to each other


@dataclass(frozen=True)
class Part:
    """Something visible that lasts a while.

    Attributes
    ----------
    length : int
        Samples that it lasts.
    draw : callable
        `draw(frames)` returns its brightness (rows, frames) in [0, 1], row 0 the lowest.
    source : Path
        The file it comes from.
    warning : str or None
        What is wrong with it and did not stop it, as a sentence.
    archive : Path or None
        The zip that the file was unpacked from.
    """

    length: int
    draw: Callable[[int], torch.Tensor]
    source: Path
    warning: str | None = None
    archive: Path | None = None


@dataclass(frozen=True)
class Segment:
    """What sounds without a silence.

    Attributes
    ----------
    first, length : int
        It is samples `first` to `first + length` of the whole.
    brightness : array of float16, (rows, frames)
        In [0, 1], row 0 the lowest, a frame every hop from sample `first` on.
    """

    first: int
    length: int
    brightness: np.ndarray


def picture_part(path: Path, settings: SonifySettings) -> Part:
    """Return the part that a picture file becomes.

    Raises
    ------
    InputError
        As `load_picture` raises it.
    """
    # What is wrong with the last of a hundred pictures is said at once.
    warning = read_picture(path).warning
    return replace(_still_part(path, load_picture, settings, as_it_is=False), warning=warning)


def array_part(path: Path, settings: SonifySettings) -> Part:
    """Return the part that an .npy file becomes.

    Raises
    ------
    InputError
        As `load_array` raises it.
    """
    load_array(path)
    return _still_part(path, load_array, settings, as_it_is=True)


def video_part(path: Path, settings: SonifySettings) -> Part:
    """Return the part that a video becomes, as long as it.

    Raises
    ------
    InputError
        As `load_video` raises it.
    """
    video = load_video(
        path,
        rows=settings.picture_rows,
        columns_per_s=settings.sample_rate / settings.hop_length,
        max_duration_s=MAX_DURATION_S,
    )

    def draw(frames: int) -> torch.Tensor:
        columns = np.minimum(np.arange(frames), video.luma.shape[1] - 1)
        return _brightness_of_bytes(video.luma[:, columns])

    return Part(settings.samples_in(video.duration_s), draw, Path(path), video.warning)


def segments_of(parts: Sequence[Part], settings: SonifySettings) -> tuple[int, list[Segment]]:
    """Return the length of the whole in samples, and what of it sounds.

    With a gap each part is a segment of its own, without one all are one.

    Raises
    ------
    InputError
        The whole is too long, has too many pixels or is black, or a part is shorter than a hop.
    """
    gap = settings.samples_in(settings.gap_s)
    runs = [[part] for part in parts] if gap else [list(parts)]
    total = sum(part.length for part in parts) + gap * (len(parts) - 1)
    if total > settings.samples_in(MAX_DURATION_S):
        raise InputError(
            f"The sound would last {total / settings.sample_rate:.0f} s; up to "
            f"{MAX_DURATION_S:g} s works, so give fewer or shorter parts."
        )
    columns = total // settings.hop_length
    if settings.picture_rows * columns > MAX_PIXELS:
        raise InputError(
            f"{settings.picture_rows} rows for {columns} frames are too many to be held; give "
            "fewer rows, a larger hop or a shorter sound."
        )
    segments, first = [], 0
    for run in runs:
        length = sum(part.length for part in run)
        drawings = list(_draw_run(run, settings.hop_length))
        brightness = _join_softly(drawings, settings)
        segments.append(Segment(first, length, _adjust(brightness, settings).numpy()))
        first += length + gap
    if not any(segment.brightness.any() for segment in segments):
        names = ", ".join(part.source.name for part in parts[:3]) + (", …" if parts[3:] else "")
        raise InputError(
            f"{names}: black everywhere as it is to sound, which is silence; give something "
            "brighter, or change what is inverted."
        )
    return total, segments


def _brightness_of_bytes(luma: np.ndarray) -> torch.Tensor:
    """Return `brightness_of` uint8 as float16: level by level, in less memory."""
    low, high = int(luma.min()), int(luma.max())
    levels = np.arange(low, high + 1, dtype=np.float32) / np.float32(255)
    levels = brightness_of(levels[::-1, None])[:, 0].half().numpy()  # row 0 is the top
    out = np.empty(luma.shape, np.float16)
    for row, into in zip(luma[::-1], out, strict=True):
        np.take(levels, row - low, out=into)
    return torch.from_numpy(out)


def _still_part(
    path: Path, load: Callable[[Path], np.ndarray], settings: SonifySettings, *, as_it_is: bool
) -> Part:
    """Return the part of a file that lasts as long as the settings say."""

    def draw(frames: int) -> torch.Tensor:
        return picture_on_grid(load(path), (settings.picture_rows, frames), as_it_is=as_it_is)

    return Part(settings.samples_in(settings.duration_s), draw, Path(path))


def _draw_run(run: list[Part], hop: int) -> Iterator[torch.Tensor]:
    """Yield the brightness of each part for the frames whose centres lie in it."""
    begin = 0
    for k, part in enumerate(run):
        end = begin + part.length
        last = end // hop if k == len(run) - 1 else -(-end // hop) - 1
        frames = last + 1 - -(-begin // hop)
        if frames < 1:
            raise InputError(
                f"{name_of(part.source)} would last {part.length} samples, less than one hop; "
                "give it longer."
            )
        yield part.draw(frames).half()
        begin = end


def _join_softly(drawings: list[torch.Tensor], settings: SonifySettings) -> torch.Tensor:
    """Put parts side by side; the end of one fades into the beginning of the next.

    A sound cannot change its whole spectrum from one frame to the next without a click.
    """
    whole, at = (torch.cat(drawings, dim=1) if drawings[1:] else drawings[0]), 0
    reach = JOIN_WINDOWS * settings.n_fft // (2 * settings.hop_length)
    for before, after in pairwise(drawings):
        at += before.shape[1]
        count = min(reach, before.shape[1], after.shape[1])
        share = torch.linspace(0, 1, 2 * count + 2)[1:-1]
        left, right = whole[:, at - 1, None].float(), whole[:, at, None].float()
        near = slice(at - count, at + count)
        # What each part shows there gives way to what the two show where they meet.
        meeting = torch.lerp(left, right, share)
        weight = 1 - (2 * share - 1).abs()
        whole[:, near] = torch.lerp(whole[:, near].float(), meeting, weight).half()
    return whole


def _adjust(brightness: torch.Tensor, settings: SonifySettings) -> torch.Tensor:
    """Return `brightness` with the polarity, the contrast and the gamma of the settings."""
    if settings.invert:
        brightness = 1 - brightness
    if settings.contrast != 1:
        brightness = (0.5 + (brightness - 0.5) * settings.contrast).clamp_(0, 1)
    return brightness.pow(settings.gamma) if settings.gamma != 1 else brightness
