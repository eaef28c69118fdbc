"""How consistent phases found for a track's magnitude are: PGHI against Griffin-Lim."""

import argparse
import math
import time
from collections.abc import Callable

import torch
from torchaudio.functional import griffinlim

from benchmarks.bench import ROOT, tell
from benchmarks.table import Row, aligned
from moss.media import load_audio
from moss.phase.pghi import pghi
from moss.signal.spectrogram import STFT

SAMPLE_RATE = 22_050
DURATION_S = 10.0
N_FFT = 2048
REDUNDANCIES = (4, 8, 16)  # windows over each sample
STEPS = (1, 16, 100)
SEED = 0


def convergence_db(stft: STFT, magnitude: torch.Tensor, waveform: torch.Tensor) -> float:
    """Return 20 lg(| |STFT(waveform)| - magnitude | / |magnitude|), both norms Frobenius'."""
    return 20 * math.log10((stft(waveform).abs() - magnitude).norm() / magnitude.norm())


def at_redundancy(waveform: torch.Tensor, redundancy: int) -> list[Row]:
    """Return the rows of one hop length, for `waveform` (length,)."""
    stft = STFT(len(waveform), N_FFT, N_FFT // redundancy)
    tell(f"window {N_FFT}, hop {stft.hop_length}")
    spectrum = stft(waveform)
    magnitude = spectrum.abs()

    def by_pghi():
        phase = pghi(magnitude, N_FFT, stft.hop_length, seed=SEED)
        return stft.inverse(torch.polar(magnitude, phase))

    def by_griffin_lim(steps):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            return griffinlim(
                magnitude,
                stft.window,
                N_FFT,
                stft.hop_length,
                N_FFT,
                power=1,
                n_iter=steps,
                momentum=0.99,
                length=len(waveform),
                rand_init=True,
            )

    def row(what: str, find: Callable[..., torch.Tensor], *args) -> Row:
        started = time.perf_counter()
        found = find(*args)
        seconds = time.perf_counter() - started
        return Row(what, f"{convergence_db(stft, magnitude, found):.1f}", f"{seconds:.2f}")

    by_pghi()  # compiles, which is not timed
    return [
        row("true phase", stft.inverse, spectrum),
        row("PGHI", by_pghi),
        *(row(f"Griffin-Lim, steps: {steps}", by_griffin_lim, steps) for steps in STEPS),
    ]


def main(argv: list[str] | None = None) -> None:
    """Print the table of one track."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.spectral_convergence", description=__doc__
    )
    parser.add_argument("track", nargs="?", default=ROOT / "examples" / "strings.ogg")
    args = parser.parse_args(argv)
    waveform = load_audio(args.track, sample_rate=SAMPLE_RATE, duration_s=DURATION_S, mono=True)[0]
    heading = Row("spectral convergence", "dB", "seconds")
    sections = [
        (f"window {N_FFT}, hop {N_FFT // redundancy}", at_redundancy(waveform, redundancy))
        for redundancy in REDUNDANCIES
    ]
    print(aligned(heading, sections))


if __name__ == "__main__":
    main()
