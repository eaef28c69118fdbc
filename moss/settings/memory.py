"""What a run needs memory for, and how much of it there may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moss.errors import InputError

if TYPE_CHECKING:
    from moss.settings.blend import BlendSettings

# The defaults stay below all of these up to the greatest duration.
MAX_GRID_CELLS = 4_000_000
MAX_POPULATION_CELLS = 100_000_000
MAX_BINS = 30_000_000
MAX_SAMPLES = 200_000_000  # of one channel of all sounds


def check_memory(settings: BlendSettings) -> None:
    """Check that a machine with 16 GB has room for what the settings ask for.

    Raises
    ------
    InputError
        Where they ask for more, with what would work.
    """
    height, width = settings.grid_shape
    frames = settings.frames_in(settings.duration_s) * len(settings.carrier_starts)
    all_bins = settings.n_fft // 2 + 1
    if all_bins * frames > MAX_BINS:
        raise InputError(
            f"The spectrogram of {all_bins} x {frames} bins is too large; choose a shorter "
            f"part or a larger hop, so that it has at most {MAX_BINS:,} bins."
        )
    if height * width > MAX_GRID_CELLS:
        raise InputError(
            f"The mask grid of {height} x {width} cells is too large; "
            f"at most {MAX_GRID_CELLS:,} cells work."
        )
    if settings.population_size * height * width > MAX_POPULATION_CELLS:
        raise InputError(
            f"A population of {settings.population_size} masks of {height} x {width} cells is too "
            f"large; up to {MAX_POPULATION_CELLS // (height * width)} masks work."
        )
    samples = round(settings.duration_s * settings.analysis_rate) * len(settings.carrier_starts)
    if settings.representatives * samples > MAX_SAMPLES:
        raise InputError(
            f"{settings.representatives} sounds of {settings.duration_s:g} s are too many; "
            f"up to {MAX_SAMPLES // samples} work at {settings.analysis_rate:,} Hz."
        )
