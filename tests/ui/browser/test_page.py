"""The page as a visitor has it, in a real browser, with files that are not bundled."""

import json
import re
import shutil
import zipfile
from urllib.parse import urlencode

import numpy as np
import pytest
import soundfile
import torch
from playwright.sync_api import expect

from moss.blending.mask import MaskBasis
from moss.media import sha256_of
from moss.ui.bundled import FIRST, PAIRS
from moss.ui.host.files import temp_root
from tests.small import SMALL
from tests.ui.browser.axe import violations
from tests.ui.browser.blending import (
    NAME,
    begun,
    blended,
    finished,
    given,
    opened,
    put,
    start,
    working,
)
from tests.ui.browser.conftest import ENDLESS
from tests.ui.browser.player.helpers import HANDLE
from tests.ui.browser.screenshots import LOAD_PICTURES, shoot
from tests.ui.browser.watching import watched
from tests.waiting import eventually

LEVELS = f"""() => {{
    const levels = new Float32Array({HANDLE}.analyser.frequencyBinCount);
    {HANDLE}.analyser.getFloatFrequencyData(levels);
    return Array.from(levels);
}}"""
COUNT_PLOTS = """() => {
    const seen = new Set();
    window.plots = seen;
    new MutationObserver(() => {
        const front = document.querySelector('.moss-player[data-working] polyline.front');
        if (front) seen.add(front.getAttribute('points'));
    }).observe(document.body, {childList: true, subtree: true, attributes: true});
}"""


@pytest.fixture(scope="module")
def url(whole_page):
    return whole_page


@pytest.fixture(scope="module")
def visit(browser, whole_page, pair):
    """A page that has blended the pair."""
    with watched(browser) as page:
        yield blended(page, whole_page, pair)


@pytest.fixture
def blended_page(visit):
    """That page, which shows that result again, whatever was made of it before."""
    go_back(visit)
    return visit


def go_back(page):
    page.get_by_label("Results of this visit").click()
    page.get_by_role("option", name=re.compile(rf"1 · {re.escape(NAME)}$")).click()
    finished(page, f"1 · {NAME}")


def points(page):
    return page.locator("#moss-cards audio").count()


def newest(results):
    """The folder of the newest result, and its summary."""
    folder = max(results.iterdir())
    return folder, json.loads((folder / "summary.json").read_text())


def first_of_the_pair(results):
    """The folder of a result of the pair with the quick preset alone, and its summary."""
    for folder in sorted(results.glob("*-disc-chord")):
        summary = json.loads((folder / "summary.json").read_text())
        # What is "auto" has been chosen meanwhile.
        given = {name: value for name, value in SMALL.as_dict().items() if value is not None}
        if summary["settings"] | given == summary["settings"]:
            return folder, summary
    raise LookupError("there is no such result")


def runs():
    return set(temp_root().glob("run-*"))


# First sight


