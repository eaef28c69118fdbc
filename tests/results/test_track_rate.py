"""Sounds at the track's own rate: what the picture leaves alone is the track, in the file."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from moss.blending.prepare import prepare
from moss.media import load_audio
from moss.results.run import Run
from moss.usecases.blend import blend
from moss.usecases.render_point import render_point
from moss.usecases.steer import Aim, steer
from tests.small import PICTURE, SMALL

RATE, START_S = 44_100, 0.4567  # which begins between two samples of 8 kHz
SETTINGS = replace(SMALL, rate="track", start_s=START_S, low_hz=1000.0, high_hz=3000.0)


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    """Four seconds of stereo with 24 bits: steps of a chord under quiet noise."""
    rng, t = np.random.default_rng(0), np.arange(4 * RATE) / RATE
    pulse = np.sin(np.pi * (3 * t % 1)) ** 2
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (220, 1310, 2200, 5_000, 12_000))
    samples = 0.02 * (pulse * chord)[:, None] + 0.003 * rng.standard_normal((len(t), 2))
    path = tmp_path_factory.mktemp("track") / "track.wav"
    soundfile.write(path, samples, RATE, subtype="PCM_24")
    return path


@pytest.fixture(scope="module")
def run(track, once):
    folder = once(
        "track-rate",
        lambda folder: blend(PICTURE, track, folder, SETTINGS, draw=False).result(),
    )
    return Run(folder, json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def part_of(track):
    first = round(START_S * RATE)
    samples, _ = soundfile.read(track, dtype="float64", always_2d=True)
    return samples[first : first + 3 * RATE]


def outside_db(difference, rate):
    """The peak of what a difference has outside of the picture's band."""
    spectrum = np.fft.rfft(difference, axis=0)
    hz = np.fft.rfftfreq(len(difference), 1 / rate)
    spectrum[(hz >= SETTINGS.bottom_hz) & (hz <= SETTINGS.top_hz)] = 0
    outside = np.fft.irfft(spectrum, len(difference), axis=0)
    # Where the part begins and ends, the filter between the rates is cut off.
    return 20 * np.log10(np.abs(outside[rate // 50 : -rate // 50]).max() + 1e-12)


def test_outside_of_the_band_each_file_is_the_track_after_one_gain(run, track):
    before = part_of(track)
    assert run.sample_rate == run.summary["sample_rate"] == RATE
    for point, sound in zip(run.points, run.sounds, strict=True):
        difference = sound.T / 10 ** (point["gain_db"] / 20) - before
        assert outside_db(difference, RATE) < -90, point["file"]
    changed = np.abs(difference).max()
    assert changed > 0.01


def test_pure_music_is_the_track_bit_for_bit(run, track):
    assert run.points[0]["gain_db"] == 0
    samples, rate = soundfile.read(run.folder / run.points[0]["file"], dtype="int32")
    first = round(START_S * RATE)
    assert rate == RATE
    whole, _ = soundfile.read(track, dtype="int32")
    assert np.array_equal(samples, whole[first : first + 3 * RATE])


def test_the_figures_are_those_of_the_files(run, track):
    prepared = prepare(PICTURE, track, SETTINGS)
    for point in run.points:
        # Half a sample later or earlier, no picture and no music looks different.
        sound = load_audio(run.folder / point["file"], sample_rate=SMALL.sample_rate)
        sound = sound[:, : prepared.waveform.shape[1]] / 10 ** (point["gain_db"] / 20)
        assert prepared.losses(sound) == pytest.approx(point["replayed"], abs=0.02)
    visual = [point["replayed"][0] for point in run.points]
    assert visual[-1] < visual[0] - 0.2


def test_a_steered_run_keeps_the_files(run, tmp_path):
    steered = steer(run.folder, tmp_path / "more", Aim(toward="music", point=2), draw=False)
    steered = steered.result()
    new = set(steered.summary["steered"]["new"])
    kept = [point for k, point in enumerate(steered.points) if k not in new]
    assert len(kept) == len(run.points) and new
    for before, after in zip(run.points, kept, strict=True):
        # One more sound may need more headroom, which lowers all.
        if before["gain_db"] == after["gain_db"]:
            files = run.folder / before["file"], steered.folder / after["file"]
            old, same = (soundfile.read(file, dtype="int32")[0] for file in files)
            assert np.array_equal(old, same)
        assert after["replayed"] == pytest.approx(before["replayed"], abs=1e-3)


def test_one_more_point_has_the_rate_too(run, track, tmp_path):
    point = render_point(run.folder, 3, tmp_path / "point").result()
    samples, rate = soundfile.read(point.sound, dtype="float64")
    assert rate == RATE
    difference = samples / 10 ** (point.figures["gain_db"] / 20) - part_of(track)
    assert outside_db(difference, RATE) < -90


def test_at_the_spectrograms_rate_the_rest_is_untouched_too(track):
    settings = replace(SETTINGS, rate="spectrogram")
    made = blend(PICTURE, track, None, settings, draw=False).result()
    before = load_audio(track, sample_rate=8000, start_s=START_S, duration_s=3.0).numpy().T
    for point, sound in zip(made.points, made.sounds, strict=True):
        difference = sound.T / 10 ** (point["gain_db"] / 20) - before
        assert outside_db(difference, 8000) < -90
