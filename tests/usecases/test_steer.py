"""Runs that go on or end early, end to end: what their folders hold, read from the files."""

import json
import pickle
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from moss.blending.mask import MaskBasis
from moss.blending.prepare import prepare
from moss.blending.prepared import Prepared
from moss.blending.task import LEAST_APART, FreshSearch, StoppedSounds
from moss.errors import InputError, OutputError
from moss.progress import RenderProgress, SearchProgress
from moss.results.recorded import read_recorded
from moss.results.run import Run
from moss.signal.pareto import non_dominated
from moss.signal.spectrogram import STFT
from moss.usecases.blend import blend
from moss.usecases.compute import front_and_sounds
from moss.usecases.steer import Aim, steer
from tests.small import PAD, PICTURE, SMALL, STRINGS, hypervolume_of

WISHES = "music 0-1.4 0-4000; picture 1.8-2.8 1000-3500"


def done(items):
    *_, run = items
    assert isinstance(run, Run)
    return run


def blended(output, settings=SMALL, track=PAD, **more):
    return done(blend(PICTURE, track, output, settings, draw=False, **more))


def steered(folder, output, aim=None, *, draw=False, **more):
    return done(steer(folder, output, aim or Aim("picture", 1), draw=draw, **more))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("steering")


@pytest.fixture(scope="module")
def first(first_run):
    """A finished run."""
    return first_run


@pytest.fixture(scope="module")
def second(first, root):
    """That run, steered toward the picture from its point 1."""
    return steered(first.folder, root / "second", draw=True)


def sound_of(run, k):
    """Sound k as its file has it: (samples, channels)."""
    samples, rate = soundfile.read(run.folder / run.summary["points"][k]["file"], always_2d=True)
    assert rate == SMALL.sample_rate
    return samples


def heard_places(run):
    return [k for k in range(len(run.summary["points"])) if k not in run.summary["steered"]["new"]]


# A run ends early


class StopAt:
    """A person who stops in a stage, and a computation that counts how often it is begun."""

    def __init__(self, stage):
        self.stage, self.last, self.tasks = stage, None, []

    def compute(self, prepared, task):
        # As where it crosses to another process.
        self.tasks.append(pickle.loads(pickle.dumps(task)))
        for event in front_and_sounds(prepared, self.tasks[-1]):
            self.last = event
            yield event

    def stop(self):
        return self.last.stage == self.stage


@pytest.fixture
def every_event(monkeypatch):
    monkeypatch.setattr("moss.blending.tally.EVENT_S", 0.0)
    monkeypatch.setattr("moss.blending.tally.MASKS_S", 0.0)


@pytest.mark.parametrize("stage", ["seeding", "evolution", "front"])
def test_stop_keeps_the_front_so_far(tmp_path, every_event, stage):
    person = StopAt(stage)
    items = list(
        blend(
            PICTURE,
            PAD,
            tmp_path / "run",
            SMALL,
            compute=person.compute,
            stop=person.stop,
            draw=False,
        )
    )
    assert [isinstance(task, FreshSearch) for task in person.tasks] == [True, False]
    events = [item for item in items if isinstance(item, SearchProgress)]
    before = [event for event in events if event.stage == stage]
    if stage == "front":
        before = before[:1]
    else:
        assert {event.stage for event in events} <= {"seeding", stage, "front"}
        # Stopped as soon as there are enough points for the sounds.
        assert all(event.on_front.sum() < SMALL.representatives for event in before[:-1])
    summary = items[-1].summary
    kept = {mask.tobytes() for mask in before[-1].masks}
    results = np.load(tmp_path / "run/results.npy")
    assert {row["mask"].tobytes() for row in results} <= kept
    assert len(results) >= 0.8 * len(kept)  # measured exactly, a few may fall
    assert (tmp_path / "run/summary.json").is_file() and len(summary["points"]) >= 3
    assert bool(summary["seeds"]) == (stage != "seeding")  # those that an evolution began with


