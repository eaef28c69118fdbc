"""Cases of the fuzz, a few or 200, and that the fuzz itself sees what it looks for.

Untouched files and every fifth of the others that can be used are blended to the end; the other
runs are closed once the picture and the track are prepared. `python -m tests.fuzz` runs more.
"""

import sys

import pytest

from moss.media import load_audio, load_picture
from tests.fuzz.cases import FORMATS, UNTOUCHED_ROUND, Case, case_of
from tests.fuzz.fields import LENGTHS, SIZES, places, sealed
from tests.fuzz.originals import PICTURES, originals
from tests.fuzz.sentences import wrong_in
from tests.fuzz.table import table
from tests.fuzz.watch import MOST_MB, Visitor, run_cases

# A round of damaged files and the round of untouched ones.
FEW = range((UNTOUCHED_ROUND - 1) * len(FORMATS), (UNTOUCHED_ROUND + 1) * len(FORMATS))
MANY = range(200)


@pytest.fixture(
    scope="module",
    params=[(FEW, 1), pytest.param((MANY, 2), marks=pytest.mark.soak)],
    ids=["few", "many"],
)
def outcomes(request):
    numbers, workers = request.param
    return list(run_cases(0, numbers, workers, draw=numbers == MANY))


def test_no_case_fails(outcomes):
    assert [str(outcome) for outcome in outcomes if outcome.verdict == "failure"] == []


def test_an_untouched_file_of_every_format_gives_a_result(outcomes):
    controls = [outcome for outcome in outcomes if outcome.case.is_control]
    assert {outcome.case.file.format for outcome in controls} == set(FORMATS)
    assert {outcome.verdict for outcome in controls} == {"result"}


def test_mutated_files_give_results_and_many_sentences(outcomes):
    mutated = [outcome for outcome in outcomes if not outcome.case.is_control]
    sentences = {o.told.replace(o.case.name, "") for o in mutated if o.verdict == "sentence"}
    assert len(sentences) >= (5 if len(outcomes) == len(MANY) else 2)
    assert any(outcome.verdict == "result" for outcome in mutated)
    if len(outcomes) == len(MANY):
        assert any(outcome.verdict == "result" and outcome.case.to_end for outcome in mutated)


def test_the_table_has_every_case(outcomes):
    _, *rows, total = table(outcomes).splitlines()
    assert [row.split()[0] for row in rows] == list(FORMATS)
    counts = [[int(number) for number in row.split()[1:5]] for row in (*rows, total)]
    assert [sum(column) for column in zip(*counts[:-1], strict=True)] == counts[-1]
    assert counts[-1][0] == sum(counts[-1][1:]) == len(outcomes)


def test_a_case_is_told_by_its_seed_and_number():
    cases = [case_of(3, number) for number in FEW]
    originals.cache_clear()
    assert [case_of(3, number) for number in FEW] == cases
    assert [case_of(4, number).file.data for number in FEW[:3]] != [
        case.file.data for case in cases[:3]
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_every_original_is_taken(tmp_path, format):
    for original in originals()[format]:
        path = tmp_path / f"a{original.suffix}"
        path.write_bytes(original.data)
        if format in PICTURES:
            assert sorted(load_picture(path).shape) == [48, 64]
        else:
            assert load_audio(path, sample_rate=4000).shape[1] >= 4000


def test_every_field_is_in_some_file():
    found, wanted = set(), set()
    for format in FORMATS:
        fields = LENGTHS[format] + SIZES[format]
        files = [original.data for original in originals()[format]]
        wanted |= set(fields)
        found |= {field for field in fields if any(places(data, field) for data in files)}
    assert wanted - found == set()


@pytest.mark.parametrize("format", ["PNG", "OGG", "Opus"])
def test_checksums_are_made_right(format):
    for original in originals()[format]:
        wrong = bytearray(original.data)
        first = 22 if format != "PNG" else 29  # of the first page, of the header's chunk
        wrong[first : first + 4] = bytes(4)
        assert bytes(wrong) != original.data
        assert sealed(bytes(wrong)) == original.data


# The watch, over processes that do what MOSS must not do

ANSWERING = """
import json, os, pathlib, signal, subprocess, sys, time
uploads = pathlib.Path(os.environ["GRADIO_TEMP_DIR"], "uploads")
uploads.mkdir()
print(json.dumps({{"uploads": str(uploads)}}), flush=True)
for line in sys.stdin:
    verdict, told, peak_mb = "result", "", 0.0
    {deed}
    print(json.dumps({{"verdict": verdict, "told": told, "peak_mb": peak_mb}}), flush=True)
"""


def watched(deed, case, longest_s=60.0):
    script = ANSWERING.format(deed=deed)
    with Visitor((sys.executable, "-c", script), longest_s) as visitor:
        first, second = visitor.outcome_of(case), visitor.outcome_of(case)
    assert (first.verdict, first.told) == (second.verdict, second.told)  # also by a new process
    return first


@pytest.fixture(scope="module")
def control():
    return Case(0, 7, originals()["WAV"][0], "untouched", 0.0, True)


def test_a_process_that_does_its_work_is_trusted(control):
    assert watched("pass", control).verdict == "result"


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the process ends with SIGSEGV"),
        ("sys.exit(3)", "the process ends with 3"),
        ("pathlib.Path(os.environ['TMPDIR'], 'a').touch()", "it leaves a"),
        ("(uploads / 'a').touch()", "it leaves uploads/a"),
        ("subprocess.Popen(['sleep', '600'])", "it leaves a process"),
        (f"peak_mb = {MOST_MB + 1}", "it needs 1501 MB"),
        ("verdict, told = 'sentence', 'No.'", "an untouched file is refused: No."),
        ("verdict, told = 'failure', 'KeyError: 3'", "KeyError: 3"),
    ],
)
def test_a_misdeed_is_told(control, deed, told):
    outcome = watched(deed, control)
    assert (outcome.verdict, outcome.told) == ("failure", told)


def test_a_hang_is_told(control):
    outcome = watched("time.sleep(600)", control, longest_s=1.0)
    assert (outcome.verdict, outcome.told) == ("failure", "it takes longer than 1 s")


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("a.wav is empty (0 bytes); give a WAV file.", ""),
        ("The part of a.wav is 0.1 s long; at least 0.5 s are needed.", ""),
        ("The file is empty.", "the sentence does not name the file"),
        ("a.wav is empty", "the sentence does not end with a full stop"),
        ("a.wav is empty. Give another.", "the sentence has '. G'"),
        ("a.wav is\nempty.", r"the sentence has '\n'"),
        ("[Errno 2] a.wav.", "the sentence has 'Errno'"),
        ("ValueError: a.wav.", "the sentence has 'Error'"),
        ("/tmp/a.wav is empty.", "the sentence has '/'"),
    ],
)
def test_a_sentence_is_one_about_the_file(sentence, wrong):
    assert wrong_in(sentence, "a.wav") == wrong
