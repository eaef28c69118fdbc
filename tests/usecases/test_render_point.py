"""One more point of a finished run's front, as a file that is true to its figures."""

import json

import numpy as np
import pytest
import soundfile
from PIL import Image

from moss.blending.prepare import prepare
from moss.errors import InputError
from moss.media import read_audio
from moss.progress import RenderProgress, SearchProgress
from moss.signal.loudness import integrated_loudness
from moss.usecases.render_point import Point, render_point
from tests.small import PAD, PICTURE, SMALL


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("point")


@pytest.fixture(scope="module")
def run(first_run):
    return first_run


@pytest.fixture(scope="module")
def other(run):
    """The first point of the front that has no sound."""
    heard = [point["index"] for point in run.summary["points"]]
    return next(k for k in range(len(run.summary["front"])) if k not in heard)


@pytest.fixture(scope="module")
def items(run, root, other):
    return list(render_point(run.folder, other, root / "other"))


@pytest.fixture(scope="module")
def point(items):
    return items[-1]


def test_nothing_is_searched_and_one_sound_is_made(items):
    events = [item for item in items if isinstance(item, SearchProgress | RenderProgress)]
    assert {event.stage for event in events} == {"sounds"}
    assert sum(len(event.sounds) for event in events) == 1
    assert (events[-1].step, events[-1].steps) == (1, 1)


def test_it_is_the_point_of_the_front(run, point, other):
    assert isinstance(point, Point)
    assert point.figures["index"] == other
    assert point.figures["designed"] == pytest.approx(run.summary["front"][other])


def test_its_file_replays_what_is_said(run, point):
    waveform, rate = read_audio(point.sound)
    assert rate == SMALL.sample_rate
    prepared = prepare(PICTURE, PAD, SMALL)
    assert waveform.shape == prepared.waveform.shape
    mid = waveform.mean(dim=0) / 10 ** (point.figures["gain_db"] / 20)
    assert prepared.views[0].losses(mid) == pytest.approx(point.figures["replayed"], abs=1e-6)
    with Image.open(point.picture) as picture:
        picture.load()
        assert picture.size == (1200, 700)


def test_it_lies_between_its_neighbours_and_is_as_loud(run, point, other):
    points = run.summary["points"]
    before = [p for p in points if p["index"] < other][-1]
    after = next(p for p in points if p["index"] > other)
    music = point.figures["replayed"][1]
    assert before["replayed"][1] < music < after["replayed"][1]
    waveform, rate = read_audio(point.sound)
    assert integrated_loudness(waveform, rate) == pytest.approx(points[0]["loudness_lufs"], abs=0.1)


def test_asked_again_it_is_the_same_file_and_nothing_is_made(run, root, point, other):
    content = point.sound.read_bytes()
    assert list(render_point(run.folder, other, root / "other")) == [point]
    assert point.sound.read_bytes() == content
    *_, again = render_point(run.folder, other, root / "again")
    assert again.sound.read_bytes() == content
    assert again.figures == point.figures


def test_a_point_that_has_a_sound_is_that_sound(run, root):
    heard = run.summary["points"][1]
    *_, point = render_point(run.folder, heard["index"], root / "heard")
    samples, _ = soundfile.read(point.sound)
    wanted, _ = soundfile.read(run.folder / heard["file"])
    assert np.array_equal(samples, wanted)
    assert point.figures["replayed"] == pytest.approx(heard["replayed"])


@pytest.mark.parametrize("index", [-1, 10_000])
def test_a_point_that_is_not_there_is_told_of(run, tmp_path, index):
    with pytest.raises(InputError, match=f"There is no point {index}; the front has points 0 to"):
        list(render_point(run.folder, index, tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_picture_is_gone_is_told_of(run, tmp_path):
    summary = json.loads((run.folder / "summary.json").read_text())
    summary["inputs"]["picture"]["path"] = "gone.webp"
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(InputError, match=r"gone\.webp is not there any more"):
        list(render_point(tmp_path, 1, tmp_path / "none"))