def test_a_stop_while_sounds_are_made_keeps_them_and_drafts_the_others(tmp_path, first):
    person = StopAt("sounds")

    def has_sound():
        return person.stop() and bool(person.last.sounds)

    run = blended(tmp_path / "run", compute=person.compute, stop=has_sound)
    _, stopped = person.tasks
    assert isinstance(stopped, StoppedSounds) and stopped.made
    designed = [[point["designed"] for point in each.summary["points"]] for each in (run, first)]
    assert designed[0] == designed[1]
    visual = np.array([[p["replayed"][0] for p in each.summary["points"]] for each in (run, first)])
    for k in range(len(designed[0])):
        if k in stopped.made:
            assert visual[0, k] == pytest.approx(visual[1, k], abs=1e-5)
        else:
            assert abs(visual[0, k] - visual[1, k]) < 0.2  # a draft, but of the point


def test_what_was_prepared_comes_first(tmp_path, first):
    for items in (
        blend(PICTURE, PAD, tmp_path / "run", SMALL),
        steer(first.folder, tmp_path / "steered", Aim("music", 2)),
    ):
        assert isinstance(next(items), Prepared)
        assert isinstance(next(items), SearchProgress)
        items.close()
    assert not list(tmp_path.iterdir())


def test_a_stopped_steer_keeps_its_points_and_its_aim(tmp_path, first, every_event):
    person = StopAt("seeding")
    run = steered(first.folder, tmp_path / "run", compute=person.compute, stop=person.stop)
    assert len(person.tasks) == 2
    count = len(first.summary["points"])
    assert len(run.summary["points"]) == count + len(run.summary["steered"]["new"])
    for old, k in zip(range(count), heard_places(run), strict=True):
        assert np.array_equal(sound_of(run, k), sound_of(first, old))


# A run goes on


def test_the_steered_front_has_no_less_hypervolume(first, second):
    before, after = (np.array(run.summary["front"]) for run in (first, second))
    assert hypervolume_of(after) >= hypervolume_of(before) - 1e-6
    assert second.summary["hypervolume"]["designed"] == pytest.approx(hypervolume_of(after))
    assert non_dominated(after).all()


def test_one_to_three_new_points_lie_on_the_side_aimed_at(first, second):
    start = first.summary["points"][1]["designed"]
    new = [second.summary["points"][k]["designed"] for k in second.summary["steered"]["new"]]
    assert 1 <= len(new) <= 3
    # So small a search is not done: what is found may be better in the other loss as well.
    assert all(visual < start[0] for visual, _ in new)


def test_points_that_were_heard_keep_their_order_and_every_sample(first, second):
    places = heard_places(second)
    assert len(places) == len(first.summary["points"])
    assert len(second.summary["points"]) == len(places) + len(second.summary["steered"]["new"])
    for old, k in enumerate(places):
        before, after = first.summary["points"][old], second.summary["points"][k]
        # The gain is the same here, and then the file is the same.
        assert after["gain_db"] == pytest.approx(before["gain_db"], abs=1e-9)
        assert np.array_equal(sound_of(second, k), sound_of(first, old))
        assert after["designed"] == pytest.approx(before["designed"], abs=1e-6)
        assert after["replayed"] == pytest.approx(before["replayed"], abs=1e-6)


def test_another_gain_makes_the_same_sound_louder(tmp_path, first):
    """As where a new sound's peaks lower the whole set."""
    folder = shutil.copytree(first.folder, tmp_path / "quiet")
    for point in first.summary["points"]:
        samples, rate = soundfile.read(folder / point["file"])
        soundfile.write(folder / point["file"], samples / 2, rate, subtype="PCM_24")
    summary = json.loads((folder / "summary.json").read_text())
    for point in summary["points"]:
        point["gain_db"] -= 20 * np.log10(2)
    (folder / "summary.json").write_text(json.dumps(summary))
    run = steered(folder, tmp_path / "run")
    for old, k in enumerate(heard_places(run)):
        expected = sound_of(first, old)
        error = sound_of(run, k) - expected
        assert np.sqrt((error**2).mean()) < 1e-3 * np.sqrt((expected**2).mean()) + 2**-14


