"""A sound made of what is visible becomes files, and every figure is read from the sound's file."""

import json
import platform
import time
from collections.abc import Generator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

import moss
from moss.loudness import decibels, level_of, matched_gains
from moss.media import read_audio, sha256_of, write_wav
from moss.noise_shaping import quantised
from moss.parallel import workers
from moss.progress import RenderProgress
from moss.render import save_playhead_film, save_spectrogram
from moss.similarity import WINDOW_SIZE
from moss.sonify.parts import Part, Stretch
from moss.sonify.settings import SonifySettings
from moss.sonify.synthesis import Synthesis
from moss.spectrogram import STFT

LOUDNESS_LUFS = -16.0  # of spoken word and music on the web; a peak above -1 dBTP lowers it
MEASURED_S = 10.0  # of a long sound are looked at together
MOST_COLUMNS = 8192  # of the spectrogram that is drawn
STEPS = 5
LIBRARIES = ("numpy", "torch", "torchaudio")


def write_sonified(
    waveform: torch.Tensor,
    synthesis: Synthesis,
    stretches: Sequence[Stretch],
    parts: Sequence[Part],
    settings: SonifySettings,
    folder: Path,
    seconds: dict[str, float],
) -> Generator[RenderProgress, None, dict[str, Any]]:
    """Write the files of `waveform` (length,) into `folder`; return what summary.json says.

    Yields progress. `seconds` holds those spent so far and gains the files'.
    """
    started = time.perf_counter()

    def told(step):
        return RenderProgress("files", step, STEPS, time.perf_counter() - started)

    path = folder / "sound.wav"
    rate, duration_s = settings.sample_rate, len(waveform) / settings.sample_rate
    with workers() as pool:

        def done(work, step):
            """Do `work` in the pool; yield progress meanwhile, and return what it returns."""
            for (result,) in pool.gather(lambda _: [work()], [None]):
                yield told(step + (result is not None))
            return result[0]

        level = yield from done(lambda: level_of(waveform[None], rate), 0)
        (gain,) = matched_gains([level], LOUDNESS_LUFS)
        samples = yield from done(
            lambda: quantised(gain * waveform[None].numpy(), settings.bit_depth), 1
        )
        write_wav(path, samples, rate, settings.bit_depth)
        heard, _ = read_audio(path)
        replayed = yield from done(lambda: _replayed(heard[0] / gain, synthesis, stretches), 2)
        level = yield from done(lambda: level_of(heard, rate), 3)
        seen = _seen(heard[0] / gain, settings)
        shown = {"low": synthesis.display.low, "high": synthesis.display.high}
        save_spectrogram(
            folder / "spectrogram.png",
            seen,
            **shown,
            duration_s=duration_s,
            sample_rate=rate,
            title=parts[0].source.stem,
        )

        def film():
            out = folder / "sound.mp4"
            save_playhead_film(out, seen, **shown, wav_path=path, duration_s=duration_s)

        yield from done(lambda: film() or True, 4)
    seconds["files"] = time.perf_counter() - started
    warnings = [part.warning for part in parts if part.warning]
    summary = {
        "moss": moss.__version__,
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        "inputs": [
            {"path": str(part.source.resolve()), "sha256": sha256_of(part.source)} for part in parts
        ],
        "settings": settings.as_dict(),
        "file": path.name,
        "duration_s": duration_s,
        "visual_loss": replayed,
        "gain_db": decibels(gain),
        "loudness_lufs": level.loudness_lufs if np.isfinite(level.loudness_lufs) else None,
        "true_peak_dbtp": decibels(level.true_peak),
        "warnings": warnings,
        "seconds": {phase: round(spent, 3) for phase, spent in seconds.items()},
    }
    text = json.dumps(summary, indent=2, allow_nan=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    return summary


def _replayed(waveform, synthesis, stretches):
    """1 - SSIM of what the file shows to what it should, the mean over its stretches' time.

    None where a sound is too short to be judged.
    """
    total, weight = 0.0, 0
    for stretch in stretches:
        for view, begin, end in synthesis.views(stretch, MEASURED_S):
            if view.stft.frames >= WINDOW_SIZE:
                sound = waveform[stretch.first + begin : stretch.first + end]
                total += view.losses(sound)[0] * (end - begin)
                weight += end - begin
    return total / weight if weight else None


def _seen(waveform, settings):
    """The log magnitude (freq, time) of the whole, where it is long the means of some frames."""
    hop = settings.hop_length
    frames = 1 + len(waveform) // hop
    together = -(-frames // MOST_COLUMNS)
    block = together * max(1, 4096 // together)
    columns = []
    for first in range(0, frames, block):
        last = min(first + block, frames)
        begin, reach = first * hop, settings.n_fft
        before = min(begin, -(-reach // hop) * hop)
        part = waveform[begin - before : (last - 1) * hop + reach]
        stft = STFT(len(part), settings.n_fft, hop)
        log_magnitude = stft.log_magnitude(part)[:, before // hop :][:, : last - first]
        columns += [chunk.mean(dim=1) for chunk in log_magnitude.split(together, dim=1)]
    return torch.stack(columns, dim=1).numpy()
