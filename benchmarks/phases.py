"""How well a picture is seen in the sound that each method of finding phases makes of it."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import torch

from benchmarks.bench import ROOT, tell
from benchmarks.table import Row, aligned
from moss.media import read_audio, write_audio
from moss.parallel import workers
from moss.phase.descent import descend_on_losses
from moss.phase.griffin_lim import griffin_lim
from moss.phase.pghi import pghi
from moss.results.write_sonified import LOUDNESS_LUFS
from moss.settings.sonify import SonifySettings, sonify_settings
from moss.signal.loudness import level_of, matched_gains
from moss.signal.noise_shaping import quantise
from moss.signal.replay import View
from moss.signal.spectrogram import STFT
from moss.sonification.design import Design
from moss.sonification.parts import picture_part, segments_of
from moss.sonification.synthesis import (
    DESCENT_STEPS,
    GRIFFIN_LIM_STEPS,
    TORCHAUDIO_STEPS,
    Synthesis,
)

DURATION_S = 10.0
EFFORTS = (0.5, 1.0, 2.0)
TORCHAUDIO_TRIED = (16, 64)  # steps
HALF_WINDOWS = (718, 2048)  # whose hop is half of them, the largest there may be


def design_of(picture: Path, settings: SonifySettings) -> Design:
    """Return what should be seen of the sound that `picture` becomes."""
    return Design(*segments_of([picture_part(picture, settings)], settings), settings)


def view_of(design: Design) -> View:
    """Return the view of a design that is one segment."""
    settings, (segment,) = design.settings, design.segments
    stft = STFT(design.length, settings.n_fft, settings.hop_length)
    picture = design.picture(segment, slice(0, stft.frames))
    return View(stft, None, picture, settings.band, design.display)


def by_engine(design: Design) -> torch.Tensor:
    """Return the waveform (length,) that the engine makes."""
    synthesis = Synthesis(design)
    for _ in synthesis.run():
        pass
    return synthesis.waveform


def from_pghi(design: Design, griffin_lim_steps: int, descent_steps: int) -> torch.Tensor:
    """Return "refined" begun from the phases of PGHI instead of noise: (length,)."""
    settings, view = design.settings, view_of(design)
    magnitude = torch.full((view.stft.bins, view.stft.frames), view.display.low)
    magnitude[view.band] += settings.range_nats * view.picture
    magnitude.exp_()
    phase = pghi(magnitude, settings.n_fft, settings.hop_length, seed=settings.seed)
    start = view.stft.inverse(torch.polar(magnitude, phase))
    sound = griffin_lim(view.stft, magnitude, start, griffin_lim_steps)
    generator = torch.Generator().manual_seed(settings.seed)
    return descend_on_losses([view], sound, 0.0, descent_steps, generator)


def replayed(waveform: torch.Tensor, settings: SonifySettings) -> torch.Tensor:
    """Return `waveform` (length,) as it is read again from its file, at its own level."""
    rate, depth = settings.sample_rate, settings.bit_depth
    (gain,) = matched_gains([level_of(waveform[None], rate)], LOUDNESS_LUFS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        write_audio(path, quantise(gain * waveform[None].numpy(), depth), rate, depth)
        return read_audio(path)[0][0] / gain


def in_viewer(sound: torch.Tensor, settings: SonifySettings, viewer: View) -> float:
    """Return the visual loss of `sound` (length,) made with `settings` in any viewer.

    Its level is that at which white noise looks the same in both.
    """
    own = torch.hann_window(settings.n_fft).norm()
    return viewer.losses(sound * (own / viewer.stft.window.norm()))[0]


def replaced(design: Design, **changes) -> Design:
    """Return the design with changed settings that are not the picture's."""
    return Design(design.length, design.segments, replace(design.settings, **changes))


def methods(design: Design) -> Iterator[tuple[str, Callable[[], torch.Tensor]]]:
    """Yield what is tried and how."""

    def engine(**changes):
        return partial(by_engine, replaced(design, **changes))

    for steps in TORCHAUDIO_TRIED:
        effort = steps / TORCHAUDIO_STEPS
        yield f"Griffin-Lim, steps: {steps}", engine(phase="griffin-lim", effort=effort)
    yield "PGHI", engine(phase="pghi")
    for effort in EFFORTS:
        yield f"refined, effort {effort:g}", engine(effort=effort)
    for effort in EFFORTS:
        steps = round(GRIFFIN_LIM_STEPS * effort), round(DESCENT_STEPS * effort)
        yield f"refined from PGHI, effort {effort:g}", partial(from_pghi, design, *steps)
    yield "descent from PGHI alone", partial(from_pghi, design, 0, DESCENT_STEPS)


def measured(what: str, make: Callable[[], torch.Tensor], design: Design, viewer: View) -> Row:
    """Return the row of one method: its sound's loss in its own viewer and in `viewer`, seconds."""
    settings = design.settings
    tell(f"{title(settings)}: {what}")
    started = time.perf_counter()
    waveform = make()
    seconds = time.perf_counter() - started
    sound = replayed(waveform, settings)
    losses = [in_viewer(sound, settings, view) for view in (view_of(design), viewer)]
    return Row(what, *(f"{loss:.4f}" for loss in losses), f"{seconds:7.1f}")


def table(picture: Path, duration_s: float = DURATION_S) -> str:
    """Return the table of one picture; each figure is made on one core."""
    clear = sonify_settings(duration_s=duration_s)
    artivi = sonify_settings("artivi", duration_s=duration_s)
    viewer = view_of(design_of(picture, clear))
    sections = []
    for settings in (artivi, clear):
        design = design_of(picture, settings)
        by_engine(replaced(design, phase="pghi"))  # compiles, which is not timed
        tried = [(what, make, design) for what, make in methods(design)]
        sections.append((title(settings), tried))
    halves = []
    for n_fft in HALF_WINDOWS:
        design = design_of(picture, replace(clear, n_fft=n_fft, hop_length=n_fft // 2))
        make = partial(by_engine, design)
        halves.append((f"refined, {title(design.settings)}", make, design))
    sections.append(("hop half the window", halves))
    with workers() as pool:
        rows = iter(pool.map(lambda job: measured(*job, viewer), chain(*(x for _, x in sections))))
    heading = Row("visual loss", "own", f"{clear.n_fft}/{clear.hop_length}", "seconds")
    return aligned(heading, [(name, list(islice(rows, len(x)))) for name, x in sections])


def title(settings: SonifySettings) -> str:
    """Return the name of a setting's window and hop."""
    return f"window {settings.n_fft}, hop {settings.hop_length}"


def main(argv: list[str] | None = None) -> None:
    """Print the table of one picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.phases", description=__doc__)
    default = ROOT / "examples" / "galaxy.jpg"
    parser.add_argument("picture", nargs="?", type=Path, default=default)
    print(table(parser.parse_args(argv).picture))


if __name__ == "__main__":
    main()
