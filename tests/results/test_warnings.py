"""What a run warns of: the rounding noise of 16 bits over the picture in a quiet track."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image

from moss.cli.terminal import table_of
from moss.media import read_audio
from moss.results.write_run import MAX_ROUNDING_COST
from moss.usecases.blend import blend
from tests.small import PAD, PICTURE, SMALL, small_pair

QUIET = 10 ** (-25 / 20)


@pytest.fixture(scope="module")
def quiet_track(tmp_path_factory):
    path = tmp_path_factory.mktemp("quiet") / "quiet.wav"
    samples, rate = soundfile.read(PAD)
    soundfile.write(path, QUIET * samples, rate, subtype="FLOAT")
    return path


def run_of(track, folder, bit_depth, **changes):
    settings = replace(SMALL, bit_depth=bit_depth, **changes)
    return blend(PICTURE, track, folder, settings, draw=False).result()


def test_a_quiet_track_in_16_bits_warns_with_what_it_costs(tmp_path, quiet_track):
    coarse = run_of(quiet_track, tmp_path / "16", 16)
    fine = run_of(quiet_track, tmp_path / "24", 24)
    (warning,) = coarse.summary["warnings"]
    assert warning in table_of(coarse)
    assert fine.summary["warnings"] == []
    # The seed makes both the same sounds, so that the rounding is all that is between them.
    view = small_pair(SMALL, quiet_track).views[0]
    costs = {}
    for before, after in zip(fine.points, coarse.points, strict=True):
        losses = []
        for run, point in ((coarse, after), (fine, before)):
            sound = read_audio(run.folder / point["file"])[0].mean(dim=0)
            losses.append(view.losses(sound / 10 ** (point["gain_db"] / 20))[0])
        costs[after["file"]] = losses[0] - losses[1]
    worst = max(costs, key=costs.__getitem__)
    assert costs[worst] > MAX_ROUNDING_COST
    assert f"{worst};" in warning
    # 24 bits have a rounding of their own, which costs this track less than that.
    told = float(warning.split(" of visual")[0].split()[-1])
    assert told == pytest.approx(costs[worst], abs=0.02)
    assert json.loads((coarse.folder / "summary.json").read_text())["warnings"] == [warning]


def test_a_picture_that_stays_over_the_noise_of_16_bits_does_not(tmp_path):
    assert run_of(PAD, tmp_path / "16", 16, range_nats=6.0).summary["warnings"] == []


def test_what_is_odd_about_the_pictures_is_said(tmp_path):
    ink = np.zeros((48, 64, 4), np.uint8)
    ink[10:30, 20:40, 3] = 255
    Image.fromarray(ink).save(tmp_path / "ink.png")
    run = blend(tmp_path / "ink.png", PAD, tmp_path / "run", SMALL, draw=False).result()
    (warning,) = run.summary["warnings"]
    assert warning == "ink.png is dark and transparent, so white is laid under it."
    assert warning in table_of(run)
    Image.new("L", (48, 64)).save(tmp_path / "black.png")
    run = blend(tmp_path / "black.png", PAD, tmp_path / "black", SMALL, draw=False).result()
    assert "black.png has the same tone everywhere" in run.summary["warnings"][0]
