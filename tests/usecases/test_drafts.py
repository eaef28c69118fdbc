"""Drafts of the sounds, which come in the midst of a search and change nothing of it."""

import pytest
import torch

from moss.blending.task import DraftsProgress, FreshSearch
from moss.parallel import workers
from moss.progress import RenderProgress, SearchProgress
from moss.usecases.blend import blend
from moss.usecases.compute import front_and_sounds
from tests.small import PAD, PICTURE, SMALL, small_pair


@pytest.fixture(scope="module")
def prepared():
    return small_pair()


@pytest.fixture(scope="module")
def events(prepared):
    return list(front_and_sounds(prepared, FreshSearch(drafts=True)))


@pytest.fixture(scope="module")
def drafts(events):
    return [event for event in events if isinstance(event, DraftsProgress)]


def sounds_in(events):
    return {k: sound for event in events for k, sound in event.sounds.items()}


def test_they_come_right_after_the_sketch_and_before_anything_else(events, drafts):
    first = events.index(drafts[0])
    assert events[first : first + len(drafts)] == drafts
    sketch = events[first - 1]
    assert sketch.is_sketch and sketch.masks is not None
    assert sum(isinstance(e, SearchProgress) and e.is_sketch for e in events) == 1


def test_the_first_says_what_points_they_are_and_each_gets_one(drafts):
    points = drafts[0].points
    assert all(event.points is None for event in drafts[1:])
    assert sorted(sounds_in(drafts)) == list(range(len(points.indices)))
    assert drafts[-1].step == drafts[-1].steps == len(points.indices)


def test_the_middle_comes_first(drafts):
    order = list(sounds_in(drafts))
    distances = [abs(k - len(order) // 2) for k in order]
    # Each worker goes outwards; how far another one is meanwhile is the machine's business.
    with workers() as pool:
        assert longest_fall(distances) <= pool.count


def longest_fall(values):
    """How many of the values, in their order, are each less than the one before."""
    lengths = []
    for i, value in enumerate(values):
        before = (lengths[j] for j in range(i) if values[j] > value)
        lengths.append(1 + max(before, default=0))
    return max(lengths)


def test_they_show_the_picture_though_less_than_refined_sounds(prepared, events, drafts):
    def visual(sound):
        return prepared.losses(torch.from_numpy(sound))[0]

    made = sounds_in(e for e in events if isinstance(e, RenderProgress) and e.stage == "sounds")
    last = len(drafts[0].points.indices) - 1
    music, draft = visual(sounds_in(drafts)[0]), visual(sounds_in(drafts)[last])
    refined = visual(made[SMALL.representatives - 1])
    assert refined <= draft < (music + refined) / 2


def test_the_files_are_the_same_with_and_without(tmp_path):
    runs = [
        blend(PICTURE, PAD, tmp_path / str(drafts), SMALL, draw=False, drafts=drafts).result()
        for drafts in (False, True)
    ]
    files = [sorted((run.folder / "front").glob("*.wav")) for run in runs]
    assert len(files[0]) == SMALL.representatives
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()
    seconds = [run.summary["seconds"] for run in runs]
    assert "drafts" not in seconds[0] and seconds[1]["drafts"] > 0


def test_nobody_gets_any_who_does_not_ask(prepared):
    stages = {event.stage for event in front_and_sounds(prepared)}
    assert "drafts" not in stages and "sounds" in stages
