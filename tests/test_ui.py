import json
import socket
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
import zipfile
from contextlib import closing
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import soundfile
from PIL import Image

from app import search
from moss import ui
from moss.config import blend_settings
from moss.progress import RenderProgress, SearchProgress
from moss.ui.examples import PAIRS
from moss.ui.files import temp_root
from moss.ui.front_svg import HEIGHT, WIDTH, front_svg
from moss.ui.progress_line import PHASES, ProgressLine
from moss.ui.result import Result

SMALL = {
    "duration_s": 2.0,
    "grid_height": 16,
    "prices": 6,
    "descent_steps": 2,
    "population_size": 12,
    "generations": 2,
    "effort": 0.1,
    "representatives": 4,
}
PICTURE, TRACK = str(PAIRS[0].picture), str(PAIRS[0].track)


def small_page(search=search):
    return ui.build(search=search, presets={"quick": blend_settings("quick", **SMALL)})


def handler(page, name):
    return next(fn.fn for fn in page.fns.values() if fn.name == name)


def by_id(shown):
    """What a handler yields, by the elem_id of the component; a State has none."""
    return {component.elem_id: value for component, value in shown.items()}


def runs():
    return list(temp_root().glob("run-*"))


@pytest.fixture(scope="module")
def page():
    return small_page()


@pytest.fixture(scope="module")
def older():
    """A Result of an earlier run, as far as its files go."""
    folder = temp_root() / "run-older" / "moss"
    folder.mkdir(parents=True)
    return Result(folder, folder.with_suffix(".zip"), [], {}, {})


@pytest.fixture(scope="module")
def run(page, older):
    """All that the handler of the button yields for an example, and the Result it keeps."""
    shown = list(handler(page, "blend")(PICTURE, TRACK, "quick", older))
    result = next(v for c, v in shown[-1].items() if isinstance(c, gr.State))
    yield [by_id(each) for each in shown], result
    result.remove()


# The page


@pytest.fixture(scope="module")
def url(page):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"server_name": "127.0.0.1", "server_port": port, "quiet": True}
    ui.launch(page, prevent_thread_lock=True, **options)
    yield f"http://127.0.0.1:{port}"
    page.close()