def test_the_steered_folder_is_a_whole_run(first, second):
    summary, folder = second.summary, second.folder
    assert json.loads((folder / "summary.json").read_text()) == summary
    for k, point in enumerate(summary["points"]):
        assert point["file"] == f"front/{k:02d}.wav"
        assert (folder / point["file"]).with_suffix(".png").is_file()
    audio = [point["designed"][1] for point in summary["points"]]
    assert audio == sorted(audio)
    results = np.load(folder / "results.npy")
    for point in summary["points"]:
        assert results["designed"][point["index"]].tolist() == point["designed"]
        assert results["replayed"][point["index"]].tolist() == point["replayed"]
    best = results["designed"][non_dominated(results["designed"])]
    assert best.tolist() == summary["front"]
    for name in ("pareto_morph.mp4", "pareto_morph.gif", "pareto_evolution.gif", "balanced.wav"):
        assert (folder / name).stat().st_size > 1000
    level = {name: first.summary["settings"][name] for name in ("white_db", "range_nats")}
    assert summary["settings"] == SMALL.as_dict() | {"duration_s": 3.0} | level
    assert None not in level.values()  # chosen once
    assert summary["steered"] | {"new": []} == {
        "from": str(first.folder.resolve()),
        "toward": "picture",
        "point": 1,
        "music": None,
        "new": [],
    }


def test_a_steered_run_can_be_steered(second, tmp_path):
    third = steered(second.folder, tmp_path / "third", Aim(music=0.7))
    places = heard_places(third)
    assert len(places) == len(second.summary["points"])
    for old, k in enumerate(places):
        assert np.array_equal(sound_of(third, k), sound_of(second, old))
    assert third.summary["hypervolume"]["designed"] >= (
        second.summary["hypervolume"]["designed"] - 1e-6
    )


@pytest.mark.parametrize("side", ["picture", "music"])
def test_a_walk_toward_a_side_goes_there_and_says_where_it_ends(first, tmp_path, side):
    run, point, steps = first, 2, 0
    lesser = 0 if side == "picture" else 1
    with pytest.raises(InputError, match=r"\.$"):
        while steps < 20:
            start = np.array(run.summary["points"][point]["designed"])
            run = steered(run.folder, tmp_path / f"{steps}", Aim(side, point))
            new = run.summary["steered"]["new"]
            assert new
            for k in new:
                found = run.summary["points"][k]["designed"]
                # So small a search is not done: what is found may be better in both.
                assert found[lesser] < start[lesser]
            point, steps = new[-1 if side == "picture" else 0], steps + 1
            heard = len(run.summary["points"])
            rows = len(np.load(run.folder / "results.npy"))
            assert rows <= 2.5 * SMALL.population_size + heard
    assert steps >= 2


@pytest.mark.parametrize(("side", "point"), [("music", 0), ("picture", 3)])
def test_beyond_the_end_of_the_front_there_is_nothing(first, tmp_path, side, point):
    items = steer(first.folder, tmp_path / "run", Aim(side, point))
    with pytest.raises(InputError, match=f"Point {point} .* end toward {side}"):
        next(items)  # before any work
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [1, 2])
def test_a_search_stopped_at_one_or_two_points_is_a_run_that_goes_on(tmp_path, first, count):
    row = np.load(first.folder / "results.npy")[1 : 1 + count]

    def compute(prepared, task):
        if isinstance(task, FreshSearch):
            losses, on_front = row["designed"], np.ones(count, bool)
            yield SearchProgress("evolution", 0, 1, 0.0, losses, on_front, 0.0, row["mask"])
        yield from front_and_sounds(prepared, task)

    run = blended(tmp_path / "run", compute=compute, stop=lambda: True)
    assert len(run.summary["points"]) == count
    assert all((run.folder / name).is_file() for name in run.summary["chosen"].values())
    on = steered(run.folder, tmp_path / "on", Aim(music=0.5))
    assert len(on.summary["points"]) > count
    for old, k in enumerate(heard_places(on)):
        assert np.array_equal(sound_of(on, k), sound_of(run, old))


@pytest.mark.parametrize("music", [0.2, 0.5, 0.8])
def test_the_best_by_a_weight_has_a_sound(first, tmp_path, music):
    run = steered(first.folder, tmp_path / "run", Aim(music=music))
    front, points = (
        np.array(found)
        for found in (run.summary["front"], [p["designed"] for p in run.summary["points"]])
    )
    low, span = front.min(axis=0), np.ptp(front, axis=0)
    best = front[(((front - low) / span) @ (1 - music, music)).argmin()]
    # Unless a sound that is too near to it to be told from it was there before.
    assert np.hypot(*((points - best) / span).T).min() < LEAST_APART


