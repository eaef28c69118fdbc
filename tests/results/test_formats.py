"""A run of FLAC files: the samples of the WAV files, and everybody who reads a run reads it."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from moss.cli.terminal import table_of
from moss.media import read_audio
from moss.results.run import Run
from moss.ui.components.player.player import player_value
from moss.usecases.blend import blend
from moss.usecases.render_point import render_point
from moss.usecases.steer import Aim, steer
from tests.small import PAD, PICTURE, SMALL

FLAC = replace(SMALL, file_format="flac")


@pytest.fixture(scope="module")
def flac_run(once):
    """The first run, as FLAC."""
    folder = once("flac-run", lambda folder: blend(PICTURE, PAD, folder, FLAC).result())
    return Run(folder, json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def test_the_samples_are_those_of_the_wav_files(first_run, flac_run):
    files = [point["file"] for point in flac_run.points]
    assert [file.replace(".flac", ".wav") for file in files] == [
        point["file"] for point in first_run.points
    ]
    for file in [*files, "best_musical.flac", "balanced.flac", "best_visual.flac"]:
        assert soundfile.info(flac_run.folder / file).subtype == "PCM_24"
        flac, rate = soundfile.read(flac_run.folder / file, dtype="int32")
        wav, same_rate = soundfile.read(
            first_run.folder / file.replace(".flac", ".wav"), dtype="int32"
        )
        assert rate == same_rate and np.array_equal(flac, wav)
    assert not list(flac_run.folder.rglob("*.wav"))
    for before, after in zip(first_run.points, flac_run.points, strict=True):
        assert before["replayed"] == after["replayed"]
    assert all(np.array_equal(a, b) for a, b in zip(first_run.sounds, flac_run.sounds, strict=True))


def test_it_goes_on_and_gives_one_more_point(tmp_path, flac_run):
    steered = steer(flac_run.folder, tmp_path / "on", Aim("picture", 1), draw=False).result()
    assert all(point["file"].endswith(".flac") for point in steered.points)
    new = steered.summary["steered"]["new"]
    heard = [sound for k, sound in enumerate(steered.sounds) if k not in new]
    assert len(heard) == len(flac_run.sounds)
    assert all(a.shape == b.shape for a, b in zip(heard, flac_run.sounds, strict=True))
    point = render_point(flac_run.folder, 1, tmp_path / "point").result()
    assert point.sound.name == point.figures["file"] == "sound.flac"
    assert read_audio(point.sound)[0].shape == flac_run.sounds[0].shape
    again = render_point(flac_run.folder, 1, tmp_path / "point").result()
    assert again.sound == point.sound


def test_the_page_and_the_table_name_its_files(flac_run):
    value = json.loads(player_value(flac_run.folder, flac_run.summary))
    assert all(point["sound"].endswith(".flac") for point in value["points"])
    assert value["original"].endswith(".flac")
    table = table_of(flac_run)
    assert "\n  balanced.flac " in table and ".wav" not in table
