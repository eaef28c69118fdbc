"""A sound made of what is visible becomes files, and every figure is read from the sound's file."""

import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from moss.media import read_audio, write_wav
from moss.media.files import recorded_input
from moss.parallel import check_cancelled, workers
from moss.progress import RenderProgress
from moss.render import save_playhead_film, save_spectrogram
from moss.results.summary import made_with, rounded, write_summary
from moss.settings.sonify import SonifySettings
from moss.signal.loudness import decibels, level_of, matched_gains
from moss.signal.noise_shaping import quantise
from moss.signal.similarity import SSIM, WINDOW_SIZE
from moss.signal.spectrogram import STFT
from moss.sonification.design import Design
from moss.sonification.parts import Part

LOUDNESS_LUFS = -16.0  # of spoken word and music on the web; a peak above -1 dBTP lowers it
FRAMES_AT_ONCE = 2048  # of a long sound are looked at together
MOST_COLUMNS = 8192  # of the spectrogram that is drawn
STEPS = 5


def write_sonified(
    waveform: torch.Tensor,
    design: Design,
    parts: Sequence[Part],
    folder: Path,
    device: str,
    seconds: dict[str, float],
) -> Generator[RenderProgress, None, dict[str, Any]]:
    """Write the files of `waveform` (1, length) into `folder`; return what summary.json says.

    Yields progress. `seconds` holds those spent so far and gains the files'.
    """
    started = time.perf_counter()
    settings, duration_s = design.settings, design.duration_s
    path, rate, depth = folder / "sound.wav", settings.sample_rate, settings.bit_depth
    shown = {"low": design.display.low, "high": design.display.high}

    def written(gain):
        write_wav(path, quantise(gain * waveform.numpy(), depth), rate, depth)
        return read_audio(path)[0]

    def drawn(seen):
        title = ", ".join(part.source.stem for part in parts[:3]) + (", …" if parts[3:] else "")
        picture = folder / "spectrogram.png"
        save_spectrogram(
            picture, seen, **shown, duration_s=duration_s, sample_rate=rate, title=title
        )
        film = folder / "sound.mp4"
        save_playhead_film(film, seen, **shown, wav_path=path, duration_s=duration_s)

    with workers() as pool:

        def done(step, work, *given):
            """Do the work in the pool, yield progress meanwhile, return what it returns."""
            for found in pool.as_completed(lambda _: work(*given), [None]):
                elapsed_s = time.perf_counter() - started
                yield RenderProgress("files", step + (found is not None), STEPS, elapsed_s)
            return found[1]

        level = yield from done(0, level_of, waveform, rate)
        (gain,) = matched_gains([level], LOUDNESS_LUFS)
        heard = yield from done(1, written, gain)
        level = yield from done(2, level_of, heard, rate)
        mono = heard[0] / gain
        visual_loss = yield from done(3, _visual_loss, mono, design)
        yield from done(4, lambda: drawn(_seen(mono, settings)))
    seconds["files"] = time.perf_counter() - started
    summary = made_with(device) | {
        "inputs": [recorded_input(part.source) for part in parts],
        "settings": settings.as_dict(),
        "file": path.name,
        "duration_s": duration_s,
        "visual_loss": visual_loss,
        "gain_db": decibels(gain),
        **level.figures,
        "warnings": [part.warning for part in parts if part.warning],
        "seconds": rounded(seconds),
    }
    write_summary(folder, summary)
    return summary


def _visual_loss(waveform, design):
    """1 - SSIM of what the file shows to what it should, over all windows of all segments.

    None where a sound is too short to be judged.
    """
    total, count = 0.0, 0
    for segment in design.segments:
        sound = waveform[segment.first : segment.first + segment.length]
        for frames, seen in _blocks(sound, design.settings, WINDOW_SIZE - 1):
            if seen.shape[1] >= WINDOW_SIZE:
                shown = design.display.normalised(seen[design.settings.band].T)
                wanted = design.picture(segment, frames).T
                scores = SSIM(wanted).window_scores(shown)
                total += scores.sum(dtype=torch.float64).item()
                count += scores.numel()
    return 1 - total / count if count else None


def _seen(waveform, settings):
    """The log magnitude (freq, time) of the whole, where it is long the means of some frames."""
    frames = 1 + len(waveform) // settings.hop_length
    together = -(-frames // MOST_COLUMNS)
    columns, rest = [], None
    for _, seen in _blocks(waveform, settings, 0):
        rest = seen if rest is None else torch.cat((rest, seen), dim=1)
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