def test_a_weight_of_music_adds_points_around_the_best_by_that_weight(first, tmp_path):
    front = np.array(first.summary["front"])
    low, span = front.min(axis=0), np.ptp(front, axis=0)
    places = []
    for music in (0.2, 0.8):
        run = steered(first.folder, tmp_path / f"{music}", Aim(music=music))
        new = [run.summary["points"][k]["designed"] for k in run.summary["steered"]["new"]]
        assert new
        best = front[(((front - low) / span) @ (1 - music, music)).argmin()]
        assert np.abs((np.array(new) - best) / span).max() < 0.3
        places.append(np.mean(new, axis=0))
    assert places[1][1] < places[0][1] and places[1][0] > places[0][0]


def test_a_run_of_flac_files_and_relative_paths_goes_on(first, tmp_path):
    folder = shutil.copytree(first.folder, tmp_path / "bundle/run")
    summary = json.loads((folder / "summary.json").read_text())
    for point in summary["points"]:
        samples, rate = soundfile.read(folder / point["file"])
        (folder / point["file"]).unlink()
        point["file"] = point["file"].replace(".wav", ".flac")
        soundfile.write(folder / point["file"], samples, rate, subtype="PCM_24")
    for kind, path in (("picture", PICTURE), ("audio", PAD)):
        shutil.copy(path, tmp_path / "bundle")
        summary["inputs"][kind]["path"] = f"../{path.name}"
    (folder / "summary.json").write_text(json.dumps(summary))
    run = steered(folder, tmp_path / "run")
    for old, k in enumerate(heard_places(run)):
        assert run.summary["points"][k]["file"].endswith(".wav")
        assert np.array_equal(sound_of(run, k), sound_of(first, old))


@pytest.mark.parametrize("changes", [{"phase": "target"}, {"mono": True}, {"bit_depth": 16}])
def test_other_kinds_of_runs_go_on(tmp_path, changes):
    settings = replace(SMALL, **changes)
    before = blended(tmp_path / "first", settings, STRINGS)
    run = steered(before.folder, tmp_path / "run")
    for old, k in enumerate(heard_places(run)):
        assert np.array_equal(sound_of(run, k), sound_of(before, old))
    figures = [[*point["designed"], *point["replayed"]] for point in run.summary["points"]]
    assert np.isfinite(figures).all()


# Wishes, read back from the written sounds


@pytest.fixture(scope="module")
def wished(root):
    """A run with wishes from the start."""
    return blended(root / "wished", replace(SMALL, wishes=WISHES))


@pytest.fixture(scope="module")
def asked(first, root):
    """The run without wishes, steered with them."""
    return steered(first.folder, root / "asked", Aim("picture", 2), wishes=WISHES)


@pytest.fixture(scope="module")
def prepared():
    return prepare(PICTURE, PAD, SMALL)


def replay(prepared, run, k):
    """The log magnitude that sound k shows, at the level of the track."""
    gain = 10 ** (run.summary["points"][k]["gain_db"] / 20)
    mid = torch.from_numpy(sound_of(run, k).mean(axis=1) / gain).float()
    view = prepared.views[0]
    return view.stft.log_magnitude(mid).clamp_min(view.display.low)


def music_area(prepared):
    """Rows and frames well inside the wish for music."""
    frames_a_second = SMALL.sample_rate / SMALL.hop_length
    return slice(None), slice(round(0.1 * frames_a_second), round(1.2 * frames_a_second))


def picture_area(prepared):
    """Rows and frames well inside the wish for the picture."""
    frames_a_second, bins_a_hz = SMALL.sample_rate / SMALL.hop_length, SMALL.n_fft / 8000
    return (
        slice(round(1200 * bins_a_hz), round(3300 * bins_a_hz)),
        slice(round(1.9 * frames_a_second), round(2.7 * frames_a_second)),
    )


def from_music(prepared, run, k):
    """Mean distance of sound k from the track in nats, where music was wished."""
    area = music_area(prepared)
    return (replay(prepared, run, k) - prepared.mixture.audio)[area].abs().mean().item()


def from_picture(prepared, run, k):
    """Mean distance of sound k from the picture, in its range of 1, where it was wished."""
    area = picture_area(prepared)
    shown = prepared.mixture.display.normalised(replay(prepared, run, k))
    return (shown - prepared.mixture.picture)[area].abs().mean().item()


