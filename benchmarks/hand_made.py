"""What MOSS makes by hand where a library has it: `python -m benchmarks.hand_made [SECTION ...]`.

Every ratio is the library's time, or memory, divided by ours, of one run of this script; so above
1 ours is the better one. Seconds of a first call come from a process of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import torch
import torchaudio
from pytorch_msssim import ssim

from benchmarks.bench import tell
from benchmarks.table import Row, aligned
from moss.signal.adam import Adam
from moss.signal.loudness import integrated_loudness
from moss.signal.similarity import SSIM
from moss.signal.spectrogram import STFT, power

RATE, SECONDS = 22_050, 30  # of the default run
WINDOW, HOP_LENGTH = 2048, 512
ADAM_SIZES = {"grid 128 x 256": (128, 256), "waveform of 30 s": (RATE * SECONDS,)}
ADAM_STEPS = 40
ADAM_BETAS, ADAM_EPSILON, ADAM_RATE = (0.8, 0.99), 1e-20, 0.01
ADAM_KINDS = {
    "torch.optim, plain": {"foreach": False},
    "torch.optim, foreach": {"foreach": True},
    "torch.optim, fused": {"fused": True},
}
LOUD_S = 600  # the longest sound there is
REPEATS = 9


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    """Return white noise of this shape."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def fastest_ms(functions: Sequence[Callable[[], object]], repeats: int = REPEATS) -> list[float]:
    """Return the least milliseconds of each; they take turns, so that a busy machine is fair."""
    spent: list[list[float]] = [[] for _ in functions]
    for turn in range(repeats + 1):
        for function, found in zip(functions, spent, strict=True):
            started = time.perf_counter()
            function()
            if turn:  # the first is to warm up
                found.append(1e3 * (time.perf_counter() - started))
    return [min(found) for found in spent]


def compared(
    what: str, ours: Callable[[], object], theirs: Callable[[], object], beside: str = ""
) -> list[Row]:
    """Return a row for one thread and one for all: our milliseconds and theirs in units of ours."""
    rows = []
    for threads in sorted({1, os.cpu_count() or 1}):
        torch.set_num_threads(threads)
        mine, other = fastest_ms((ours, theirs))
        counted = f"{threads} thread{'s' if threads > 1 else ''}"
        rows.append(Row(f"{what}, {counted}", f"{mine:.2f} ms", f"{other / mine:.2f}", beside))
    return rows


def adam() -> list[Row]:
    """Steps of our Adam and of torch.optim's, on one thread, as each worker has one."""
    torch.set_num_threads(1)
    rows = []
    for what, shape in ADAM_SIZES.items():
        start, gradients = noise(*shape), [noise(*shape, seed=k) for k in range(1, 5)]
        descents = [
            partial(our_descent, start, gradients),
            *(partial(their_descent, start, gradients, kind) for kind in ADAM_KINDS.values()),
        ]
        spent = fastest_ms(descents)
        expected = descents[0]()
        for who, descent, ms in zip(("ours", *ADAM_KINDS), descents, spent, strict=True):
            off = (descent() - expected).abs().max().item()
            beside = "the same bits" if off == 0 else f"values differ by up to {off:.1e}"
            rows.append(
                Row(f"{what}, {who}", f"{ms / ADAM_STEPS:.3f} ms", f"{ms / spent[0]:.2f}", beside)
            )
    for who, code in (
        (
            "ours",
            "from moss.signal.adam import Adam; state = Adam(x, (0.8, 0.99), 1e-9)\n"
            "step = lambda: state.step(x, g, 1.0)",
        ),
        ("torch.optim", "x.grad = g; step = torch.optim.Adam([x], foreach=False).step"),
    ):
        rows.append(Row(f"{who}, the first step of a process", f"{first_call_s(code):.2f} s"))
    return rows


def our_descent(start: torch.Tensor, gradients: list[torch.Tensor]) -> torch.Tensor:
    """Return `start` after ADAM_STEPS of ours against these gradients in turn."""
    values, state = start, Adam(start, ADAM_BETAS, ADAM_EPSILON)
    for step in range(ADAM_STEPS):
        values = state.step(values, gradients[step % len(gradients)], rate_at(step))
    return values


def their_descent(
    start: torch.Tensor, gradients: list[torch.Tensor], options: dict[str, bool]
) -> torch.Tensor:
    """Return what torch.optim.Adam makes of the same."""
    values = start.clone()
    state = torch.optim.Adam([values], betas=ADAM_BETAS, eps=ADAM_EPSILON, **options)
    for step in range(ADAM_STEPS):
        values.grad = gradients[step % len(gradients)]
        state.param_groups[0]["lr"] = rate_at(step)
        state.step()
    return values


def rate_at(step: int) -> float:
    """Return a rate that falls, as both of our descents have it."""
    return ADAM_RATE * (1 - step / ADAM_STEPS)


def first_call_s(code: str) -> float:
    """Return the seconds that `step()` takes at first, where `code` has defined it."""
    whole = (
        "import time, torch; torch.set_num_threads(1); x, g = torch.zeros(9), torch.ones(9)\n"
        f"start = time.perf_counter()\n{code}\nstep(); print(time.perf_counter() - start)"
    )
    done = subprocess.run(
        [sys.executable, "-c", whole], stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout)


