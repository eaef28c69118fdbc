"""The settings of what becomes sound directly: one frozen dataclass, with presets."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from moss.settings.band import MIN_BINS, Band
from moss.settings.blend import MAX_DURATION_S
from moss.settings.common import (
    PICTURE,
    SPECTROGRAM,
    gamma_setting,
    range_setting,
    scale_setting,
)
from moss.settings.fields import (
    check_fields,
    preset_with,
    setting,
    settings_in,
    with_parameters,
)
from moss.settings.setting_error import SettingError

MAX_OVERLAP = 64  # windows over each sample: more only takes longer

SOUND = "the sound"


@with_parameters
@dataclass(frozen=True, kw_only=True)
class SonifySettings(Band):
    """Everything that decides what a picture, a slideshow, a video or an array becomes.

    Brightness is stretched by `contrast` first and raised to the power `gamma` then. A video keeps
    its own duration. The noise of 16 bits can veil what is dark, so the default is 24. Where a
    setting may be None, that is what "auto" is in the command line. Raises InputError, in a
    sentence, where a value is out of range or does not fit another.
    """

    duration_s: float = setting(
        10.0,
        label="Seconds for each picture",
        help="how long each picture and array lasts",
        group=PICTURE,
        option="duration",
        bounds=(0.1, MAX_DURATION_S),
    )
    gap_s: float = setting(
        0.0,
        label="Silence between (s)",
        help="silence between parts",
        group=PICTURE,
        option="gap",
        bounds=(0.0, 60.0),
    )
    rows: int | None = setting(
        None,
        label="Rows of the picture",
        help="that a picture is read with; auto is one for every bin",
        group=PICTURE,
        bounds=(8, 4_096),
    )
    invert: bool = setting(
        False, label="Invert", help="make a sound of its negative", group=PICTURE
    )
    gamma: float = gamma_setting()
    contrast: float = setting(
        1.0,
        label="Contrast",
        help="stretch its brightness around the middle",
        group=PICTURE,
        bounds=(0.1, 10.0),
    )
    range_nats: float = range_setting()
    scale: str = scale_setting()
    low_hz: float | None = setting(
        None,
        label="Lowest frequency (Hz)",
        help="the frequency of the bottom edge; auto is 0, or 40 in octaves",
        group=SPECTROGRAM,
        bounds=(0.0, 48_000.0),
    )
    high_hz: float | None = setting(
        None,
        label="Highest frequency (Hz)",
        help="the frequency of the top edge; auto is the highest there is",
        group=SPECTROGRAM,
        bounds=(1.0, 48_000.0),
    )
    sample_rate: int = setting(
        44_100, label="Sample rate (Hz)", help="in Hz", group=SPECTROGRAM, bounds=(8_000, 96_000)
    )
    n_fft: int = setting(
        2048,
        label="Window (samples)",
        help="samples in a window, even",
        group=SPECTROGRAM,
        bounds=(64, 16_384),
    )
    hop_length: int = setting(
        512,
        label="Hop (samples)",
        help="samples from one window to the next, at most half the window",
        group=SPECTROGRAM,
        bounds=(16, 8_192),
    )
    phase: str = setting(
        "refined",
        label="Phase",
        help="refined until it shows the picture, from the magnitudes alone, or Griffin-Lim",
        group=SOUND,
        choices=("refined", "pghi", "griffin-lim"),
    )
    effort: float = setting(
        1.0, label="Effort", help="how long the phases are sought", group=SOUND, bounds=(0.0, 20.0)
    )
    bit_depth: int = setting(
        24, label="Bit depth", help="of the WAV file", group=SOUND, choices=(16, 24)
    )
    seed: int = setting(
        0,
        label="Seed",
        help="of every random draw; the same seed gives the same result",
        group=SOUND,
        bounds=(0, 2**32 - 1),
    )

    def __post_init__(self) -> None:
        """Check every setting, and then all of them together."""
        check_fields(self)
        self._check_together()

    def _check_together(self) -> None:
        if self.n_fft % 2 or self.hop_length * 2 > self.n_fft:
            raise self._error(
                f"{{n_fft}} is {self.n_fft} and {{hop_length}} is {self.hop_length}, which cannot "
                "be turned back into sound; the window must be even and the hop at most half of it."
            )
        if self.hop_length * MAX_OVERLAP < self.n_fft:
            raise self._error(
                f"{{hop_length}} is {self.hop_length}, too small where {{n_fft}} is {self.n_fft}; "
                f"at least {-(-self.n_fft // MAX_OVERLAP)} works."
            )
        if self.bottom_hz >= self.top_hz or self.band_bins < MIN_BINS:
            narrowest_hz = MIN_BINS * self.sample_rate / self.n_fft
            raise self._error(
                f"The frequency range from {self.bottom_hz:g} to {self.top_hz:g} Hz ({{low_hz}} "
                f"and {{high_hz}}) is too narrow; it must span at least {narrowest_hz:.0f} Hz "
                f"below {self.sample_rate / 2:g} Hz."
            )

    def _error(self, template: str) -> SettingError:
        return SettingError(template, settings_in(SonifySettings))

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


def sonify_settings(preset: str = "clear", /, **changes: Any) -> SonifySettings:
    """Return the settings of a preset with `changes`, which may have former names.

    Raises
    ------
    InputError
        For a preset, names and values that there are not.
    """
    return preset_with(SonifySettings, PRESETS, preset, changes)
