"""The track's own rate: the change of a sound is added, and everything else is the track's."""

import numpy as np
import pytest
import soundfile
import torch

from moss.media import load_audio
from moss.signal.track_rate import at_analysis_rate, at_track_rate

RATE = 22_050
START_S = 0.712345  # no whole sample of any rate
SECONDS = 1.5
TRACK_RATES = (16_000, 22_050, 44_100, 48_000, 96_000)


def parts(path, track_rate):
    """Noise of the whole band in a file: its part at both rates, and where they begin."""
    noise = 0.2 * np.random.default_rng(0).standard_normal((3 * track_rate, 2))
    soundfile.write(path, noise, track_rate, subtype="FLOAT")
    asked = {"start_s": START_S, "duration_s": SECONDS}
    track = load_audio(path, sample_rate=track_rate, **asked)
    analysed = load_audio(path, sample_rate=RATE, **asked)
    return track, analysed, {"track_first": round(START_S * track_rate), "first": first_of(RATE)}


def first_of(rate):
    return round(START_S * rate)


def tone(hz, rate, length, first):
    """A tone that swells and fades, sampled at `rate` from sample `first` of the whole on."""
    t = (torch.arange(length, dtype=torch.float64) + first) / rate
    begin = first_of(RATE) / RATE
    swell = torch.sin(torch.pi * ((t - begin) / SECONDS).clamp(0, 1)) ** 2
    return (0.3 * swell * torch.sin(2 * torch.pi * hz * t)).float()


def decibels(waveform):
    return 20 * np.log10(waveform.abs().max().item() + 1e-12)


# An odd rate is resampled by a ratio close to it, so that only this holds of it to the last bit.
@pytest.mark.parametrize("track_rate", [*TRACK_RATES, 44_101])
def test_what_was_not_changed_is_the_track_itself(tmp_path, track_rate):
    track, analysed, begins = parts(tmp_path / "a.wav", track_rate)
    same = at_track_rate(track, analysed, analysed.clone(), track_rate, RATE, **begins)
    assert torch.equal(same, track)


@pytest.mark.parametrize("track_rate", TRACK_RATES)
@pytest.mark.parametrize("hz", [440.0, 7_000.0])
def test_a_change_comes_at_its_moment_and_nothing_else_does(tmp_path, track_rate, hz):
    track, analysed, begins = parts(tmp_path / "a.wav", track_rate)
    sound = analysed + tone(hz, RATE, analysed.shape[1], begins["first"])
    made = at_track_rate(track, analysed, sound, track_rate, RATE, **begins)
    assert made.shape == track.shape
    expected = tone(hz, track_rate, track.shape[1], begins["track_first"])
    # The filter's own -100 dB under 0.3, and float32 beside noise that reaches 1.
    assert decibels(made - track - expected) < -90


def test_what_lies_above_the_analysis_is_the_tracks(tmp_path):
    track, analysed, begins = parts(tmp_path / "a.wav", 48_000)
    noise = torch.randn(analysed.shape, generator=torch.Generator().manual_seed(1))
    fade = torch.hann_window(analysed.shape[1])
    made = at_track_rate(track, analysed, analysed + 0.2 * fade * noise, 48_000, RATE, **begins)
    spectrum = torch.fft.rfft(made - track, dim=1).abs()
    hz = torch.fft.rfftfreq(track.shape[1], 1 / 48_000)
    above, below = spectrum[:, hz > RATE / 2].max(), spectrum[:, hz < RATE / 2].mean()
    assert 20 * torch.log10(above / below) < -90


@pytest.mark.parametrize("track_rate", [44_100, 48_000])
def test_the_analysis_of_what_is_made_is_the_sound(tmp_path, track_rate):
    track, analysed, begins = parts(tmp_path / "a.wav", track_rate)
    sound = analysed + sum(
        tone(hz, RATE, analysed.shape[1], begins["first"]) for hz in (60, 900, 9_500)
    )
    whole = torch.from_numpy(soundfile.read(tmp_path / "a.wav", dtype="float32")[0].T.copy())
    first = begins["track_first"]
    part = slice(first, first + track.shape[1])
    whole[:, part] = at_track_rate(track, analysed, sound, track_rate, RATE, **begins)
    soundfile.write(tmp_path / "b.wav", whole.T.numpy(), track_rate, subtype="FLOAT")
    again = load_audio(tmp_path / "b.wav", sample_rate=RATE, start_s=START_S, duration_s=SECONDS)
    inside = slice(200, -200)  # the filter reaches into what lies beside the part
    assert decibels((again - sound)[:, inside]) < -80


def test_one_channel_goes_into_both_of_the_track(tmp_path):
    track, analysed, begins = parts(tmp_path / "a.wav", 44_100)
    mono = analysed.mean(dim=0, keepdim=True)
    sound = mono + tone(440.0, RATE, mono.shape[1], begins["first"])
    made = at_track_rate(track, mono, sound, 44_100, RATE, **begins)
    change = made - track
    assert change.abs().max() > 0.2
    torch.testing.assert_close(change[0], change[1], rtol=0, atol=1e-6)


def test_a_track_that_is_longer_or_shorter_than_the_sound_keeps_its_length():
    analysed = torch.zeros(1, 1000)
    sound = torch.ones(1, 1000)
    longer, shorter = torch.zeros(1, 3000), torch.zeros(1, 900)
    made = at_track_rate(longer, analysed, sound, 44_100, RATE)
    assert made.shape == longer.shape and not made[:, 2300:].any()
    assert at_track_rate(shorter, analysed, sound, 44_100, RATE).shape == shorter.shape
    # A track that begins before the sound is its own until the sound begins.
    late = at_track_rate(longer, analysed, sound, 44_100, RATE, first=500, track_first=0)
    assert not late[:, :700].any() and late[0, 2000] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("track_rate", TRACK_RATES)
def test_the_analysis_comes_back(tmp_path, track_rate):
    """The part of a file, resampled on its own, is what was loaded of the whole of it."""
    track, analysed, begins = parts(tmp_path / "a.wav", track_rate)
    again = at_analysis_rate(track, track_rate, RATE, analysed.shape[1], **begins)
    assert again.shape == analysed.shape
    inner = slice(300, -300)  # as far as the filter reaches over the ends
    assert decibels((again - analysed)[:, inner]) < -90
