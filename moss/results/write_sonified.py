"""A sound made of what is visible becomes files, and every figure is read from the sound's file."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from moss.media import read_audio, write_audio
from moss.media.files import recorded_input
from moss.parallel import check_cancelled, workers
from moss.progress import RenderProgress
from moss.render import drawable, save_playhead_film, save_spectrogram
from moss.results import names
from moss.results.summary import made_with, rounded, write_summary
from moss.settings.sonify import SonifySettings
from moss.signal.loudness import decibels, level_of, matched_gains
from moss.signal.noise_shaping import quantise
from moss.signal.replay import visual_loss_of_pieces
from moss.signal.similarity import SSIM, WINDOW_SIZE
from moss.signal.spectrogram import STFT
from moss.sonification.design import Design
from moss.sonification.parts import Part

LOUDNESS_LUFS = -16.0  # of spoken word and music on the web; a peak above -1 dBTP lowers it
FRAMES_AT_ONCE = 2048  # of a long sound are looked at together
MOST_COLUMNS = 8192  # of the spectrogram that is drawn
STEPS = 5

Made = TypeVar("Made")


def write_sonified(
    waveform: torch.Tensor,
    design: Design,
    parts: Sequence[Part],
    folder: Path,
    device: str,
    seconds: dict[str, float],
    *,
    draw: bool = True,
) -> Generator[RenderProgress, None, dict[str, Any]]:
    """Write the files of `waveform` (1, length) into `folder`; return what summary.json says.

    Yields progress. `seconds` holds those spent so far and gains the files'. Unless `draw`, there
    is no spectrogram and no film.
    """
    started = time.perf_counter()
    settings = design.settings
    path = folder / names.SOUND

    with workers() as pool:

        def wait(step: int, work: Callable[[], Made]) -> Generator[RenderProgress, None, Made]:
            """Do the work in the pool, yield progress meanwhile, return what it returns."""
            for found in pool.as_completed(lambda _: work(), [None]):
                elapsed_s = time.perf_counter() - started
                yield RenderProgress("files", step + (found is not None), STEPS, elapsed_s)
                if found:
                    result = found[1]
            return result

        def write() -> torch.Tensor:
            """Write the sound, and read it again."""
            samples = quantise(gain * waveform.numpy(), settings.bit_depth)
            write_audio(path, samples, settings.sample_rate, settings.bit_depth)
            return read_audio(path)[0]

        level = yield from wait(0, lambda: level_of(waveform, settings.sample_rate))
        (gain,) = matched_gains([level], LOUDNESS_LUFS)
        sound = yield from wait(1, write)
        level = yield from wait(2, lambda: level_of(sound, settings.sample_rate))
        mono = sound[0] / gain
        visual_loss = yield from wait(3, lambda: _visual_loss(mono, design))
        if draw:
            yield from wait(4, lambda: _draw(folder, mono, design, parts))
    seconds["files"] = time.perf_counter() - started
    summary = made_with(device) | {
        "inputs": [_input_of(part) for part in parts],
        "settings": settings.as_dict(),
        "file": path.name,
        "duration_s": design.duration_s,
        "visual_loss": visual_loss,
        "gain_db": decibels(gain),
        **level.figures,
        "warnings": [part.warning for part in parts if part.warning],
        "seconds": rounded(seconds),
    }
    write_summary(folder, summary)
    return summary


def _input_of(part: Part) -> dict[str, str]:
    """Return the path and the SHA-256 of a part's file; one of a zip lies in that."""
    recorded = recorded_input(part.source)
    if part.archive is not None:
        recorded["path"] = str(part.archive.resolve() / part.source.name)
    return recorded


def _draw(folder: Path, mono: torch.Tensor, design: Design, parts: Sequence[Part]) -> None:
    """Draw the spectrogram of the whole as a picture and as a film."""
    log_magnitude = _spectrogram(mono, design.settings)
    shown = {"low": design.display.low, "high": design.display.high}
    names_shown = filter(None, (drawable(part.source.stem) for part in parts[:3]))
    title = ", ".join([*names_shown, *(["…"] if parts[3:] else [])])
    save_spectrogram(
        folder / names.SPECTROGRAM,
        log_magnitude,
        **shown,
        duration_s=design.duration_s,
        sample_rate=design.settings.sample_rate,
        title=title,
    )
    save_playhead_film(
        folder / names.SOUND_FILM,
        log_magnitude,
        **shown,
        wav_path=folder / names.SOUND,
        duration_s=design.duration_s,
    )


def _visual_loss(waveform: torch.Tensor, design: Design) -> float | None:
    """Return the visual loss of the file over all windows of all segments.

    None where a sound is too short to be judged.
    """

    def pieces() -> Iterator[tuple[torch.Tensor, SSIM]]:
        for segment in design.segments:
            sound = waveform[segment.first : segment.first + segment.length]
            for frames, log_magnitude in _blocks(sound, design.settings, WINDOW_SIZE - 1):
                if log_magnitude.shape[1] >= WINDOW_SIZE:
                    shown = design.display.normalised(log_magnitude[design.settings.band].T)
                    yield shown, SSIM(design.picture(segment, frames).T)

    return visual_loss_of_pieces(pieces())


def _spectrogram(waveform: torch.Tensor, settings: SonifySettings) -> np.ndarray:
    """Return the log magnitude (freq, time) of the whole; of a long one, means of some frames."""
    frames = 1 + len(waveform) // settings.hop_length
    together = -(-frames // MOST_COLUMNS)
    columns: list[torch.Tensor] = []
    rest = torch.zeros((settings.n_fft // 2 + 1, 0))
    for _, seen in _blocks(waveform, settings, 0):
        rest = torch.cat((rest, seen), dim=1)
        whole = rest.shape[1] // together * together
        columns.append(rest[:, :whole].unflatten(1, (-1, together)).mean(dim=2))
        rest = rest[:, whole:]
    if rest.shape[1]:
        columns.append(rest.mean(dim=1, keepdim=True))
    return torch.cat(columns, dim=1).numpy()


def _blocks(
    waveform: torch.Tensor, settings: SonifySettings, more: int
) -> Iterator[tuple[slice, torch.Tensor]]:
    """Yield the log magnitude of a sound in blocks of frames that are those of the whole.

    Each block has `more` frames of the next one at its end.
    """
    hop, total = settings.hop_length, 1 + len(waveform) // settings.hop_length
    context = -(-settings.n_fft // hop)  # frames whose windows reach beyond what is cut out
    for first in range(0, total, FRAMES_AT_ONCE):
        check_cancelled()
        last = min(first + FRAMES_AT_ONCE + more, total)
        before = min(first, context)
        part = waveform[(first - before) * hop : (last + context) * hop]
        stft = STFT(len(part), settings.n_fft, hop)
        yield slice(first, last), stft.log_magnitude(part)[:, before : before + last - first]
