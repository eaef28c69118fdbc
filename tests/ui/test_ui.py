import errno
import json
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
import zipfile
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import gradio as gr
import numpy as np
import pytest
import soundfile
from PIL import Image

from app import compute, results_folder
from moss import ui
from moss.errors import InputError
from moss.progress import RenderProgress, SearchProgress
from moss.results.run import Run
from moss.settings.blend import BlendSettings
from moss.settings.fields import settings_in
from moss.settings.presets import PRESETS, blend_settings
from moss.ui.api.endpoints import settings_of
from moss.ui.bundled import FIRST, PAIRS
from moss.ui.host.files import temp_root
from moss.ui.host.room import Room
from moss.ui.host.run import Host, Order
from moss.ui.host.visit import MAX_RESULTS, Visit
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.sharing import query_of, shared
from moss.ui.words import problem_html
from moss.ui.working.progress_line import BLEND_CAPTIONS, ProgressLine
from moss.usecases.estimate import seconds_of
from moss.usecases.time_left import TimeLeft
from tests.small import SMALL
from tests.ui.browser.serving import served
from tests.waiting import eventually

PICTURE, TRACK = str(PAIRS[0].picture), str(PAIRS[0].track)
SETTINGS = SMALL
NAMES = list(settings_in(BlendSettings))


def small_page(compute=compute, results=None):
    return ui.build(compute=compute, presets={"quick": SETTINGS}, results=results)


def handler(page, name):
    return next(fn.fn for fn in page.fns.values() if fn.name == name)


def values_of(settings):
    return [settings.as_dict()[name] for name in NAMES]


def visit_of(page):
    """What a visitor's visit is when the page opens."""
    states = [block.value for block in page.blocks.values() if isinstance(block, gr.State)]
    return next(value for value in states if isinstance(value, Visit))


VISITOR = SimpleNamespace(session_hash="visitor", client=SimpleNamespace(host="127.0.0.1"))


def blended(page, picture=PICTURE, track=TRACK, settings=SETTINGS, visit=None):
    """All that the handler of the button yields, closed with the generator."""
    given = VISITOR, picture, None, track, visit or visit_of(page), *values_of(settings)
    return (shown for shown in handler(page, "_blend")(*given) if shown != gr.skip())


def by_id(shown):
    """What a handler yields, by the elem_id of the component; a State has none."""
    return {component.elem_id: value for component, value in shown.items()}


def runs():
    return list(temp_root().glob("run-*"))


@pytest.fixture(scope="module")
def page():
    return small_page()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return tmp_path_factory.mktemp("home") / "results"


@pytest.fixture(scope="module")
def run(results):
    """All that the handler of the button yields for an example, and the Visit it leaves."""
    shown = [by_id(each) for each in blended(small_page(results=results))]
    visit = shown[-1][None]
    yield shown, visit
    visit.remove()


# The page


@pytest.fixture(scope="module")
def url(page):
    with served(page) as url:
        yield url


def fetched(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def test_the_page_opens_with_an_example_and_a_result(url):
    assert b"MOSS" in fetched(url)
    parts = json.loads(fetched(f"{url}/config"))["components"]
    values = {part["props"].get("elem_id"): part["props"].get("value") for part in parts}
    for well, path in (("moss-picture", PICTURE), ("moss-track", TRACK)):
        assert fetched(f"{url}/gradio_api/file={values[well]['path']}") == Path(path).read_bytes()
    points = json.loads(values["moss-player"])["points"]
    assert len(points) >= 5
    for point in points:
        assert fetched(f"{url}/{point['sound']}") == (FIRST / point["file"]).read_bytes()


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [(True, "in the folder <code>my results</code>"), (False, "two hours after")],
)
def test_the_page_says_what_happens_to_files(tmp_path, kept, sentence):
    page = small_page(results=tmp_path / "my results" if kept else None)
    said = next(block for block in page.blocks.values() if block.elem_id == "moss-uploads")
    assert sentence in said.value
    assert "processor core" in said.value


