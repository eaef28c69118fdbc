"""The settings of a blend: one frozen dataclass for the command line, the page and saved runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from moss.errors import InputError
from moss.settings.band import Band
from moss.settings.fields import check_fields, preset_with
from moss.settings.memory import check_memory
from moss.settings.wishes import wishes_from

CELLS_PER_SECOND = 256 / 30
CELLS_MULTIPLE = 16
MAX_DURATION_S = 600.0

CHOICES = {
    "fit": ("stretch", "crop", "pad"),
    "mixing": ("log", "linear"),
    "operators": ("front", "published"),
    "phase": ("refined", "target"),
    "viewer": ("2048", "any"),
    "bit_depth": (16, 24),
}

# name: (least, greatest); a value outside gets a sentence
RANGES = {
    "start_s": (0.0, 86_400.0),
    "duration_s": (0.1, MAX_DURATION_S),
    "gamma": (0.1, 10.0),
    "range_nats": (1.0, 20.0),
    "low_hz": (0.0, 96_000.0),
    "high_hz": (1.0, 96_000.0),
    "sample_rate": (4_000, 96_000),
    "n_fft": (64, 16_384),
    "hop_length": (16, 8_192),
    "grid_height": (2, 2_048),
    "grid_width": (2, 65_536),
    "smoothing_sigma": (0.0, 50.0),
    "audio_weights": (3, 400),
    "descent_steps": (0, 1_000),
    "population_size": (4, 1_000),
    "generations": (0, 10_000),
    "seed": (0, 2**32 - 1),
    "representatives": (3, 100),
    "effort": (0.0, 20.0),
}


# name: what a person reads
LABELS = {
    "start_s": "Start (s)",
    "duration_s": "Duration (s)",
    "mono": "Mono",
    "wishes": "Wishes of the brush",
    "fit": "Fit",
    "invert": "Invert",
    "gamma": "Gamma",
    "range_nats": "Range (nats)",
    "low_hz": "Lowest frequency (Hz)",
    "high_hz": "Highest frequency (Hz)",
    "sample_rate": "Sample rate (Hz)",
    "n_fft": "Window (samples)",
    "hop_length": "Hop (samples)",
    "mixing": "Mixing",
    "grid_height": "Rows of the mask",
    "grid_width": "Columns of the mask",
    "smoothing_sigma": "Smoothing (bins)",
    "audio_weights": "Trade-offs",
    "descent_steps": "Gradient steps",
    "population_size": "Population",
    "generations": "Generations",
    "operators": "Operators",
    "seed": "Seed",
    "representatives": "Sounds",
    "phase": "Phase",
    "viewer": "Made for windows of",
    "effort": "Effort",
    "bit_depth": "Bit depth",
}


@dataclass(frozen=True, kw_only=True)
class BlendSettings(Band):
    """Everything that decides what a picture and a track become. The defaults are "high-res".

    Raises InputError, in a sentence, where a value is out of range or does not fit another.

    Parameters
    ----------
    start_s, duration_s : the part of the track, in seconds.
    mono : mix the track down to one channel.
    fit : "stretch" the picture over the spectrogram, "crop" it or "pad" it with black.
    invert : show the picture's negative.
    gamma : the picture's brightness is raised to this power before it is mixed.
    range_nats : log magnitudes from black to white, in nats; 12 are 104 dB.
    low_hz, high_hz : the frequencies the picture occupies; None is the highest there is.
    sample_rate, n_fft, hop_length : of the spectrogram, Hz and samples.
    grid_height, grid_width : cells of the mask; a width of None grows with the duration.
    smoothing_sigma : the mask's Gaussian blur, in bins.
    mixing : "log" blends log magnitudes, "linear" blends magnitudes.
    wishes : where the mask is all music or all picture, as `moss.settings.wishes` spells it.
    audio_weights : weights of the audio loss that the seeding solves for.
    descent_steps : gradient steps for each of them.
    population_size, generations : of NSGA-II; the front keeps as many points.
    operators : "front" moves along the front, "published" is SBX and polynomial mutation.
    seed : of every random draw.
    representatives : sounds that are written.
    phase : "refined" until the sound replays the design, or the "target" track's as it is.
    viewer : "2048" makes the picture for that window, "any" for 1024, 2048 and 4096 at once.
    effort : how long phases are refined; 1 is the measured default.
    bit_depth : of the WAV files, 16 or 24.
    """

    start_s: float = 0.0
    duration_s: float = 30.0
    mono: bool = False
    fit: str = "stretch"
    invert: bool = False
    gamma: float = 1.0
    range_nats: float = 12.0
    low_hz: float = 0.0
    high_hz: float | None = None
    sample_rate: int = 22_050
    n_fft: int = 2048
    hop_length: int = 512
    grid_height: int = 128
    grid_width: int | None = None
    smoothing_sigma: float = 3.0
    mixing: str = "log"
    wishes: str = ""
    audio_weights: int = 40
    descent_steps: int = 30
    population_size: int = 100
    generations: int = 50
    operators: str = "front"
    seed: int = 0
    representatives: int = 12
    phase: str = "refined"
    viewer: str = "2048"
    effort: float = 1.0
    bit_depth: int = 16

    def __post_init__(self):
        check_fields(self, LABELS, CHOICES, RANGES)
        wishes_from(self.wishes)
        self._check_together()
        check_memory(self)

    def _check_together(self):
        # Half the window and half the hop must be whole too where viewers with both are served.
        halves = 2 if self.viewer == "any" else 1
        if self.n_fft % (2 * halves) or self.hop_length % halves:
            raise InputError(
                f"The window of {self.n_fft} and the hop of {self.hop_length} samples cannot be "
                f"halved; make them multiples of {2 * halves} and {halves}."
            )
        if self.n_fft % self.hop_length or self.hop_length * 2 > self.n_fft:
            raise InputError(
                f"The hop of {self.hop_length} samples does not fit the window of {self.n_fft}; "
                "it must divide the window and be at most half of it."
            )
        narrowest_hz = 11 * halves * self.sample_rate / self.n_fft
        if self.top_hz - self.low_hz < narrowest_hz:
            raise InputError(
                f"The picture's frequency range from {self.low_hz:g} to {self.top_hz:g} Hz is too "
                f"narrow; it must span at least {narrowest_hz:.0f} Hz below "
                f"{self.sample_rate / 2:g} Hz."
            )
        height, width = self.grid_shape
        bins, frames = self.band_bins, self.frames_in(self.duration_s)
        if height > bins or (self.grid_width and width > frames):
            raise InputError(
                f"The mask grid of {height} x {width} cells is larger than the spectrogram of "
                f"{bins} x {frames} bins; use a smaller grid."
            )

    @property
    def bottom_hz(self) -> float:
        """The lowest frequency of the picture."""
        return self.low_hz

    @property
    def grid_shape(self) -> tuple[int, int]:
        """Height and width of the mask grid for the duration asked for."""
        return self.grid_height, self.grid_width or self._cells(self.duration_s)

    def for_duration(self, duration_s: float) -> BlendSettings:
        """Return these settings for a part that turned out to be `duration_s` long."""
        return replace(self, duration_s=min(self.duration_s, duration_s))

    def _cells(self, duration_s: float) -> int:
        wanted = max(1, round(duration_s * CELLS_PER_SECOND / CELLS_MULTIPLE)) * CELLS_MULTIPLE
        return min(wanted, self.frames_in(duration_s))

    def frames_in(self, duration_s: float) -> int:
        """Return how many frames the spectrogram of so long a part has."""
        return 1 + int(duration_s * self.sample_rate) // self.hop_length

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return asdict(self)


PRESETS: dict[str, dict[str, Any]] = {
    "high-res": {},
    "quick": {
        "duration_s": 10.0,
        "grid_height": 64,
        "audio_weights": 24,
        "descent_steps": 20,
        "population_size": 50,
        "generations": 20,
        "effort": 0.6,
    },
    "notebook": {
        "sample_rate": 16_000,
        "n_fft": 1024,
        "hop_length": 256,
        "grid_height": 64,
        "grid_width": 128,
        "smoothing_sigma": 5.0,
        "mixing": "linear",
        "gamma": 1.8,
    },
}


def blend_settings(preset: str = "high-res", /, **changes) -> BlendSettings:
    """Return the settings of a preset with `changes`; InputError for names it does not know."""
    return preset_with(BlendSettings, PRESETS, preset, changes)
