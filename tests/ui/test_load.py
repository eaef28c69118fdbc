"""The load script: a small load of the real app, and that the script sees what it looks for."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.load import load, main, tracebacks, wrong_with
from benchmarks.load_table import Load, handovers_s, sections_of, waits_s
from benchmarks.right import wrong_with as wrong_with_sounds
from benchmarks.rubbish import RUBBISH
from benchmarks.table import Row, aligned
from benchmarks.visitor import Visitor, make_inputs
from benchmarks.visits import Outcome, is_sentence, visitors_of
from benchmarks.watched import Use
from moss.results.run import Run
from moss.settings.presets import blend_settings
from moss.usecases.blend import blend

# A load of nobody, in which nothing is wrong
NOTHING = Load([[]], [Use(600.0, 5, 20), Use(700.0, 5, 20)], [0], 0, [], 0, 0, [])


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_everybody_is_served_or_refused_or_leaves_and_nothing_is_wrong(tmp_path):
    found = load(seed=0, visitors=4, rounds=0, folder=tmp_path)
    assert wrong_with(found) == []
    ends = Counter(outcome.end for outcome in found.outcomes)
    assert ends == {"served": 2, "refused": 1, "left": 1}
    assert found.kept >= 2 and found.most_bytes > 0
    table = aligned(Row("measured", "figure"), sections_of(found))
    assert "2 with the right sounds" in table and "after the warm-up" in table


# Who comes


def test_most_are_patient_and_all_follows_from_the_seed():
    visitors = visitors_of(3, 0, 20)
    assert visitors == visitors_of(3, 0, 20) != visitors_of(4, 0, 20)
    assert Counter(visitor.role for visitor in visitors) == {
        "patient": 11,
        "leaver": 5,
        "rubbish": 4,
    }


def test_every_piece_of_rubbish_is_sent_in_every_round():
    for number in range(3):
        sent = Counter(name for visitor in visitors_of(0, number, 20) for name in visitor.sends)
        assert sent == dict.fromkeys(RUBBISH, 1)


def test_leavers_of_a_few_rounds_leave_at_all_moments_in_all_ways():
    visitors = [visitor for number in range(2) for visitor in visitors_of(0, number, 20)]
    assert len({(each.leaves, each.way) for each in visitors if each.role == "leaver"}) == 6


def test_nobody_has_the_inputs_of_another(tmp_path):
    visitors = [visitor for number in range(3) for visitor in visitors_of(1, number, 20)]
    assert len({visitor.seed for visitor in visitors}) == 60
    files = [path.read_bytes() for seed in (1, 2) for path in make_inputs(tmp_path, seed)]
    assert len(set(files)) == 4


# What is right


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of a visitor's inputs: what `wrong_with` of the sounds takes."""
    folder = tmp_path_factory.mktemp("run")
    visitor = Visitor(1, 11)
    inputs = make_inputs(folder, visitor.seed)
    settings = blend_settings("quick", **visitor.settings)
    *_, done = blend(*inputs, folder / "out", settings, draw=False)
    assert isinstance(done, Run)
    sounds = sorted((folder / "out" / "front").glob("*.wav"))
    return *inputs, visitor.settings, sounds, folder / "out" / "summary.json"


def test_the_sounds_of_the_own_inputs_are_right(run):
    assert wrong_with_sounds(*run) == []


def test_sounds_of_other_inputs_are_wrong(run, tmp_path):
    picture, track, settings, sounds, summary = run
    other_picture, other_track = make_inputs(tmp_path, 12)
    wrong = wrong_with_sounds(other_picture, track, settings, sounds, summary)
    assert wrong[0] == "the summary names another picture"
    assert wrong[1].startswith("the last sound's loss is")
    wrong = wrong_with_sounds(picture, other_track, settings, sounds, summary)
    assert wrong[0] == "the summary names another audio"
    assert wrong[1].startswith("the first sound is not the track")


def test_sounds_of_other_settings_and_in_another_order_are_wrong(run):
    picture, track, settings, sounds, summary = run
    other = settings | {"seed": 12}
    assert wrong_with_sounds(picture, track, other, sounds, summary) == [
        "the summary has other settings"
    ]
    assert len(wrong_with_sounds(picture, track, settings, sounds[::-1], summary)) == 2
    assert wrong_with_sounds(picture, track, settings, sounds[1:], summary) == [
        "3 sounds came, where the summary tells of 4"
    ]


# What is wrong


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"others": ["ffmpeg (Z)"]}, "the app has left processes: ffmpeg (Z)"),
        ({"unfinished": 1}, "1 folders of runs are not whole, and nobody works at them"),
        ({"kept": 9}, "9 runs are kept, where 0 were done"),
        ({"tracebacks": ["KeyError: 3"]}, "the app's log has a traceback: KeyError: 3"),
        (
            {"uses": [Use(600, 5, 20), Use(700, 5, 20), Use(800, 5, 20)]},
            "memory has grown by 14.3% since the warm-up",
        ),
        (
            {"rounds": [[Outcome(Visitor(7, 0), (), ("not served",))]]},
            "round 0, visitor 7, patient: not served",
        ),
    ],
)
def test_what_is_wrong_is_told(changes, line):
    assert wrong_with(NOTHING) == []
    assert wrong_with(replace(NOTHING, **changes)) == [line]


def test_a_traceback_is_found_by_its_last_line():
    log = 'a\nTraceback (most recent call last):\n  File "a.py", line 1\n    f()\nKeyError: 3\nb\n'
    assert tracebacks(2 * log) == ["KeyError: 3"] * 2
    assert tracebacks("a\nb\n") == []


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ("a.png is not a picture that can be read.", True),
        ("", False),
        ("Traceback (most recent call last): ...", False),
    ],
)
def test_an_answer_is_words_and_no_traceback(answer, fits):
    assert is_sentence(answer) == fits


# Times


def outcome(**at):
    return Outcome(Visitor(1, 0), tuple({"what": what, "at": s} for what, s in at.items()), ())


def test_times_are_taken_from_what_visitors_tell():
    leaver = outcome(called=0.0, reading=1.0, left=4.0)
    next_one = outcome(called=2.0, waiting=2.5, reading=4.5, done=9.0, served=9.5)
    after = outcome(called=2.0, waiting=2.5, reading=9.25, done=12.0, served=12.5)
    come_later = outcome(called=13.0, reading=13.25, left=14.0)
    outcomes = [leaver, after, next_one, come_later]
    assert waits_s(outcomes) == [7.25, 2.5]
    assert handovers_s(outcomes) == [0.5]


def test_a_load_without_visitors_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--visitors", "0"])
    assert "--visitors is 0; it must be from 1 to 100" in capsys.readouterr().err
