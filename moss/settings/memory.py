"""What a run needs memory for, and how much of it there may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        raise settings.refusal(
            f"The spectrogram of {all_bins} x {frames} bins is too large, and at most "
            f"{MAX_BINS:,} bins work; make {{duration_s}} less or {{hop_length}} more."
        )
    if height * width > MAX_GRID_CELLS:
        raise settings.refusal(
            f"{{grid_height}} and {{grid_width}} ask for a mask of {height} x {width} cells, which "
            f"is too large; at most {MAX_GRID_CELLS:,} cells work."
        )
    if settings.population_size * height * width > MAX_POPULATION_CELLS:
        raise settings.refusal(
            f"{{population_size}} is {settings.population_size}, too many for masks of {height} x "
            f"{width} cells; up to {MAX_POPULATION_CELLS // (height * width)} masks work."
        )
    samples = round(settings.duration_s * settings.analysis_rate) * len(settings.carrier_starts)
    if settings.representatives * samples > MAX_SAMPLES:
        raise settings.refusal(
            f"{{representatives}} is {settings.representatives}, too many for sounds of "
            f"{settings.duration_s:g} s; up to {MAX_SAMPLES // samples} work at "
            f"{settings.analysis_rate:,} Hz."
        )