def test_first_sight_is_a_result_to_play(page, url):
    opened(page, url)
    expect(page.get_by_role("heading", name="MOSS")).to_be_visible()
    expect(page.get_by_role("tab", name="Blend")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#moss-uploads")).to_contain_text("stays on this computer")
    expect(page.locator("#moss-setting-gamma")).to_be_hidden()
    assert page.locator(".moss-picture").bounding_box()["y"] < 400
    page.locator(".moss-play").click()
    page.wait_for_function(f"() => ({LEVELS})().some((level) => level > -60)")
    assert points(page) >= 7


@pytest.mark.parametrize("where", ["#moss-track", "#moss-title"])
def test_a_track_dropped_anywhere_replaces_the_one_there_is(page, url, pair, where):
    opened(page, url)
    carried = page.evaluate_handle(
        """(bytes) => {
            const carried = new DataTransfer();
            const file = new File([new Uint8Array(bytes)], "chord.wav", {type: "audio/wav"});
            carried.items.add(file);
            return carried;
        }""",
        list(pair[1].read_bytes()),
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(where, event, {"dataTransfer": carried})
    expect(page.locator("#moss-part")).to_contain_text("of 0:06")


def test_the_track_plays_from_the_part_that_is_chosen(page, url):
    opened(page, url)
    strip = page.locator("#moss-part").bounding_box()
    page.mouse.click(strip["x"] + 0.7 * strip["width"], strip["y"] + 40)
    begin = float(page.get_by_label("Start of the part").input_value())
    assert begin > 10
    expect(page.locator("#moss-track time").first).to_have_text(f"0:{round(begin):02d}")


def test_an_example_is_chosen_by_its_picture(page, url):
    opened(page, url)
    page.locator("#moss-examples button").nth(2).click()
    source = page.locator("#moss-picture img")
    expect(source).to_have_attribute("src", re.compile(PAIRS[2].picture.name))


@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_of_ours_keeps_people_out(page, url, look):
    opened(page, url, f"?__theme={look}")
    for folded in ("Fine tuning", "Share it, or make it again", "Paint what you wish for"):
        page.get_by_text(folded).click()
    # Gradio's own: its player's speed and scrolling waveform, and its field for files.
    assert violations(page, exclude=("#moss-track", "#moss-again")) == []
    page.get_by_role("tab", name="About").click()
    assert violations(page, "#moss-about") == []


def test_settings_are_folded_away_and_explained(page, url):
    opened(page, url)
    page.get_by_role("button", name="Fine tuning").click()
    gamma = page.locator("#moss-setting-gamma")
    expect(gamma).to_contain_text("0.1 to 10")
    gamma.get_by_role("spinbutton").fill("99")
    expect(page.locator("#moss-problem [role=alert]")).to_contain_text('"Gamma" is 99')
    gamma.get_by_role("spinbutton").fill("2")
    expect(page.locator("#moss-problem [role=alert]")).to_have_count(0)
    shoot(page, "fine-tuning-1280-light")


# A run


@pytest.mark.usefixtures("own_films")
def test_a_fresh_pair_becomes_sounds(page, url, pair, results):
    opened(page, url)
    given(page, pair)
    page.evaluate(COUNT_PLOTS)
    before = runs()
    begun(page)
    expect(page.locator("#moss-note")).to_contain_text("Still being made")
    finished(page, NAME)
    assert page.evaluate("window.plots.size") >= 3
    assert points(page) == SMALL.representatives
    assert len(runs() - before) == 1

    with page.expect_download() as download:
        page.locator("#moss-archive").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        sounds = [name for name in archive.namelist() if name.endswith(".wav")]
        assert len(sounds) >= SMALL.representatives + 3
        for name in sounds:
            with archive.open(name) as file:
                samples, rate = soundfile.read(file)
            assert (len(samples), rate) == (SMALL.duration_s * SMALL.sample_rate, 8000)
            assert np.abs(samples).max() > 0.01
    folder, summary = newest(results)
    assert "disc" in folder.name
    assert summary["settings"]["duration_s"] == SMALL.duration_s


def test_the_right_channel_takes_a_picture_of_its_own(page, url, pair, results, tmp_path):
    opened(page, url)
    second = page.locator("#moss-second-picture")
    expect(second).to_be_hidden()
    page.get_by_role("button", name="Fine tuning").click()
    page.locator("#moss-setting-channel").get_by_text("left-right").click()
    expect(second).to_be_visible()
    words = tmp_path / "words.png"
    words.write_text("These are words.")
    second.locator("input[type=file]").set_input_files(words)
    problem = page.locator("#moss-second-picture-problem [role=alert]")
    expect(problem).to_be_visible()
    start(page).click()
    expect(start(page)).to_be_enabled()
    expect(problem).to_be_visible()
    second.get_by_label(re.compile("Clear|Remove")).click()
    second.locator("input[type=file]").set_input_files(pair[0])
    expect(problem).to_be_hidden()
    start(page).click()
    finished(page, "1 · fern + pad")
    folder, summary = newest(results)
    assert summary["settings"]["channel"] == "left-right"
    assert summary["inputs"]["second_picture"]["sha256"] == sha256_of(pair[0])
    sound, _ = soundfile.read(folder / summary["points"][-1]["file"])
    left, right = sound.T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.5  # a fern and a disc
    page.locator("#moss-setting-channel").get_by_text("mid").click()
    expect(second).to_be_hidden()


def test_the_slider_moves_sound_and_picture_without_a_request(blended_page):
    page = blended_page
    page.locator(".moss-play").click()
    page.wait_for_function(f"() => {HANDLE}.loaded >= {SMALL.representatives}")
    page.evaluate(LOAD_PICTURES)
    requests = []
    page.on("request", lambda request: requests.append(request.url))

    def seen():
        return page.evaluate("document.querySelector('.moss-picture').toDataURL()")

    def heard():
        page.wait_for_timeout(1000)  # the analyser averages over what it has heard
        return np.array(page.evaluate(LEVELS))

    page.locator(".moss-place").press("Home")
    music, first = heard(), seen()
    page.locator(".moss-place").press("End")
    eventually(lambda: np.abs(heard() - music).mean() > 6)  # dB; a busy machine averages slowly
    assert seen() != first
    assert requests == []
    page.locator(".moss-play").click()


def test_a_card_plays_its_file(blended_page):
    page = blended_page
    card = page.locator("#moss-cards audio").nth(1)
    card.evaluate("(audio) => audio.play()")
    page.wait_for_function("audio => audio.currentTime > 0.2", arg=card.element_handle())
    assert card.evaluate("(audio) => audio.duration") == pytest.approx(SMALL.duration_s, abs=0.01)


def test_keys_alone_do_it(page, url):
    opened(page, url)
    start(page).focus()
    page.keyboard.press("Enter")
    finished(page, "fern + pad")
    page.locator(".moss-place").focus()
    page.keyboard.press("End")
    last = SMALL.representatives - 1
    expect(page.locator(".moss-point")).to_have_text(f"Point {last} of {last}")
    page.keyboard.press("Space")
    expect(page.locator(".moss-play")).to_have_text("Pause")
    page.keyboard.press("o")
    expect(page.locator(".moss-original")).to_have_attribute("aria-pressed", "true")


@pytest.mark.soak
def test_who_waits_can_stop_and_who_leaves_frees_the_machine(page, browser, url):
    with watched(browser, "Connection errored out|aborted") as other:
        opened(other, url)
        other.get_by_label("High-res").check()
        begun(other)
        opened(page, url)
        start(page).click()
        expect(page.locator("#moss-progress")).to_contain_text("Waiting for a turn")
        steer = page.get_by_role("button", name="More picture")
        expect(steer).to_be_disabled()  # one thing at a time
        page.locator("#moss-stop").click()
        expect(start(page)).to_be_enabled()
        expect(working(page)).to_be_hidden()
        expect(steer).to_be_enabled()
        start(page).click()
        expect(page.locator("#moss-progress")).to_contain_text("1 run before yours")
    finished(page, "1 · fern + pad")


def listen(page):
    """Play the first draft, and wait until it is heard."""
    expect(page.locator(".moss-state")).to_have_text("draft, being refined")
    page.locator(".moss-play").click()
    page.wait_for_function(f"() => ({LEVELS})().some((level) => level > -60)")
    expect(page.locator(".moss-player")).to_have_attribute("data-working", "")


def test_stop_frees_the_machine_and_brings_back_what_was_there(page, url):
    opened(page, url)
    before, point = runs(), page.locator(".moss-point").inner_text()
    page.get_by_label("High-res").check()
    begun(page)
    listen(page)
    page.locator("#moss-stop").click()
    expect(start(page)).to_be_enabled()
    expect(working(page)).to_be_hidden()
    expect(page.locator("#moss-note")).to_contain_text("bundled")
    expect(page.locator(".moss-player[data-working]")).to_have_count(0)
    expect(page.locator(".moss-point")).to_have_text(point)
    expect(page.locator(".moss-play")).to_have_text("Pause")  # and goes on
    eventually(lambda: runs() == before)


@pytest.mark.parametrize("stage", ["search", "sounds"])
def test_stop_and_keep_makes_a_result_of_what_is_there(page, url, pair, results, stage):
    opened(page, url)
    given(page, pair)
    if stage == "search":
        page.get_by_label("High-res").check()
    else:
        page.get_by_role("button", name="Fine tuning").click()
        page.locator("#moss-setting-effort input[type=number]").fill("20")
    begun(page)
    keep = page.locator("#moss-keep")
    expect(keep).to_be_enabled()
    listen(page)
    if stage == "sounds":
        expect(page.locator("#moss-progress")).to_contain_text("Making the sounds")
    keep.click()
    expect(keep).to_have_text("Keeping what is there")
    finished(page, NAME)
    expect(page.locator(".moss-play")).to_have_text("Pause")  # of the same run
    _, summary = newest(results)
    asked = {"search": ENDLESS.audio_weights, "sounds": SMALL.audio_weights}
    assert summary["settings"]["audio_weights"] == asked[stage]
    assert points(page) == len(summary["points"]) >= 3


# Going on


def test_more_picture_adds_points_and_the_way_back_stays(blended_page, results):
    page = blended_page
    page.locator(".moss-place").press("Home")
    before = points(page)
    page.get_by_role("button", name="More picture").click()
    finished(page, "more picture")
    assert points(page) > before
    _, summary = newest(results)
    assert summary["steered"]["toward"] == "picture"
    new = summary["steered"]["new"]
    expect(page.locator(".moss-point")).to_have_text(re.compile(r"^Point \d+ of \d+, new$"))
    expect(page.locator("#moss-cards b").get_by_text("New")).to_have_count(len(new))
    go_back(page)
    expect(page.locator("#moss-cards audio")).to_have_count(before)


def test_the_end_of_the_front_is_told_beside_the_player(page, url):
    opened(page, url)
    page.locator(".moss-place").press("End")
    last = page.locator(".moss-stops i").count() - 1
    expect(page.locator(".moss-point")).to_have_text(f"Point {last} of {last}")
    page.get_by_role("button", name="More picture").click()
    expect(page.locator("#moss-onward-problem [role=alert]")).to_contain_text("already the end")
    expect(working(page)).to_be_hidden()
    expect(page.get_by_role("button", name="More picture")).to_be_enabled()


@pytest.mark.soak
def test_a_weight_is_found(blended_page, results):
    page = blended_page
    page.locator(".moss-steer select").select_option("80")
    page.get_by_role("button", name="Find it").click()
    finished(page, "80 % music")
    _, summary = newest(results)
    assert summary["steered"]["music"] == 0.8


@pytest.mark.soak
def test_the_next_run_obeys_the_brush(blended_page, results):
    page = blended_page
    page.get_by_text("Paint what you wish for").click()
    page.get_by_role("button", name="Keep the music here").click()
    box = page.locator(".moss-picture").bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    for y in (0.5, 0.6, 0.7, 0.8):
        for x in (0.1, 0.4):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Fine tuning").click()
    wishes = page.locator("#moss-setting-wishes textarea")
    expect(wishes).to_have_value(re.compile("^music "))
    expect(page.locator("#moss-wished")).to_contain_text("will be obeyed")
    start(page).click()
    expect(page.locator("#moss-note")).not_to_contain_text(f"1 · {NAME}")
    finished(page, NAME)
    folder, summary = newest(results)
    assert summary["settings"]["wishes"] == wishes.input_value()
    masks = np.load(folder / "results.npy")["mask"]
    basis = MaskBasis((257, 188), masks.shape[1:], SMALL.smoothing_sigma)
    rows, frames = slice(60, 110), slice(25, 70)  # well inside what was painted
    for mask in masks:
        whole = basis.mask(torch.from_numpy(mask).float() / 255)
        assert whole[rows, frames].max() <= 0.02
    assert basis.mask(torch.from_numpy(masks[-1]).float() / 255).max() > 0.9


# Sharing


def test_a_link_opens_with_its_settings(page, url):
    opened(page, url)
    page.get_by_role("button", name="Fine tuning").click()
    page.locator("#moss-setting-gamma input").fill("1.5")
    page.get_by_role("button", name="Share it, or make it again").click()
    page.locator("#moss-link-make").click()
    link = page.locator("#moss-link").get_by_role("textbox")
    expect(link).to_have_value(re.compile(r"gamma=1\.5"))
    query = link.input_value().removeprefix(url).lstrip("/")
    opened(page, url + "/", query)
    page.get_by_role("button", name="Fine tuning").click()
    expect(page.locator("#moss-setting-gamma input")).to_have_value("1.5")


@pytest.mark.soak
@pytest.mark.usefixtures("visit")
def test_a_dropped_summary_makes_the_run_again(page, url, pair, results):
    folder, summary = first_of_the_pair(results)
    opened(page, url)
    page.get_by_role("button", name="Share it, or make it again").click()
    page.locator("#moss-again input[type=file]").set_input_files(folder / "summary.json")
    expect(page.locator("#moss-again-said")).to_contain_text("the picture disc.png and the track")
    given(page, pair)
    start(page).click()
    finished(page, NAME)
    again, told = newest(results)
    assert again != folder
    assert told["settings"] == summary["settings"]
    for point in told["points"]:
        assert (again / point["file"]).read_bytes() == (folder / point["file"]).read_bytes()


# What goes wrong


@pytest.mark.console_errors("Waveform load error")  # Gradio's own, of a track that is none
@pytest.mark.parametrize("well", ["picture", "track"])
def test_a_bad_file_is_told_beside_its_well(page, url, tmp_path, well):
    opened(page, url)
    bad = tmp_path / ("words.png" if well == "picture" else "words.wav")
    bad.write_text("These are words.")
    put(page, well, bad)
    problem = page.locator(f"#moss-{well}-problem [role=alert]")
    expect(problem).to_contain_text(bad.name)
    start(page).click()
    expect(working(page)).to_be_hidden()
    expect(problem).to_contain_text(bad.name)
    other = {"picture": "#moss-track .waveform-container", "track": "#moss-picture img"}[well]
    expect(page.locator(other).first).to_be_attached()
    expect(page.locator("#moss-note")).to_contain_text("bundled")


@pytest.mark.soak
def test_names_of_files_are_text(page, url, pair, tmp_path):
    opened(page, url)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    evil = "<img src=x onerror=alert(1)>"
    summary = json.loads((FIRST / "summary.json").read_text())
    summary["inputs"]["picture"] = {"path": f"{evil} ${{alert(2)}} {{{{{{value}}}}}}", "sha256": ""}
    summary["settings"] = SMALL.as_dict()
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    page.get_by_role("button", name="Share it, or make it again").click()
    page.locator("#moss-again input[type=file]").set_input_files(tmp_path / "summary.json")
    expect(page.locator("#moss-again-said")).to_contain_text(f"the picture {evil} ${{alert(2)}}")
    put(page, "picture", shutil.copy(pair[0], tmp_path / f"{evil}.png"))
    start(page).click()
    finished(page, "alert(1)")
    page.get_by_label("Results of this visit").click()
    expect(page.get_by_role("option", name="alert(1)")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


EVIL = "<img src=x onerror=alert(1)>{{{value}}}${alert(2)}"


def test_settings_of_a_link_are_text(page, url):
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    opened(page, url, "?" + urlencode({"gamma": EVIL}))
    expect(page.locator("#moss-problem [role=alert]")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_settings_of_a_summary_and_a_name_in_a_sentence_are_text(page, url, tmp_path):
    opened(page, url)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    summary = json.loads((FIRST / "summary.json").read_text())
    summary["settings"] = SMALL.as_dict() | {EVIL: 1}
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    page.get_by_role("button", name="Share it, or make it again").click()
    page.locator("#moss-again input[type=file]").set_input_files(tmp_path / "summary.json")
    expect(page.locator("#moss-again-said [role=alert]")).to_contain_text("<img src=x")
    words = tmp_path / "<img src=x onerror=alert(1)>.png"
    words.write_text("These are words.")
    put(page, "picture", words)
    expect(page.locator("#moss-picture-problem [role=alert]")).to_contain_text("alert(1)")
    assert page.locator("img[src=x]").count() == 0


# On a phone


def test_on_a_phone_it_fits_and_the_slider_is_there(phone, url):
    opened(phone, url)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    slider = phone.locator(".moss-place").bounding_box()
    assert slider["width"] > 250
    assert slider["height"] >= 40