@pytest.mark.parametrize("name", ["wished", "asked"])
def test_where_music_was_wished_the_most_visual_sound_is_the_track(request, name, prepared, first):
    run = request.getfixturevalue(name)
    assert from_music(prepared, first, -1) > 1
    assert from_music(prepared, run, -1) < 0.2  # what is not heard may differ a little
    area = music_area(prepared)
    shown, track = replay(prepared, run, -1)[area], prepared.mixture.audio[area]
    assert np.corrcoef(shown.flatten(), track.flatten())[0, 1] > 0.97


@pytest.mark.parametrize("name", ["wished", "asked"])
def test_where_the_picture_was_wished_the_most_musical_sound_shows_it(
    request, name, prepared, first
):
    run = request.getfixturevalue(name)
    without, pure = from_picture(prepared, first, 0), from_picture(prepared, first, -1)
    assert without > 0.2
    # As near as the pure picture's own sound, or nearly.
    assert from_picture(prepared, run, 0) < max(2 * pure, 0.25 * without)
    assert from_picture(prepared, run, -1) < max(2 * pure, 0.25 * without)


def side_of(samples):
    """The spectrogram's magnitudes (freq, time) of half the difference of two channels."""
    half = torch.from_numpy(samples[:, 0] - samples[:, 1]).float() / 2
    return STFT(len(half), SMALL.n_fft, SMALL.hop_length).log_magnitude(half).exp()


def test_the_difference_between_the_channels_obeys_too(tmp_path):
    run = blended(tmp_path / "run", replace(SMALL, wishes=WISHES), STRINGS)
    track = prepare(PICTURE, STRINGS, SMALL).waveform.numpy().T
    before = side_of(track)
    for k, point in enumerate(run.summary["points"]):
        side = side_of(sound_of(run, k) / 10 ** (point["gain_db"] / 20))
        music, picture = music_area(None), picture_area(None)
        assert (side - before)[music].norm() < 0.1 * before[music].norm()
        assert side[picture].norm() < 0.1 * before[picture].norm()


def test_with_other_wishes_all_sounds_are_made_again(first, asked):
    summary = asked.summary
    assert summary["settings"]["wishes"] == WISHES
    places = set(range(len(summary["points"]))) - set(summary["steered"]["new"])
    assert len(places) == SMALL.representatives and summary["steered"]["new"]
    basis = MaskBasis((257, 188), SMALL.grid_shape, SMALL.smoothing_sigma)
    for row in np.load(asked.folder / "results.npy"):
        mask = basis.mask(torch.from_numpy(row["mask"]) / 255)
        assert mask[music_area(None)].max() <= 0.02
        assert mask[picture_area(None)].min() >= 0.98


def test_the_original_is_there_at_the_same_loudness(first, wished, prepared):
    assert first.summary["original"] == {"file": first.summary["points"][0]["file"]}
    assert not (first.folder / "original.wav").exists()
    assert wished.summary["original"] == {"file": "original.wav"}
    samples, _ = soundfile.read(wished.folder / "original.wav", always_2d=True)
    track = prepared.waveform.numpy().T
    gain = (samples * track).sum() / (track**2).sum()
    assert np.abs(samples - gain * track).max() < 2**-10
    assert gain == pytest.approx(10 ** (first.summary["points"][0]["gain_db"] / 20), rel=0.5)
    peak = max(np.abs(sound_of(wished, k)).max() for k in range(len(wished.summary["points"])))
    assert max(peak, np.abs(samples).max()) < 0.9


def test_the_same_wishes_spelled_otherwise_change_nothing(wished, tmp_path):
    spelled = WISHES.replace(";", " ;\n").replace("-", " - ")
    run = steered(wished.folder, tmp_path / "run", wishes=spelled)
    for old, k in enumerate(heard_places(run)):
        assert np.array_equal(sound_of(run, k), sound_of(wished, old))


def test_dropped_wishes_are_gone(wished, tmp_path):
    run = steered(wished.folder, tmp_path / "run", wishes="")
    assert run.summary["settings"]["wishes"] == ""