def fetched(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def test_the_page_opens_with_an_example_chosen(url):
    assert b"MOSS" in fetched(url)
    parts = json.loads(fetched(f"{url}/config"))["components"]
    values = {part["props"].get("elem_id"): part["props"].get("value") for part in parts}
    for well, path in (("moss-picture", PICTURE), ("moss-track", TRACK)):
        assert fetched(f"{url}/gradio_api/file={values[well]['path']}") == Path(path).read_bytes()


def test_nothing_is_public_but_the_page(url):
    endpoints = json.loads(fetched(f"{url}/gradio_api/info"))
    assert endpoints == {"named_endpoints": {}, "unnamed_endpoints": {}}
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(f"{url}/gradio_api/file={Path(__file__).resolve()}")
    assert refused.value.code == 403


def test_an_example_fills_both_wells(page):
    chosen = gr.SelectData(target=None, data={"index": 2, "value": None})
    assert handler(page, "choose")(chosen) == (str(PAIRS[2].picture), str(PAIRS[2].track))


# A run


def test_a_run_tells_of_its_progress_and_draws_the_front(run):
    shown, _ = run
    lines = [each["moss-progress"] for each in shown]
    assert "Reading" in lines[0]
    told = [phase for line in lines for phase, words in PHASES.items() if words in line]
    order = [list(PHASES).index(phase) for phase in told]
    assert order == sorted(order)
    assert {"seeding", "front", "sounds", "files"} <= set(told)
    drawn = [each["moss-growing"]["value"] for each in shown[:-1] if "moss-growing" in each]
    assert {ET.fromstring(svg).tag for svg in drawn} == {"svg"}
    assert "Done" in lines[-1]


def test_a_run_ends_with_files_that_decode(run):
    shown, result = run
    last = shown[-1]
    samples, rate = soundfile.read(last["moss-sound"]["value"])
    assert len(samples) == SMALL["duration_s"] * rate
    assert np.abs(samples).max() > 0
    for name in ("moss-spectrogram", "moss-front"):
        with Image.open(last[name]) as picture:
            picture.load()
    with Image.open(last["moss-morph"]) as morph:
        assert morph.n_frames >= 60
    assert last["moss-place"]["maximum"] == SMALL["representatives"] - 1
    assert last["moss-place"]["value"] == result.chosen["balanced"]


def test_the_archive_holds_the_whole_run(run):
    _, result = run
    with zipfile.ZipFile(result.archive) as archive:
        assert archive.testzip() is None
        archived = {name for name in archive.namelist() if not name.endswith("/")}
    files = {path for path in result.folder.rglob("*") if path.is_file()}
    assert archived == {str(path.relative_to(result.folder.parent)) for path in files}
    assert "moss/summary.json" in archived


def test_the_slider_and_the_names_choose_points(page, run):
    _, result = run
    moved = handler(page, "_moved")
    for asked, meant in ((0, 0), (2, 2), (-7, 0), (99, 3)):
        shown = by_id(moved(result, asked))
        assert shown["moss-place"]["value"] == meant
        assert shown["moss-sound"]["value"] == str(result.folder / f"front/{meant:02d}.wav")
        assert shown["moss-spectrogram"] == str(result.folder / f"front/{meant:02d}.png")


def test_a_result_that_is_gone_is_named(page):
    with pytest.raises(gr.Error, match="blend the pair again"):
        handler(page, "_moved")(None, 0)


def test_a_new_result_takes_the_place_of_the_one_before(run, older):
    _, result = run
    assert result.archive.exists()
    assert not older.folder.parent.exists()


def test_closing_the_handler_closes_the_search_and_leaves_nothing():
    closed = []

    def watched(prepared):
        try:
            yield from search(prepared)
        finally:
            closed.append(True)

    before = runs()
    with closing(handler(small_page(watched), "blend")(PICTURE, TRACK, "quick", None)) as events:
        while "moss-growing" not in by_id(next(events)):
            pass
        assert len(runs()) == len(before) + 1
        assert not closed
    assert closed
    assert runs() == before


# What a visitor may give


@pytest.mark.parametrize(
    ("picture", "track", "sentence"),
    [
        (None, TRACK, "There is no picture yet"),
        (PICTURE, None, "There is no track yet"),
        (__file__, TRACK, "was not uploaded to this page"),
        (PICTURE, __file__, "was not uploaded to this page"),
        ("words.png", TRACK, "words.png is not a picture that can be read; give a PNG"),
        (PICTURE, "words.png", "words.png"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(page, picture, track, sentence):
    words = temp_root() / "words.png"
    words.write_text("These are words.")
    given = [str(words) if path == "words.png" else path for path in (picture, track)]
    before = runs()
    with pytest.raises(gr.Error, match=sentence) as told:
        list(handler(page, "blend")(*given, "quick", None))
    assert str(told.value.message).count("\n") == 0
    assert runs() == before


def test_a_link_out_of_the_uploads_is_refused(page):
    link = temp_root() / "link.png"
    link.symlink_to(__file__)
    with pytest.raises(gr.Error, match="was not uploaded to this page"):
        list(handler(page, "blend")(str(link), TRACK, "quick", None))
    link.unlink()


def test_the_picture_well_opens_nothing(page):
    well = next(block for block in page.blocks.values() if block.elem_id == "moss-picture")
    path = str(temp_root() / "never.png")
    assert well.preprocess(gr.data_classes.ImageData(path=path)) == path
    assert well.preprocess(None) is None


# What is drawn


def event(seed, phase="seeding", step=1, steps=4, count=30):
    losses = np.random.default_rng(seed).uniform(0, (1, 5), (count, 2))
    on_front = np.array([not ((losses < own).all(1)).any() for own in losses])
    return SearchProgress(phase, step, steps, 1.0, losses, on_front, 1.25)


def numbers(path):
    return np.array([[float(n) for n in dot.split("h")[0].split()] for dot in path.split("M")[1:]])


@pytest.mark.parametrize("seed", range(5))
def test_every_point_is_drawn_inside_once(seed):
    shown = event(seed, "evolution")
    seeds = event(seed + 100).losses
    drawn = ET.fromstring(front_svg(shown, seeds))
    dots = {
        path.get("class"): numbers(path.get("d"))
        for path in drawn.iter("path")
        if "dots" in path.get("class")
    }
    assert len(dots["dots front"]) == shown.on_front.sum()
    assert len(dots["dots population"]) == (~shown.on_front).sum()
    assert len(dots["dots seeds"]) == len(seeds)
    points = np.concatenate([*dots.values()])
    assert (points >= 0).all()
    assert (points <= (WIDTH, HEIGHT)).all()
    line = [pair.split(",") for pair in drawn.find("polyline").get("points").split()]
    x, y = np.array(line, float).T
    assert (np.diff(x) >= 0).all()  # more visual loss to the right, less audio loss downwards
    assert (np.diff(y) >= 0).all()


def test_the_bar_fills_phase_by_phase():
    told = ProgressLine()
    shares = []
    events = [event(0, "seeding", 2), event(0, "evolution", 0), event(0, "evolution", 4)]
    events += [RenderProgress("sounds", 1, 2, 1.0), RenderProgress("files", 5, 5, 1.0)]
    for each in events:
        line = ET.fromstring(told.after(each, 3.0))
        assert "hypervolume 1.250" in "".join(line.itertext())
        shares.append(sum(float(part.get("style").split(":")[1]) for part in line.iter("i")))
    assert shares == [0.5, 1.0, 2.0, 3.5, len(PHASES)]