def test_copies_stay_at_home_and_not_on_a_space(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert results_folder() == tmp_path / "results"
    monkeypatch.setenv("SPACE_ID", "somebody/moss")
    assert results_folder() is None


def test_nothing_is_public_but_the_page_and_the_documented_endpoints(url):
    endpoints = json.loads(fetched(f"{url}/gradio_api/info"))
    sonify = {f"/sonify_{kind}" for kind in ("picture", "slideshow", "video", "array")}
    assert set(endpoints["named_endpoints"]) == {"/blend", "/render_point"} | sonify
    assert endpoints["unnamed_endpoints"] == {}
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(f"{url}/gradio_api/file={Path(__file__).resolve()}")
    assert refused.value.code == 403


def test_an_example_fills_both_wells(page):
    chosen = gr.SelectData(target=None, data={"index": 2, "value": None})
    assert handler(page, "choose")(chosen) == (str(PAIRS[2].picture), str(PAIRS[2].track))


# A run


def test_a_run_tells_of_its_progress(run):
    shown, _ = run
    lines = [each["moss-progress"] for each in shown[:-1] if "moss-progress" in each]
    assert "Reading" in lines[0]
    heard = [
        stage for line in lines for stage, words in BLEND_CAPTIONS.items() if f"<b>{words}<" in line
    ]
    order = [list(BLEND_CAPTIONS).index(stage) for stage in heard]
    assert order == sorted(order)
    assert {"seeding", "front", "sounds", "files"} <= set(heard)


def test_a_run_is_played_while_it_is_made(run):
    shown, visit = run
    values = [json.loads(each["moss-player"]) for each in shown if "moss-player" in each]
    *working, last = values
    assert all(value["working"] for value in working) and "working" not in last
    assert {value["run"] for value in values} == {f"run-{visit.current.token}"}
    assert len(working[0]["points"]) == 1  # the music alone
    states = [{point["state"] for point in value["points"][1:]} for value in working]
    assert {"draft"} in states
    assert states[-1] == {"refined"}
    assert len(working[-1]["points"]) == len(last["points"]) == SMALL.representatives
    assert len(working[-1]["front"]) > 3
    for name in ("duration_s", "sample_rate", "sound_rate"):  # or the player would begin anew
        assert {value[name] for value in values} == {last[name]}


def test_what_was_there_to_be_heard_meanwhile_is_gone_at_the_end(run):
    shown, visit = run
    first = json.loads(next(each["moss-player"] for each in shown if "moss-player" in each))
    path = Path(first["points"][0]["sound"].removeprefix("gradio_api/file="))
    assert path.is_relative_to(visit.current.folder.parent)
    assert not path.parent.exists()


def test_the_figures_of_the_front_are_there_for_those_who_unfold_them(run):
    shown, _ = run
    told = [each["moss-figures-text"] for each in shown if "moss-figures-text" in each]
    assert all("hypervolume" in text for text in told)


def test_a_run_ends_with_files_that_decode(run):
    shown, visit = run
    last = shown[-1]
    points = json.loads(last["moss-player"])["points"]
    assert len(points) == SMALL.representatives
    for point in points:
        path = point["sound"].removeprefix("gradio_api/file=")
        samples, rate = soundfile.read(path)
        assert len(samples) == SMALL.duration_s * rate
        assert np.abs(samples).max() > 0
    for name in ("moss-morph", "moss-evolution"):
        with Image.open(last[name]) as moving:
            assert moving.n_frames > 1
    assert visit.current.folder == visit.results[-1].folder


def test_the_archive_holds_the_whole_run(run):
    _, visit = run
    result = visit.current
    with zipfile.ZipFile(result.archive) as archive:
        assert archive.testzip() is None
        archived = {name for name in archive.namelist() if not name.endswith("/")}
    files = {path for path in result.folder.rglob("*") if path.is_file()}
    assert archived == {str(path.relative_to(result.folder.parent)) for path in files}
    assert "moss/summary.json" in archived


def test_a_copy_stays_in_the_results_folder(run, results):
    _, visit = run
    (kept,) = results.iterdir()
    assert kept == visit.current.copy
    files = {path.relative_to(kept): path.read_bytes() for path in kept.rglob("*.*")}
    assert len(files) > 10
    for name, content in files.items():
        assert (visit.current.folder / name).read_bytes() == content


def finished_run(folder):
    """What a use case yields in the end: a Run in `folder`."""
    folder.mkdir(parents=True)
    (folder / "sound.wav").write_bytes(b"sound")
    yield Run(folder, {})


def result_of_order(results):
    host = Host(compute, "cpu", results, Room(temp_root()))
    order = Order("1 · a + b", finished_run, (), 0)
    return list(host.run(VISITOR, order))[-1]


def test_results_of_one_second_lie_side_by_side(tmp_path):
    made = [result_of_order(tmp_path) for _ in range(3)]
    assert len({result.copy for result in made}) == 3
    for result in made:
        assert (result.copy / "sound.wav").read_bytes() == b"sound"
        assert result.unwritable is None
        result.remove()


def test_a_copy_that_cannot_be_written_does_not_cost_the_result(tmp_path):
    taken = tmp_path / "results"
    taken.write_text("This is no folder.")
    result = result_of_order(taken)
    assert (result.folder / "sound.wav").read_bytes() == b"sound"
    assert (result.copy, result.unwritable) == (None, taken)
    result.remove()


def test_an_archive_without_room_does_not_cost_the_result(monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    result = result_of_order(None)
    assert (result.folder / "sound.wav").read_bytes() == b"sound"
    assert result.archive is None
    assert list(result.home.iterdir()) == [result.folder]
    result.remove()


def test_a_failure_that_nobody_foresaw_is_told(caplog):
    def failing(prepared, task):
        yield from ()
        raise RuntimeError("<b>internals</b>")

    before = runs()
    *_, last = map(by_id, blended(small_page(failing)))
    assert list(last) == ["moss-problem"]
    assert "has failed" in ET.fromstring(last["moss-problem"]).text
    assert "internals" not in last["moss-problem"]
    assert "internals" in caplog.text
    assert runs() == before


def test_closing_the_handler_closes_the_search_and_leaves_nothing():
    closed = []

    def watched(prepared, task):
        try:
            yield from compute(prepared, task)
        finally:
            closed.append(True)

    before = runs()
    with closing(blended(small_page(watched))) as events:
        while "moss-figures-text" not in by_id(next(events)):
            pass
        assert len(runs()) == len(before) + 1
        assert not closed
    eventually(lambda: closed and runs() == before)


def test_a_visitor_goes_back_to_an_earlier_result(page, run):
    _, visit = run
    shown = by_id(handler(page, "_go_back")(visit, 0, VISITOR))
    assert shown[None].current == visit.results[0]
    assert json.loads(shown["moss-player"])["points"][0]["sound"].endswith(".flac")
    assert shown["moss-onward-problem"] == ""
    for index in (-3, 99):
        assert handler(page, "_go_back")(visit, index, VISITOR)


def test_a_result_that_had_to_make_room_is_told_of(page, run):
    _, visit = run
    gone = replace(visit.current, folder=Path("gone"), home=None)
    shown = by_id(handler(page, "_go_back")(visit.add(gone).select(1), 2, VISITOR))
    assert "had to make room" in ET.fromstring(shown["moss-onward-problem"]).text
    assert shown[None].current is visit.current


def test_a_visit_keeps_the_bundled_result_and_the_latest(run):
    _, before = run
    visit = Visit(before.results[:1])
    homes = []
    for number in range(MAX_RESULTS + 2):
        home = temp_root() / f"run-{number}"
        home.mkdir()
        homes.append(home)
        result = SimpleNamespace(home=home, remove=home.rmdir)
        visit = visit.add(result)
        assert visit.current is result
        assert visit.run_count == number + 1
    assert visit.results[0] is before.results[0]
    assert [home.exists() for home in homes] == [False] * 2 + [True] * MAX_RESULTS
    for home in homes[2:]:
        home.rmdir()


# What a visitor may give


@pytest.mark.parametrize(
    ("picture", "track", "beside", "sentence"),
    [
        (None, TRACK, "picture", "There is no picture yet"),
        (PICTURE, None, "track", "There is no track yet"),
        (__file__, TRACK, "picture", "was not uploaded to this page"),
        (PICTURE, __file__, "track", "was not uploaded to this page"),
        ("words.png", TRACK, "picture", "words.png is not a picture that can be read; give a PNG"),
        (PICTURE, "words.png", "track", "words.png"),
    ],
)
def test_what_cannot_be_used_is_told_beside_it(page, picture, track, beside, sentence):
    words = temp_root() / "words.png"
    words.write_text("These are words.")
    given = [str(words) if path == "words.png" else path for path in (picture, track)]
    before = runs()
    *_, last = map(by_id, blended(page, *given))
    assert sentence in ET.fromstring(last[f"moss-{beside}-problem"]).text
    assert len(last) == 1
    assert runs() == before


def test_settings_that_cannot_be_are_told(page):
    values = values_of(SETTINGS)
    values[NAMES.index("gamma")] = 99
    (*_, last) = handler(page, "_blend")(VISITOR, PICTURE, None, TRACK, visit_of(page), *values)
    assert "it must be from 0.1 to 10" in by_id(last)["moss-problem"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("representatives", 3.7, '"Sounds" is 3.7; it must be a whole number.'),
        ("representatives", None, '"Sounds" is empty; give a number.'),
        ("duration_s", None, '"Duration (s)" is empty; give a number.'),
        ("grid_width", None, ""),
        ("high_hz", None, ""),
        ("grid_width", "auto", ""),
        ("low_hz", "", ""),
        ("white_db", "0", ""),
        ("white_db", "41", '"White (dB under the loudest)" is 41.0; it must be from 0 to 40.'),
        ("range_nats", "wide", "\"Range (nats)\" is 'wide'; it must be a number or auto."),
        (
            "grid_width",
            "3.5",
            "\"Columns of the mask\" is '3.5'; it must be a whole number or auto.",
        ),
        ("gamma", 2, ""),
    ],
)
def test_a_number_is_taken_as_it_is_typed(page, name, value, sentence):
    controls = {block.elem_id: block for block in page.blocks.values()}
    values = values_of(SETTINGS)
    control = controls[f"moss-setting-{name.replace('_', '-')}"]
    values[NAMES.index(name)] = control.preprocess(value)
    said = handler(page, "_check")(*values)
    assert said == problem_html(sentence)


@pytest.mark.parametrize("preset", PRESETS)
def test_controls_say_the_settings_that_they_show(preset):
    settings = blend_settings(preset)
    with gr.Blocks():
        tuning = FineTuning(settings, "tried")
    values = [control.preprocess(control.value) for control in tuning.controls]
    assert tuning.settings_from(values) == settings


def test_a_link_out_of_the_uploads_is_refused(page):
    link = temp_root() / "link.png"
    link.symlink_to(__file__)
    *_, last = map(by_id, blended(page, str(link)))
    assert "was not uploaded to this page" in last["moss-picture-problem"]
    link.unlink()


def test_the_picture_well_opens_nothing(page):
    well = next(block for block in page.blocks.values() if block.elem_id == "moss-picture")
    path = str(temp_root() / "never.png")
    assert well.preprocess(gr.data_classes.ImageData(path=path)) == path
    assert well.preprocess(None) is None


def test_a_problem_is_text_and_never_markup():
    assert problem_html("") == ""
    shown = ET.fromstring(problem_html("<script>alert(1)</script> & more"))
    assert shown.text == "<script>alert(1)</script> & more"
    assert list(shown) == []


# Links


@pytest.mark.parametrize("preset", PRESETS)
def test_a_link_carries_the_settings(preset):
    changes = {"gamma": 1.5, "invert": True, "grid_width": None, "high_hz": 5000.0, "seed": 7}
    changes |= {"wishes": "music 1-2 0-800; picture 3-4 2000-5000"}
    settings = blend_settings(preset, **changes)
    query = query_of(preset, settings, PAIRS[2])
    assert shared(dict(parse_qsl(query.removeprefix("?")))) == (preset, settings, PAIRS[2])


def test_a_link_without_settings_changes_nothing():
    assert shared({"__theme": "dark"}) == (None, None, None)


@pytest.mark.parametrize(
    "query",
    [
        {"preset": "loud"},
        {"gamma": "99"},
        {"gamma": "much"},
        {"mono": "perhaps"},
        {"example": "Cat, piano"},
        {"wishes": "quiet please"},
    ],
)
def test_a_link_that_cannot_be_followed_is_told(query):
    with pytest.raises(InputError):
        shared(query)


EVIL = "<img src=x onerror=alert(1)>{{{value}}}${alert(2)}"


@pytest.mark.parametrize("name", ["preset", "example", "gamma", "fit", "wishes", "mono"])
def test_what_is_wrong_with_a_setting_is_text(name):
    for asked in (lambda: shared({name: EVIL}), lambda: blend_settings(**{name: EVIL})):
        with pytest.raises((InputError, TypeError)) as raised:
            asked()
        said = ET.fromstring(problem_html(str(raised.value)))
        assert said.text == str(raised.value) and list(said) == []


def test_a_link_of_an_earlier_moss_is_followed():
    _, settings, _ = shared({"preset": "quick", "prices": "12", "viewer": "2048"})
    assert settings == blend_settings("quick", audio_weights=12, viewer="own")


def test_a_call_of_an_earlier_moss_is_understood():
    presets = {"quick": blend_settings("quick")}
    settings = settings_of(presets, "quick", {"prices": 12, "viewer": "2048"})
    assert settings == blend_settings("quick", audio_weights=12, viewer="own")


def test_fine_tuning_has_every_setting(page):
    controls = {block.elem_id: block for block in page.blocks.values()}
    for name, setting in settings_in(BlendSettings).items():
        control = controls[f"moss-setting-{name.replace('_', '-')}"]
        assert control.label == setting.label
        assert setting.help[1:] in control.info


# What is drawn


def event(seed, stage="seeding", step=1, steps=4, count=30):
    losses = np.random.default_rng(seed).uniform(0, (1, 5), (count, 2))
    on_front = np.array([not ((losses < own).all(1)).any() for own in losses])
    return SearchProgress(stage, step, steps, 1.0, losses, on_front, 1.25)


EVENTS = [
    event(0, "seeding", 2),
    event(0, "evolution", 0),
    event(0, "evolution", 4),
    RenderProgress("sounds", 1, 2, 1.0),
    RenderProgress("files", 5, 5, 1.0),
]


def test_the_bar_fills_stage_by_stage():
    line = ProgressLine(BLEND_CAPTIONS, TimeLeft(seconds_of(SETTINGS)))
    shares = []
    for each in EVENTS:
        drawn = ET.fromstring(line.line_after(each, 3.0))
        shares.append(sum(float(part.get("style").split(":")[1]) for part in drawn.iter("i")))
        assert "hypervolume 1.250" in line.figures_after(each, 3.0)
    assert shares == [0.5, 1.0, 2.0, 3.5, len(BLEND_CAPTIONS)]


@pytest.mark.parametrize("settings", [SETTINGS, BlendSettings(), BlendSettings(viewer="any")])
def test_the_time_left_falls_to_nothing(settings):
    time_left = TimeLeft(seconds_of(settings))
    time_left.after(event(0, "seeding", 0), 2.0)  # from here on it counts
    left = [time_left.after(each, 10.0) for each in EVENTS]
    while left[0] is None:  # a shrug may come first
        left.pop(0)
    assert len(left) >= 2
    assert left[-1] == pytest.approx(0)
    assert all(a >= b for a, b in pairwise(left))


def test_while_a_step_lasts_the_time_left_falls_with_the_clock():
    time_left = TimeLeft(seconds_of(SETTINGS))
    time_left.after(event(0, "seeding", 0), 0.0)
    made = RenderProgress("sounds", 2, 4, 1.0)
    then, soon, late = (time_left.after(made, seconds) for seconds in (10.0, 11.0, 1000.0))
    assert soon == pytest.approx(then - 1)
    assert 0 < late < soon
    assert time_left.after(RenderProgress("sounds", 3, 4, 1.0), 1001.0) > then


def test_what_was_read_before_is_not_taken_for_work():
    early, late = (TimeLeft(seconds_of(SETTINGS)) for _ in range(2))
    for time_left, read_s in ((early, 0.0), (late, 5.0)):
        time_left.after(event(0, "seeding", 0), read_s)
    measured = event(0, "front", 4)
    assert late.after(measured, 15.0) == pytest.approx(early.after(measured, 10.0))


def test_what_a_stop_leaves_out_does_not_count_as_done():
    searched, stopped = (TimeLeft(seconds_of(SETTINGS)) for _ in range(2))
    for time_left, step in ((searched, 4), (stopped, 1)):
        time_left.after(event(0, "seeding", 0), 0.0)
        time_left.after(event(0, "seeding", step), 10.0)
    measured = RenderProgress("sounds", 2, 4, 1.0)
    # In the same time it has done less, so what is left will take it longer.
    assert stopped.after(measured, 10.0) > searched.after(measured, 10.0) > 0


def test_too_early_there_is_no_guess():
    assert TimeLeft(seconds_of(SETTINGS)).after(event(0, "seeding", 0), 0.1) is None
