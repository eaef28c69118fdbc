import itertools
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile

from moss.errors import InputError
from moss.media import load_audio, load_overview, overview
from moss.media.overview import MAX_READ_S

RATE = 44100


def staircase(steps=8, step_s=0.5, channels=2):
    """A low tone that grows step by step, with all of it in the last channel."""
    t = np.arange(round(step_s * RATE)) / RATE
    levels = np.linspace(0.1, 0.8, steps)
    tone = np.concatenate([level * np.sin(2 * np.pi * 440 * t) for level in levels])
    sound = np.zeros((len(tone), channels))
    sound[:, -1] = tone
    return sound, levels


def ffmpeg(*arguments):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run([str(part) for part in command], check=True)


@pytest.mark.parametrize("bins", [1, 8, 800, 5000])
def test_peaks_are_the_greatest_samples_of_equal_parts(tmp_path, bins):
    rng = np.random.default_rng(0)
    sound = rng.uniform(-0.9, 0.9, (40000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    seen = load_overview(tmp_path / "a.wav", bins)
    edges = np.rint(np.linspace(0, len(sound), bins + 1)).astype(int)
    parts = [np.abs(sound[a:b]).max() for a, b in itertools.pairwise(edges)]
    assert seen.duration_s == pytest.approx(40000 / RATE)
    assert seen.peaks.shape == (bins,) and seen.peaks.dtype == np.float32
    np.testing.assert_array_equal(seen.peaks, np.array(parts, np.float32))


@pytest.mark.parametrize(
    "name", ["a.wav", "a.flac", "a.ogg", "a.opus", "a.mp3", "a.m4a", "a.mkv", "a.aiff"]
)
def test_every_format_shows_the_same_stairs(tmp_path, name):
    sound, levels = staircase()
    soundfile.write(tmp_path / "source.wav", sound, RATE)
    ffmpeg("-i", tmp_path / "source.wav", tmp_path / name)
    seen = load_overview(tmp_path / name, 160)
    # Lossy formats add up to a tenth of a second of their own at the ends.
    assert seen.duration_s == pytest.approx(4.0, abs=0.1)
    middles = seen.peaks.reshape(8, 20)[:, 6:-6]
    np.testing.assert_allclose(middles, np.repeat(levels[:, None], 8, axis=1), atol=0.05)


def test_more_than_two_channels_are_seen(tmp_path):
    sound, _ = staircase(channels=6)
    sound[:] = 0.2 * sound[:, -1:]  # mixed down, equal channels add up
    soundfile.write(tmp_path / "a.wav", sound, RATE)
    seen = load_overview(tmp_path / "a.wav", 8)
    assert seen.duration_s == pytest.approx(4.0, abs=0.01)
    assert (np.diff(seen.peaks) > 0).all()


def test_a_long_track_is_looked_at_all_along_and_nowhere_twice(tmp_path, monkeypatch):
    rate, duration_s = 1000, 3 * MAX_READ_S
    sound = np.full(round(duration_s * rate), 0.25, np.float32)
    sound[len(sound) // 2 :] = 0.5
    soundfile.write(tmp_path / "a.wav", sound, rate)
    read = []
    whole_read = soundfile.SoundFile.read

    def counted(self, frames, **options):
        read.append(frames)
        return whole_read(self, frames, **options)

    monkeypatch.setattr(soundfile.SoundFile, "read", counted)
    seen = load_overview(tmp_path / "a.wav", 100)
    assert sum(read) == MAX_READ_S * rate
    assert seen.duration_s == duration_s
    np.testing.assert_allclose(seen.peaks, np.repeat([0.25, 0.5], 50), atol=1e-4)


def test_what_ffmpeg_does_not_reach_is_flat_and_the_length_is_true(tmp_path, monkeypatch):
    monkeypatch.setattr(overview, "MAX_EXTRACT_S", 1.0)
    sound, _ = staircase(steps=16)
    soundfile.write(tmp_path / "source.wav", sound, RATE)
    ffmpeg("-i", tmp_path / "source.wav", tmp_path / "a.m4a")
    seen = load_overview(tmp_path / "a.m4a", 80)
    assert seen.duration_s == pytest.approx(8.0, abs=0.1)
    assert (seen.peaks[:10] > 0.05).all() and (seen.peaks[45:] == 0).all()


def test_silence_is_flat_and_too_loud_is_one(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(1000), RATE)
    assert (load_overview(tmp_path / "a.wav", 10).peaks == 0).all()
    soundfile.write(tmp_path / "b.wav", np.full(1000, -3.0), RATE, subtype="FLOAT")
    assert (load_overview(tmp_path / "b.wav", 10).peaks == 1).all()


def make_text(path):
    path.write_text("no sound at all")


def make_empty(path):
    soundfile.write(path, np.zeros((0, 1)), RATE)


def make_nan(path):
    soundfile.write(path, np.full(9000, np.nan), RATE, subtype="FLOAT")


def make_damaged(path):
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 200_000), RATE, format="FLAC")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 5000] = bytes(5000)
    path.write_bytes(data)


@pytest.mark.parametrize("make", [make_text, make_empty, make_nan, make_damaged])
def test_a_bad_file_is_refused_in_the_words_of_load_audio(tmp_path, make):
    path = tmp_path / "a.wav"
    make(path)
    with pytest.raises(InputError) as blend:
        load_audio(path, sample_rate=22050)
    with pytest.raises(InputError) as seen:
        load_overview(path)
    assert str(seen.value) == str(blend.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^a\.wav was not found; .*\.$"):
        load_overview(tmp_path / "a.wav")
