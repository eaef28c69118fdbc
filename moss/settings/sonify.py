"""The settings of what becomes sound directly: one frozen dataclass, with presets."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from moss.errors import InputError
from moss.settings.band import Band
from moss.settings.blend import MAX_DURATION_S
from moss.settings.fields import check_fields, preset_with

CHOICES = {
    "scale": ("linear", "log", "mel"),
    "phase": ("refined", "pghi", "griffin-lim"),
    "bit_depth": (16, 24),
}
RANGES = {
    "duration_s": (0.1, MAX_DURATION_S),
    "gap_s": (0.0, 60.0),
    "rows": (8, 4_096),
    "sample_rate": (8_000, 96_000),
    "n_fft": (64, 16_384),
    "hop_length": (16, 8_192),
    "low_hz": (0.0, 48_000.0),
    "high_hz": (1.0, 48_000.0),
    "range_nats": (1.0, 20.0),
    "gamma": (0.1, 10.0),
    "contrast": (0.1, 10.0),
    "effort": (0.0, 20.0),
    "seed": (0, 2**32 - 1),
}
LABELS = {
    "duration_s": "Seconds for each picture",
    "gap_s": "Silence between (s)",
    "rows": "Rows of the picture",
    "sample_rate": "Sample rate (Hz)",
    "n_fft": "Window (samples)",
    "hop_length": "Hop (samples)",
    "scale": "Scale of the rows",
    "low_hz": "Lowest frequency (Hz)",
    "high_hz": "Highest frequency (Hz)",
    "range_nats": "Range (nats)",
    "gamma": "Gamma",
    "contrast": "Contrast",
    "invert": "Invert",
    "phase": "Phase",
    "effort": "Effort",
    "bit_depth": "Bit depth",
    "seed": "Seed",
}
LOWEST_LOG_HZ = 40.0  # where rows are in octaves, 0 Hz is infinitely far down
MAX_OVERLAP = 64  # windows over each sample: more only takes longer
MIN_BINS = 11  # the smallest picture that SSIM can judge


@dataclass(frozen=True, kw_only=True)
class SonifySettings(Band):
    """Everything that decides what a picture, a slideshow, a video or an array becomes.

    Raises InputError, in a sentence, where a value is out of range or does not fit another.

    Parameters
    ----------
    duration_s : of each picture and array, in seconds; a video keeps its own.
    gap_s : silence between parts, in seconds.
    rows : that a picture is read with; None is one for every bin it occupies.
    sample_rate, n_fft, hop_length : of the spectrogram, Hz and samples.
    scale : how the rows lie over frequency: "linear", "log" (octaves) or "mel".
    low_hz, high_hz : the frequencies of the lowest and the highest row; None is as far as the
        scale goes, 40 Hz where it is in octaves.
    range_nats : log magnitudes from black to white, in nats; 12 are 104 dB.
    gamma, contrast : brightness is stretched by `contrast` around its middle, then raised to
        this power.
    invert : the picture's negative becomes sound.
    phase : "refined" until the sound shows the picture, "pghi" from the magnitudes alone, or
        "griffin-lim" as torchaudio has it.
    effort : how long phases are sought; 1 is the measured default.
    bit_depth : of the WAV file, 16 or 24; the noise of 16 bits can veil what is dark.
    seed : of every random draw.
    """

    duration_s: float = 10.0
    gap_s: float = 0.0
    rows: int | None = None
    sample_rate: int = 44_100
    n_fft: int = 2048
    hop_length: int = 512
    scale: str = "linear"
    low_hz: float | None = None
    high_hz: float | None = None
    range_nats: float = 12.0
    gamma: float = 1.0
    contrast: float = 1.0
    invert: bool = False
    phase: str = "refined"
    effort: float = 1.0
    bit_depth: int = 24
    seed: int = 0

    def __post_init__(self):
        check_fields(self, LABELS, CHOICES, RANGES)
        if self.n_fft % 2 or self.hop_length * 2 > self.n_fft:
            raise InputError(
                f"A window of {self.n_fft} samples with a hop of {self.hop_length} cannot be "
                "turned back into sound; the window must be even and the hop at most half of it."
            )
        if self.hop_length * MAX_OVERLAP < self.n_fft:
            raise InputError(
                f"The hop of {self.hop_length} samples is too small for a window of {self.n_fft}; "
                f"at least {-(-self.n_fft // MAX_OVERLAP)} works."
            )
        if self.bottom_hz >= self.top_hz or self.band_bins < MIN_BINS:
            narrowest_hz = MIN_BINS * self.sample_rate / self.n_fft
            raise InputError(
                f"The frequency range from {self.bottom_hz:g} to {self.top_hz:g} Hz is too narrow; "
                f"it must span at least {narrowest_hz:.0f} Hz below {self.sample_rate / 2:g} Hz."
            )

    @property
    def bottom_hz(self) -> float:
        """The frequency of the lowest row."""
        least = LOWEST_LOG_HZ if self.scale == "log" else 0.0
        return least if self.low_hz is None else max(self.low_hz, least)

    @property
    def picture_rows(self) -> int:
        """How many rows a picture is read with."""
        return self.rows or self.band_bins

    def samples_in(self, duration_s: float) -> int:
        """Return how many samples so long a part has."""
        return round(duration_s * self.sample_rate)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return asdict(self)


PRESETS: dict[str, dict[str, Any]] = {
    "clear": {},
    "artivi": {"rows": 360, "n_fft": 718, "hop_length": 64},
    "musical": {"scale": "log", "n_fft": 8192, "hop_length": 1024},
}


def sonify_settings(preset: str = "clear", /, **changes) -> SonifySettings:
    """Return the settings of a preset with `changes`; InputError for names it does not know."""
    return preset_with(SonifySettings, PRESETS, preset, changes)