@pytest.mark.parametrize("kind", ["music", "picture"])
def test_wishes_for_everything_are_a_run_of_one_point(tmp_path, kind):
    settings = replace(SMALL, wishes=f"{kind} 0-3 0-4000")
    run = blended(tmp_path / "run", settings)
    assert len(run.summary["points"]) == 1
    assert run.summary["chosen"] == dict.fromkeys(run.summary["chosen"], "front/00.wav")


# What is wrong


@pytest.mark.parametrize(
    "aim",
    [
        {},
        {"toward": "picture", "music": 0.5},
        {"toward": "colour"},
        {"music": 0.0},
        {"music": 1.0},
        {"music": float("nan")},
    ],
)
def test_an_aim_that_is_none_is_refused(aim):
    with pytest.raises(InputError, match=r"\.$"):
        Aim(**aim)


@pytest.mark.parametrize("point", [-1, 4, 10_000])
def test_a_point_that_is_not_there_is_refused_and_leaves_nothing(first, tmp_path, point):
    with pytest.raises(InputError, match="points 0 to 3"):
        steered(first.folder, tmp_path / "run", Aim("music", point))
    assert not list(tmp_path.iterdir())


def spoil(folder, name, change):
    path = folder / name
    if change is None:
        path.unlink()
    elif isinstance(change, bytes):
        path.write_bytes(change)
    else:
        summary = json.loads(path.read_text())
        change(summary)
        path.write_text(json.dumps(summary))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("summary.json", None),
        ("summary.json", b"{}"),
        ("summary.json", lambda summary: summary.pop("points")),
        ("summary.json", lambda summary: summary.update(points=[])),
        ("summary.json", lambda summary: summary.update(points=7)),
        ("summary.json", lambda summary: summary["points"][0].update(index=900)),
        ("summary.json", lambda summary: summary["points"][0].update(index="a")),
        ("summary.json", lambda summary: summary["points"][0].pop("gain_db")),
        ("summary.json", lambda summary: summary["settings"].update(grid_height=8)),
        ("summary.json", lambda summary: summary["settings"].update(duration_s=2.0)),
        ("summary.json", lambda summary: summary["settings"].update(colour=2.0)),
        ("summary.json", lambda summary: summary["settings"].update(preset=[])),
        ("summary.json", lambda summary: summary["inputs"]["audio"].update(sha256="0")),
        ("summary.json", lambda summary: summary["inputs"]["audio"].update(path="gone.wav")),
        ("results.npy", None),
        ("results.npy", b""),
        ("results.npy", b"no array"),
        ("front/01.wav", None),
        ("front/01.wav", b"no sound"),
    ],
)
def test_a_folder_that_holds_no_whole_run_is_refused_in_a_sentence(first, tmp_path, name, change):
    folder = shutil.copytree(first.folder, tmp_path / "spoiled")
    spoil(folder, name, change)
    with pytest.raises(InputError) as raised:
        steered(folder, tmp_path / "run")
    sentence = str(raised.value)
    assert sentence.endswith(".") and "\n" not in sentence and ". " not in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["spoiled"]


def test_results_that_need_unpickling_are_never_opened(first, tmp_path):
    folder = shutil.copytree(first.folder, tmp_path / "spoiled")
    np.save(folder / "results.npy", np.array([{"mask": 1}]), allow_pickle=True)
    with pytest.raises(InputError, match="whole run"):
        steered(folder, tmp_path / "run")


@pytest.mark.parametrize("output", [".", ".."])
def test_the_run_itself_is_never_written_over(first, output):
    before = {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()}
    with pytest.raises(OutputError, match="choose another"):
        steered(first.folder, first.folder / output, overwrite=True)
    assert {p: p.read_bytes() for p in first.folder.rglob("*") if p.is_file()} == before


def test_a_recorded_run_tells_what_it_was_made_of(first):
    recorded = read_recorded(first.folder)
    assert recorded == read_recorded(first.folder / "summary.json")
    assert recorded.settings == first.summary["settings"]
    assert recorded.input("picture", "give it") == PICTURE
    assert recorded.inputs["audio"].path == PAD


def test_sounds_are_made_of_new_points_only(first, tmp_path):
    items = list(steer(first.folder, tmp_path / "run", Aim("picture", 1), draw=False))
    made = [k for item in items if isinstance(item, RenderProgress) for k in item.sounds]
    summary = items[-1].summary
    assert sorted(made) == [*summary["steered"]["new"], len(summary["points"])]  # and the morph
