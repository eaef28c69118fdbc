"""The whole track with a part of it blended: the track outside, to the bit, and no click."""

import json
import subprocess
from dataclasses import replace

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from PIL import Image
from scipy.signal import butter, sosfiltfilt

from moss.cli.terminal import table_of
from moss.errors import InputError
from moss.media import load_audio
from moss.media.tags import copy_cover, tags_of
from moss.results.picks import CHOSEN
from moss.results.run import Run
from moss.signal.loudness import integrated_loudness
from moss.usecases.blend import blend
from moss.usecases.steer import Aim, steer
from tests.small import PAD, PICTURE, SMALL

START_S = 2.345678  # no whole sample of any rate
WHOLE = replace(SMALL, whole=True, start_s=START_S)
SONGS = {"best_musical": "song_musical", "balanced": "song_balanced", "best_visual": "song_visual"}


@pytest.fixture(scope="module", params=["wav", "flac"])
def whole_run(request, once):
    """A run with its songs, as WAV in 24 bits and as FLAC in 16."""
    bits = {"wav": 24, "flac": 16}[request.param]
    settings = replace(WHOLE, file_format=request.param, bit_depth=bits)
    folder = once(
        f"whole-run-{request.param}",
        lambda folder: blend(PICTURE, PAD, folder, settings, draw=False).result(),
    )
    return Run(folder, json.loads((folder / "summary.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def track():
    return soundfile.read(PAD, dtype="float32", always_2d=True)


def part_of(rate):
    begin = round(START_S * rate)
    return slice(begin, begin + round(SMALL.duration_s * rate))


def click(samples, rate, joins_s):
    """The top octave's most energetic 4 ms within 60 ms of the joins, over that within a second."""
    high = sosfiltfilt(butter(4, 0.5, "high", output="sos"), samples.astype(float), axis=0)
    every = round(0.004 * rate)
    energy = (high[: len(high) // every * every] ** 2).sum(axis=1).reshape(-1, every).mean(axis=1)
    time_s = (np.arange(len(energy)) + 0.5) * every / rate
    apart_s = np.abs(time_s[:, None] - joins_s).min(axis=1)
    return energy[apart_s < 0.06].max() / energy[(apart_s > 0.06) & (apart_s < 1)].max()


def test_a_song_is_the_track_outside_of_its_part(whole_run, track):
    samples, rate = track
    bits = whole_run.summary["settings"]["bit_depth"]
    expected = np.minimum(np.rint(samples.astype(float) * 2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    outside = np.ones(len(samples), bool)
    outside[part_of(rate)] = False
    assert {song["chosen"] for song in whole_run.summary["songs"]} == set(CHOSEN)
    for song in whole_run.summary["songs"]:
        path = whole_run.folder / song["file"]
        assert path.stem == SONGS[song["chosen"]]
        assert soundfile.info(path).subtype == f"PCM_{bits}"
        found, same_rate = soundfile.read(path, dtype="int32", always_2d=True)
        assert (same_rate, found.shape) == (rate, samples.shape)
        # Two decoders of Vorbis differ in the last bits of 24.
        assert np.abs((found[outside] >> (32 - bits)) - expected[outside]).max() <= 2
        assert not np.array_equal(found[~outside] >> (32 - bits), expected[~outside])


def test_the_part_is_the_sound_and_as_loud_as_the_track_or_less(whole_run, track):
    _, rate = track
    part = {"start_s": START_S, "duration_s": SMALL.duration_s}
    before = load_audio(PAD, sample_rate=rate, **part)
    files = whole_run.summary["chosen"]
    gains = {point["file"]: 10 ** (point["gain_db"] / 20) for point in whole_run.points}
    for song in whole_run.summary["songs"]:
        path, file = whole_run.folder / song["file"], files[song["chosen"]]
        heard = load_audio(path, sample_rate=SMALL.sample_rate, **part)
        sound = load_audio(whole_run.folder / file, sample_rate=SMALL.sample_rate)
        expected = sound / gains[file] * 10 ** (song["gain_db"] / 20)
        inside = slice(600, -600)  # neither fades nor the reach of the filter
        error = (heard - expected)[:, inside].square().mean()
        # Up and down again, the filter takes off the highest 6 % of the band.
        assert error < 1e-2 * expected.square().mean()
        after = load_audio(path, sample_rate=rate, **part)
        louder = integrated_loudness(after, rate) - integrated_loudness(before, rate)
        is_lowered = after.abs().max() > 0.85 * max(0.89, before.abs().max())
        assert -0.3 < louder < 0.3 or (louder < 0 and is_lowered)


def test_nothing_clicks_at_the_joins(whole_run, track):
    samples, rate = track
    part = part_of(rate)
    joins_s = [part.start / rate, part.stop / rate]
    assert click(samples, rate, joins_s) < 1.5
    for song in whole_run.summary["songs"]:
        found, _ = soundfile.read(whole_run.folder / song["file"], always_2d=True)
        assert click(found, rate, joins_s) < 1.5
    found[part.start :] += 0.4  # a step that the measure hears
    assert click(found, rate, joins_s) > 3


def test_songs_are_told_and_say_what_was_done(whole_run):
    table = table_of(whole_run)
    for song in whole_run.summary["songs"]:
        assert f"\n  {song['file']} " in table
        said = tags_of(whole_run.folder / song["file"])
        assert said["comment"].startswith("MOSS") and PICTURE.name in said["comment"]


def test_without_it_there_are_none(first_run):
    assert first_run.summary["songs"] == []
    assert not list(first_run.folder.glob("song_*"))


def test_a_run_that_goes_on_makes_its_own_songs(tmp_path, whole_run):
    steered = steer(whole_run.folder, tmp_path / "on", Aim("picture", 1), draw=False).result()
    assert len(list(steered.folder.glob("song_*"))) == len(steered.summary["songs"]) == 3


def test_one_channel_of_a_stereo_track_becomes_a_stereo_song(tmp_path, track):
    settings = replace(WHOLE, mono=True)
    run = blend(PICTURE, PAD, tmp_path / "run", settings, draw=False).result()
    samples, rate = track
    found, _ = soundfile.read(run.folder / "song_visual.wav", always_2d=True)
    assert found.shape == samples.shape
    assert np.abs(found - samples)[part_of(rate)].max() > 0.01


def test_tags_and_cover_art_of_the_track_are_kept(tmp_path):
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    Image.new("RGB", (32, 32), "red").save(tmp_path / "cover.png")
    for name in ("covered.mp3", "covered.flac"):
        command = ["-v", "error", "-i", PAD, "-i", tmp_path / "cover.png", "-map", "0:a"]
        command += ["-map", "1:v", "-c:v", "copy", "-disposition:v:0", "attached_pic"]
        command += ["-metadata", "title=A title", "-metadata", "artist=Somebody"]
        subprocess.run([ffmpeg, *command, tmp_path / name], check=True)
    settings = replace(WHOLE, file_format="flac")
    run = blend(PICTURE, tmp_path / "covered.mp3", tmp_path / "run", settings, draw=False).result()
    for song in run.summary["songs"]:
        path = run.folder / song["file"]
        said = tags_of(path)
        assert (said["title"], said["artist"]) == ("A title", "Somebody")
        art = ["-v", "error", "-i", path, "-map", "0:v", "-c", "copy", "-f", "image2pipe", "-"]
        found = subprocess.run([ffmpeg, *art], check=True, capture_output=True).stdout
        assert found == (tmp_path / "cover.png").read_bytes()
    assert tags_of(run.folder / "balanced.flac")["artist"] == "Somebody"
    assert not list(run.folder.glob("covered-*"))


def test_a_cover_leaves_every_sample(tmp_path):
    """Here a track without one lends none, either."""
    noise = np.random.default_rng(0).uniform(-1, 1, (5000, 2))
    soundfile.write(tmp_path / "a.flac", noise, 44_100, subtype="PCM_24")
    before = (tmp_path / "a.flac").read_bytes()
    copy_cover(PAD, tmp_path / "a.flac")
    assert (tmp_path / "a.flac").read_bytes() == before
    Image.new("RGB", (32, 32), "red").save(tmp_path / "cover.png")
    command = ["-v", "error", "-i", PAD, "-i", tmp_path / "cover.png", "-map", "0:a", "-map", "1:v"]
    command += ["-c:v", "copy", "-disposition:v:0", "attached_pic", tmp_path / "b.flac"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *command], check=True)
    samples, _ = soundfile.read(tmp_path / "a.flac", dtype="int32")
    copy_cover(tmp_path / "b.flac", tmp_path / "a.flac")
    assert (tmp_path / "a.flac").read_bytes() != before
    assert np.array_equal(soundfile.read(tmp_path / "a.flac", dtype="int32")[0], samples)


def test_a_track_that_cannot_become_a_song_is_told_before_anything_is_done(tmp_path):
    noise = 0.1 * np.random.default_rng(0).standard_normal(601 * 8000)
    soundfile.write(tmp_path / "long.flac", noise, 8000)
    soundfile.write(tmp_path / "low.flac", noise[:80_000], 6000)
    for name, sentence in (
        ("long.flac", r"10\.0 minutes long, and the whole of a track works up to 10 minutes"),
        ("low.flac", r"has 6,000 Hz, too few"),
    ):
        with pytest.raises(InputError, match=sentence):
            blend(PICTURE, tmp_path / name, tmp_path / "run", WHOLE).result()
        assert not (tmp_path / "run").exists()
