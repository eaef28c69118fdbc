"""The settings of a blend: one frozen dataclass for the command line, the page and saved runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from moss.settings.band import CD_RATE, MIN_BINS, Band
from moss.settings.common import (
    PICTURE,
    SPECTROGRAM,
    gamma_setting,
    range_setting,
    scale_setting,
)
from moss.settings.fields import check_fields, setting, settings_in, with_parameters
from moss.settings.memory import check_memory
from moss.settings.setting_error import SettingError
from moss.settings.wishes import EXAMPLE, wishes_from

CELLS_PER_SECOND = 256 / 30  # of the mask: 256 columns for the usual 30 seconds
CELLS_MULTIPLE = 16
MAX_DURATION_S = 600.0
AUDIO_LOSSES = ("heard", "log")
LEFT_RIGHT = "left-right"  # the channel of two pictures

# How long the windows are that the picture can be made for, in windows of the run; its own first.
WINDOWS = {"own": (1.0,), "any": (1.0, 0.5, 2.0)}

TRACK = "the track"
MASK = "the mask between the two"
SEARCH = "the search"
SOUNDS = "the sounds"

METHODS = ("moss", "notebook", "readme")  # of searching the front; the last two are published


class Window(NamedTuple):
    """The samples in a window of a spectrogram, and from one window to the next."""

    n_fft: int
    hop_length: int


@with_parameters
@dataclass(frozen=True, kw_only=True)
class BlendSettings(Band):
    """Everything that decides what a picture and a track become. The defaults are "high-res".

    Where a setting may be None, that is what "auto" is in the command line. Raises InputError, in
    a sentence, where a value is out of range or does not fit another.
    """

    start_s: float = setting(
        0.0,
        label="Start (s)",
        help="where the part of the track begins, in seconds",
        group=TRACK,
        option="start",
        bounds=(0.0, 86_400.0),
    )
    duration_s: float = setting(
        30.0,
        label="Duration (s)",
        help="how long it is, in seconds",
        group=TRACK,
        option="duration",
        bounds=(0.1, MAX_DURATION_S),
    )
    mono: bool = setting(False, label="Mono", help="mix the track down to one channel", group=TRACK)
    fit: str = setting(
        "stretch",
        label="Fit",
        help="stretch it over the spectrogram, crop it, or pad it with black",
        group=PICTURE,
        choices=("stretch", "crop", "pad"),
    )
    invert: bool = setting(False, label="Invert", help="show its negative", group=PICTURE)
    channel: str = setting(
        "mid",
        label="Channel",
        help="where it is in a stereo track: in what both sides share, in what they differ in, "
        "which is gone in mono, or in each of the two",
        group=PICTURE,
        choices=("mid", "side", LEFT_RIGHT),
    )
    gamma: float = gamma_setting()
    white_db: float | None = setting(
        None,
        label="White (dB under the loudest)",
        help="how far its white lies under the loudest bin of the track: the lower, the less it "
        "drowns the music, and a viewer's brightness brings it back; auto tries a few levels",
        group=PICTURE,
        bounds=(0.0, 40.0),
    )
    range_nats: float | None = range_setting(None, "; auto tries a few")
    low_hz: float | None = setting(
        0.0,
        label="Lowest frequency (Hz)",
        help="the frequency of its bottom edge, in octaves at least 40; the track is untouched "
        "below; auto is above nearly all of the track's energy",
        group=PICTURE,
        bounds=(0.0, 96_000.0),
    )
    high_hz: float | None = setting(
        None,
        label="Highest frequency (Hz)",
        help="the frequency of its top edge; auto is the highest there is",
        group=PICTURE,
        bounds=(1.0, 96_000.0),
    )
    scale: str = scale_setting()
    sample_rate: int | None = setting(
        22_050,
        label="Sample rate (Hz)",
        help="of the analysis, in Hz, twice the highest frequency in it; auto is the track's own, "
        "of more than 96,000 a half or a quarter",
        group=SPECTROGRAM,
        bounds=(4_000, 96_000),
    )
    n_fft: int = setting(
        2048,
        label="Window (samples)",
        help="samples in a window",
        group=SPECTROGRAM,
        bounds=(64, 16_384),
    )
    hop_length: int = setting(
        512,
        label="Hop (samples)",
        help="samples from one window to the next; must divide the window",
        group=SPECTROGRAM,
        bounds=(16, 8_192),
    )
    mixing: str = setting(
        "log",
        label="Mixing",
        help="blend log magnitudes (decibels) or linear ones",
        group=SPECTROGRAM,
        choices=("log", "linear"),
    )
    grid_height: int = setting(
        128, label="Rows of the mask", help="cells in frequency", group=MASK, bounds=(2, 2_048)
    )
    grid_width: int | None = setting(
        None,
        label="Columns of the mask",
        help="cells in time; auto grows with the duration",
        group=MASK,
        bounds=(2, 65_536),
    )
    smoothing_sigma: float = setting(
        3.0,
        label="Smoothing (bins)",
        help="Gaussian blur, in bins",
        group=MASK,
        option="smoothing",
        bounds=(0.0, 50.0),
    )
    wishes: str = setting(
        "",
        label="Wishes of the brush",
        help="where the music stays and where the picture shows, in seconds of the part "
        f'and hertz, such as "{EXAMPLE}"; a later wish wins over an earlier one, '
        "and the smallest takes some 0.6 s and 350 Hz",
        group=MASK,
    )
    method: str = setting(
        "moss",
        label="Method",
        help="how the front is searched; notebook and readme are the two published forms, to be "
        "heard and measured beside ours, and leave each sound at a peak of 0.9; notebook takes "
        "the picture's range from the track's quantiles",
        group=SEARCH,
        choices=METHODS,
    )
    audio_weights: int = setting(
        28,
        label="Trade-offs",
        help="trade-offs that the seeding solves for",
        group=SEARCH,
        bounds=(3, 400),
        formerly="prices",
    )
    descent_steps: int = setting(
        20,
        label="Gradient steps",
        help="gradient steps for each of them",
        group=SEARCH,
        bounds=(0, 1_000),
    )
    population_size: int = setting(
        100,
        label="Population",
        help="masks in a generation of NSGA-II, and on the front",
        group=SEARCH,
        option="pop-size",
        bounds=(4, 1_000),
    )
    generations: int = setting(
        50,
        label="Generations",
        help="of NSGA-II; 0 keeps the seeds",
        group=SEARCH,
        bounds=(0, 10_000),
    )
    audio_loss: str = setting(
        "heard",
        label="Difference from the music",
        help="what keeps the music: the loudness that is heard to change, or the published mean "
        "difference of log magnitudes",
        group=SEARCH,
        choices=AUDIO_LOSSES,
    )
    operators: str = setting(
        "front",
        label="Operators",
        help="move along the front, or cross and mutate as published (slow)",
        group=SEARCH,
        choices=("front", "published"),
    )
    seed: int = setting(
        0,
        label="Seed",
        help="of every random draw; the same seed gives the same result",
        group=SEARCH,
        bounds=(0, 2**32 - 1),
    )
    representatives: int = setting(
        12,
        label="Sounds",
        help="how many sounds of the front are written",
        group=SOUNDS,
        bounds=(3, 100),
    )
    phase: str = setting(
        "refined",
        label="Phase",
        help="refine each sound until it replays its design, or keep the track's phase",
        group=SOUNDS,
        choices=("refined", "target"),
    )
    viewer: str = setting(
        "own",
        label="Made for which windows",
        help="show the picture in the run's own window, or in any from half to twice as long",
        group=SOUNDS,
        choices=tuple(WINDOWS),
        former_values={"2048": "own"},
    )
    effort: float = setting(
        1.0,
        label="Effort",
        help="how long the phases are refined",
        group=SOUNDS,
        bounds=(0.0, 20.0),
    )
    rate: str = setting(
        "spectrogram",
        label="Rate of the sounds",
        help="have the sample rate of the spectrogram, or that of the track, and then all of the "
        "track that the picture leaves alone",
        group=SOUNDS,
        choices=("spectrogram", "track"),
    )
    file_format: str = setting(
        "wav",
        label="Format",
        help="of the sounds' files; FLAC has the same samples in fewer bytes",
        group=SOUNDS,
        option="format",
        choices=("wav", "flac"),
    )
    bit_depth: int = setting(
        24,
        label="Bit depth",
        help="of the sounds' files; 16 warns where its rounding veils the picture",
        group=SOUNDS,
        choices=(16, 24),
    )

    whole: bool = setting(
        False,
        label="The whole track",
        help="write the three picks in the place of the part in the whole track, up to 10 minutes",
        group=SOUNDS,
    )
    share: bool = setting(
        False,
        label="Files to share",
        help="write the three picks as MP3, AAC and Opus too, and measure what each still shows",
        group=SOUNDS,
    )

    def __post_init__(self) -> None:
        """Check every setting, and then all of them together."""
        check_fields(self)
        self._check_wishes()
        self._check_together()
        check_memory(self)

    def _check_together(self) -> None:
        if self.mono and self.channel != "mid":
            raise self.refusal(
                f'{{mono}} leaves no "{self.channel}"; choose "mid" for {{channel}}, or do not mix '
                "the track down."
            )
        # Half the window and half the hop must be whole too where the picture is made for both.
        halves = round(1 / min(WINDOWS[self.viewer]))
        if self.n_fft % (2 * halves) or self.hop_length % halves:
            raise self.refusal(
                f"{{n_fft}} is {self.n_fft} and {{hop_length}} is {self.hop_length}, which cannot "
                f"be halved; make them multiples of {2 * halves} and {halves}."
            )
        if self.n_fft % self.hop_length or self.hop_length * 2 > self.n_fft:
            raise self.refusal(
                f"{{hop_length}} is {self.hop_length} and {{n_fft}} is {self.n_fft}; the hop must "
                "divide the window and be at most half of it."
            )
        narrowest_hz = MIN_BINS * self.analysis_rate / min(self.windows).n_fft
        if self.top_hz - self.bottom_hz < narrowest_hz:
            raise self.refusal(
                f"The picture's frequency range from {self.bottom_hz:g} to {self.top_hz:g} Hz "
                "({low_hz} and {high_hz}) is too narrow; it must span at least "
                f"{narrowest_hz:.0f} Hz below {self.analysis_rate / 2:g} Hz."
            )
        height, width = self.grid_height, self.grid_width or self._cells(self.duration_s)
        bins, frames = self.band_bins, self.frames_in(self.duration_s)
        if height > bins or (self.grid_width and width > frames):
            raise self.refusal(
                f"{{grid_height}} and {{grid_width}} ask for a mask of {height} x {width} cells, "
                f"which is larger than the spectrogram of {bins} x {frames} bins; make them less."
            )

    def _check_wishes(self) -> None:
        for wish in wishes_from(self.wishes):
            if wish.start_s >= self.duration_s:
                raise self.refusal(
                    f"{{wishes}} has one from {wish.start_s:g} s on, but the part is only "
                    f"{self.duration_s:g} s long; move it, leave it out or make {{duration_s}} "
                    "more."
                )
            # As long as only the track can say its rate, nobody knows the highest frequency.
            if self.sample_rate and wish.low_hz >= self.sample_rate / 2:
                raise self.refusal(
                    f"{{wishes}} has one from {wish.low_hz:g} Hz on, but {{sample_rate}} "
                    f"{self.sample_rate} ends at {self.sample_rate / 2:g} Hz; move it or leave it "
                    "out."
                )

    def refusal(self, template: str) -> SettingError:
        """Return the error whose sentence is `template`, with names of settings in braces."""
        return SettingError(template, settings_in(BlendSettings))

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows that the picture is made for, the run's own first."""
        return tuple(
            Window(round(self.n_fft * factor), round(self.hop_length * factor))
            for factor in WINDOWS[self.viewer]
        )

    @property
    def sound_rate(self) -> int:
        """The sample rate of the sounds; a CD's, or more, as long as only the track can say it."""
        return max(CD_RATE, self.analysis_rate) if self.rate == "track" else self.analysis_rate

    @property
    def is_published(self) -> bool:
        """Whether the method is a published one, which is there to compare ours with."""
        return self.method != "moss"

    @property
    def grid_shape(self) -> tuple[int, int]:
        """Height and width of the mask grid for the duration asked for, all carriers together."""
        width = self.grid_width or self._cells(self.duration_s)
        return self.grid_height, width * len(self.carrier_starts)

    @property
    def carrier_starts(self) -> tuple[int, ...]:
        """The samples where the channels that carry a picture begin in what is analysed.

        Left and right follow each other as one signal. They are on one grid of frames, and so far
        apart that no frame of either sees the other.
        """
        if self.channel != LEFT_RIGHT:
            return (0,)
        longest = max(self.windows)
        end = round(self.duration_s * self.analysis_rate) + longest.n_fft // 2
        return 0, -(-end // longest.hop_length) * longest.hop_length

    def for_duration(self, duration_s: float) -> BlendSettings:
        """Return these settings for a part that turned out to be `duration_s` long."""
        return replace(self, duration_s=min(self.duration_s, duration_s))

    def _cells(self, duration_s: float) -> int:
        cells = max(1, round(duration_s * CELLS_PER_SECOND / CELLS_MULTIPLE)) * CELLS_MULTIPLE
        return min(cells, self.frames_in(duration_s))

    def frames_in(self, duration_s: float) -> int:
        """Return how many frames the spectrogram of so long a part has."""
        return 1 + int(duration_s * self.analysis_rate) // self.hop_length

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return asdict(self)
