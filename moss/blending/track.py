"""A track says what its settings leave open, and is there at its own rate where sounds have it."""

from dataclasses import dataclass, replace

import torch

from moss.errors import InputError
from moss.media import load_audio
from moss.media.audio import rate_of
from moss.media.files import FilePath, name_of
from moss.settings.blend import BlendSettings
from moss.settings.fields import settings_in
from moss.signal.pickling import PickledAsArrays
from moss.signal.track_rate import at_analysis_rate, at_track_rate

# What is auto of a band: above its lowest frequency lies so little of the track's energy, where
# that leaves a picture tall enough to be seen and does not reach down to where ears are keenest.
QUIET_SHARE = 1e-4
LEAST_LOW_HZ = 12_000.0
LEAST_HEIGHT_HZ = 6_000.0
STEP_HZ = 500.0


@dataclass(frozen=True)
class TrackPart(PickledAsArrays):
    """A part of a track at another rate than that of its analysis.

    Attributes
    ----------
    samples : (channels, samples).
    rate : of them, in Hz.
    first : the sample of the whole track that they begin with.
    """

    samples: torch.Tensor
    rate: int
    first: int

    def changed_as(
        self, sound: torch.Tensor, analysed: torch.Tensor, settings: BlendSettings
    ) -> torch.Tensor:
        """Return the part with what `sound` differs in from what was `analysed`."""
        return at_track_rate(
            self.samples,
            analysed,
            sound,
            self.rate,
            settings.analysis_rate,
            track_first=self.first,
            first=_first(settings),
        )

    def analysed_again(
        self, sound: torch.Tensor, samples: int, settings: BlendSettings
    ) -> torch.Tensor:
        """Return a `sound` like this part as (channels, `samples`) at the rate of the analysis."""
        return at_analysis_rate(
            sound,
            self.rate,
            settings.analysis_rate,
            samples,
            track_first=self.first,
            first=_first(settings),
        )


def _first(settings: BlendSettings) -> int:
    return round(settings.start_s * settings.analysis_rate)


def with_rate_of(audio: FilePath, settings: BlendSettings) -> BlendSettings:
    """Return the settings with a sample rate: that of the track where it is auto.

    It is halved until it is no more than a setting may be.

    Raises
    ------
    InputError
        The file cannot be read, or its sounds are to have its own rate, which is too low.
    """
    if settings.sample_rate is not None and settings.rate == "spectrogram":
        return settings
    own = rate_of(audio)
    if settings.sample_rate is None:
        bounds = settings_in(BlendSettings)["sample_rate"].bounds
        assert bounds is not None, "a sample rate is a number"
        least, most = map(int, bounds)
        rate = own
        while rate > most:
            rate = round(rate / 2)
        settings = replace(settings, sample_rate=max(rate, least))
    if settings.rate == "track" and own < settings.analysis_rate:
        raise InputError(
            f"{name_of(audio)} has {own:,} Hz, too few for a spectrogram of "
            f"{settings.analysis_rate:,}; a sample rate of up to {own:,} works, or sounds at the "
            "rate of the spectrogram."
        )
    return settings


def part_at_own_rate(
    audio: FilePath, waveform: torch.Tensor, settings: BlendSettings
) -> TrackPart | None:
    """Return the part of the track that was loaded as `waveform`, at the track's own rate.

    It is None where the sounds have the rate of the analysis.
    """
    if settings.rate == "spectrogram":
        return None
    rate = rate_of(audio)
    first = round(settings.start_s * rate)
    if rate == settings.analysis_rate:
        return TrackPart(waveform, rate, first)
    samples = load_audio(
        audio,
        sample_rate=rate,
        start_s=settings.start_s,
        duration_s=settings.duration_s,
        mono=settings.mono,
        may_be_silent=True,
    )
    return TrackPart(samples, rate, first)


def with_band_of(waveform: torch.Tensor, settings: BlendSettings) -> BlendSettings:
    """Return the settings with a lowest frequency of the picture, found from the track if auto."""
    if settings.low_hz is not None:
        return settings
    return replace(settings, low_hz=_quiet_above(waveform, settings))


def _quiet_above(waveform: torch.Tensor, settings: BlendSettings) -> float:
    """Return the frequency, in steps, that little of the energy of `waveform` lies above."""
    samples, rate = waveform.shape[1], settings.analysis_rate
    power = torch.fft.rfft(waveform.double()).abs().square().sum(dim=0)
    above = power.flip(0).cumsum(0).flip(0)
    is_loud = above > QUIET_SHARE * above[0]
    found_hz = int(is_loud.count_nonzero()) * rate / samples
    highest_hz = max(0.0, settings.top_hz - LEAST_HEIGHT_HZ)
    low_hz = min(max(found_hz, LEAST_LOW_HZ), highest_hz)
    return min(-(-low_hz // STEP_HZ) * STEP_HZ, highest_hz)