def stft() -> list[Row]:
    """The default run's transform, its inverse, and both around a change of the magnitudes."""
    waveform = 0.1 * noise(RATE * SECONDS)
    ours = STFT(waveform.numel(), WINDOW, HOP_LENGTH)
    spectrum = ours(waveform)
    magnitude = spectrum.abs().flip(1).T.contiguous().T
    by_frame = magnitude.T
    options = {"n_fft": WINDOW, "hop_length": HOP_LENGTH, "window": ours.window}

    def forward() -> torch.Tensor:
        return torch.stft(waveform, **options, pad_mode="constant", return_complex=True)

    def inverse(spectrum: torch.Tensor) -> torch.Tensor:
        return torch.istft(spectrum, **options, length=waveform.numel())

    def project(spectrum: torch.Tensor, frames: slice) -> None:
        spectrum.mul_(power(spectrum).rsqrt_().mul_(by_frame[frames]))

    def their_projection() -> torch.Tensor:
        found = forward()
        return inverse(found.mul_(power(found).rsqrt_().mul_(magnitude)))

    return [
        *compared("STFT", lambda: ours(waveform), forward),
        *compared(
            "log magnitude",
            lambda: ours.log_magnitude(waveform),
            lambda: forward().abs().clamp_min_(1e-9).log_(),
        ),
        *compared("inverse", lambda: ours.inverse(spectrum), lambda: inverse(spectrum)),
        *compared(
            "one step of Griffin-Lim", lambda: ours.nearest(waveform, project), their_projection
        ),
    ]


def similarity() -> list[Row]:
    """SSIM of the default run's spectrogram, the value alone and with its gradient."""
    generator = torch.Generator().manual_seed(0)
    shape = (1 + RATE * SECONDS // HOP_LENGTH, 1 + WINDOW // 2)
    picture, reference = (torch.rand(shape, generator=generator) for _ in range(2))
    ours = SSIM(reference)

    def theirs(shown: torch.Tensor) -> torch.Tensor:
        return ssim(shown[None, None], reference[None, None], data_range=1.0)

    def their_gradient() -> torch.Tensor:
        shown = picture.clone().requires_grad_()
        return torch.autograd.grad(theirs(shown), shown)[0]

    return [
        *compared("SSIM", lambda: ours(picture), lambda: theirs(picture)),
        *compared("SSIM and gradient", lambda: ours.value_and_gradient(picture), their_gradient),
        *compared(
            "every fourth window, as descents have it",
            lambda: ours.value_and_gradient(picture, 4),
            their_gradient,
            "theirs has all windows",
        ),
    ]


def loudness() -> list[Row]:
    """Ten minutes of stereo, each in a process of its own for its memory, and short sounds."""
    ours, theirs = (measured_loudness(who) for who in ("ours", "torchaudio"))
    rows = [
        Row("ours, ten minutes", f"{ours['s']:.1f} s", "1.00", f"{ours['mb']:.0f} MB more"),
        Row(
            "torchaudio, ten minutes",
            f"{theirs['s']:.1f} s",
            f"{theirs['s'] / ours['s']:.2f}",
            f"{theirs['mb']:.0f} MB more, {theirs['mb'] / ours['mb']:.1f} times ours",
        ),
    ]
    short = 0.1 * noise(1, RATE // 4)
    loud = noise(2, 5 * RATE)
    for what, sound in (("a quarter of a second", short), ("noise 12 dB over full scale", loud)):
        mine = f"{integrated_loudness(sound, RATE):.2f} LUFS"
        try:
            beside = f"torchaudio: {torchaudio.functional.loudness(sound, RATE).item():.2f} LUFS"
        except Exception as error:
            beside = f"torchaudio: {type(error).__name__}"
        rows.append(Row(what, mine, "", beside))
    return rows


def measured_loudness(who: str) -> dict[str, float]:
    """Return seconds and megabytes that the loudness of ten minutes takes `who`."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.hand_made", "--loudness-of", who],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def measure_loudness(who: str) -> None:
    """Print as JSON what `measured_loudness` returns."""
    torch.set_num_threads(1)  # as each worker has one
    sound = 0.1 * noise(2, LOUD_S * RATE)
    measure = integrated_loudness if who == "ours" else torchaudio.functional.loudness
    measure(sound[:, : 10 * RATE], RATE)  # warm
    before, start = peak_mb(), time.perf_counter()
    measure(sound, RATE)
    print(json.dumps({"s": time.perf_counter() - start, "mb": max(peak_mb() - before, 1.0)}))


def peak_mb() -> float:
    """Return the most memory that this process has had so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


SECTIONS = {
    "adam": ("adam: torch.optim.Adam", adam),
    "stft": ("stft: torch.stft and torch.istft", stft),
    "ssim": ("ssim: pytorch-msssim", similarity),
    "loudness": ("loudness: torchaudio.functional.loudness", loudness),
}


def main() -> None:
    """Measure the sections asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.hand_made")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--loudness-of", choices=["ours", "torchaudio"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.loudness_of:
        measure_loudness(arguments.loudness_of)
        return
    if unknown := set(arguments.sections) - SECTIONS.keys():
        parser.error(f"there is no section {min(unknown)}")
    parts = []
    for name in arguments.sections or SECTIONS:
        title, measure = SECTIONS[name]
        tell(title)
        parts.append((title, measure()))
    print(aligned(Row("measured", "figure", "ratio"), parts))


if __name__ == "__main__":
    main()
