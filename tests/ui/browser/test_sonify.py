"""The Sonify tab as a visitor has it, in a real browser, with every kind of source."""

import json
import re

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from moss.ui.host.files import temp_root
from tests.media.films import bar, filmed
from tests.ui.browser.axe import violations
from tests.ui.browser.screenshots import shoot
from tests.waiting import eventually

AT = "document.querySelector('.moss-sound .playhead').style.getPropertyValue('--at')"


@pytest.fixture(scope="module")
def url(whole_page):
    return whole_page


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What goes into each well."""
    folder = tmp_path_factory.mktemp("files")
    for k in (10, 9):
        picture = Image.new("L", (320, 200))
        ImageDraw.Draw(picture).ellipse((10 * k, 30, 200 + 10 * k, 170), fill=255)
        picture.save(folder / f"disc{k}.png")
    np.save(folder / "steps.npy", np.tri(120, 160))
    return {
        "picture": folder / "disc9.png",
        "slideshow": [folder / "disc10.png", folder / "disc9.png"],
        "video": filmed(folder / "falls.mp4", bar(50, 240, 320, 24), 25),
        "array": folder / "steps.npy",
    }


def opened(page, url, kind="picture"):
    page.goto(url)
    page.wait_for_selector(".moss-player[data-drawn]")
    page.get_by_role("tab", name="Sonify").click()
    page.get_by_role("tab", name=kind.capitalize(), exact=True).click()
    expect(start(page, kind)).to_be_enabled()


def start(page, kind):
    return page.locator(f"#moss-sonify-{kind}-start")


def put(page, kind, paths):
    well = page.locator(f"#moss-sonify-{kind}")
    if kind == "picture":  # the example's is there
        well.get_by_label("Remove").click()
    well.locator("input[type=file]").first.set_input_files(paths)
    ready = {"picture": "img", "video": "video", "slideshow": "tr >> nth=1", "array": "tr"}
    well.locator(ready[kind]).first.wait_for()


def small(page, kind, duration_s=1):
    """Ask for a short sound."""
    if kind != "video":
        page.locator(f"#moss-{kind}-duration-s input").fill(str(duration_s))


def finished(page, name):
    expect(page.locator("#moss-sound figcaption")).to_contain_text(name)
    expect(page.locator("#moss-sonify-working")).to_be_hidden()


def newest(results):
    folder = max(results.iterdir())
    return folder, json.loads((folder / "summary.json").read_text())


@pytest.mark.parametrize(
    ("kind", "name", "duration_s"),
    [
        ("picture", "disc9", 1),
        ("slideshow", "2 pictures", 2.5),
        ("video", "falls", 2),
        ("array", "steps", 1),
    ],
)
def test_every_source_becomes_a_sound_to_play_and_take_home(
    page, url, files, results, kind, name, duration_s
):
    opened(page, url, kind)
    put(page, kind, files[kind])
    small(page, kind)
    if kind == "slideshow":
        page.locator("#moss-slideshow-gap-s input").fill("0.5")
    start(page, kind).click()
    expect(page.locator(".moss-designed-sound img")).to_be_visible()
    finished(page, f"1 · {name}")
    folder, summary = newest(results)
    assert summary["duration_s"] == pytest.approx(duration_s, abs=512 / 44_100)
    if kind == "slideshow":  # by their names, whatever the order they came in
        assert [each["path"].rsplit("/")[-1] for each in summary["inputs"]] == [
            "disc9.png",
            "disc10.png",
        ]
    with page.expect_download() as download:
        page.get_by_role("link", name="Sound (WAV)").click()
    assert download.value.path().read_bytes() == (folder / "sound.wav").read_bytes()
    samples, rate = soundfile.read(folder / "sound.wav")
    assert len(samples) / rate == summary["duration_s"] and np.abs(samples).max() > 0.01
    shoot(page, f"sonify-{kind}-1280")


def test_the_playhead_follows_the_sound_and_a_press_moves_both(page, url):
    opened(page, url)
    audio = page.locator(".moss-sound audio")
    eventually(lambda: audio.evaluate("audio => audio.duration > 0"))
    plot = page.locator(".moss-sound .plot")
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.wait_for_function(f"Math.abs({AT} - 0.25) < 0.01")
    assert audio.evaluate("audio => audio.currentTime / audio.duration") == pytest.approx(
        0.25, abs=0.01
    )
    audio.evaluate("audio => audio.play()")
    page.wait_for_function(f"{AT} > 0.3")


def test_the_sound_is_seen_as_it_plays(page, url):
    opened(page, url)
    page.get_by_role("button", name="See it: The bundled sound").click()
    live = page.locator(".moss-live.drawer")
    expect(live).to_have_attribute("data-state", "running")
    expect(live.locator("[data-high-hz]").or_(live)).to_have_attribute("data-high-hz", "22050")
    assert not page.locator(".moss-sound audio").evaluate("audio => audio.paused")


def test_an_example_is_chosen_by_its_picture(page, url, results):
    opened(page, url)
    page.locator("#moss-sonify-examples button").first.click()
    small(page, "picture")
    expect(page.locator("#moss-sonify-picture img")).to_have_attribute(
        "src", re.compile(r"fern\.jpg$")
    )
    start(page, "picture").click()
    finished(page, "1 · fern")


def test_presets_and_settings_reach_the_sound(page, url, files, results):
    opened(page, url)
    put(page, "picture", files["picture"])
    small(page, "picture")
    page.get_by_label("Artivi").check()
    page.locator("#moss-sonify-tuning").get_by_role("button", name="Fine tuning").click()
    expect(page.locator("#moss-sonify-setting-rows input")).to_have_value("360")
    page.locator("#moss-sonify-setting-range-nats input").fill("9")
    start(page, "picture").click()
    finished(page, "1 · disc9")
    settings = newest(results)[1]["settings"]
    assert (settings["rows"], settings["n_fft"], settings["hop_length"]) == (360, 718, 64)
    assert settings["range_nats"] == 9


def test_the_way_back_to_an_earlier_sound_stays(page, url, files):
    opened(page, url)
    put(page, "picture", files["picture"])
    small(page, "picture")
    start(page, "picture").click()
    finished(page, "1 · disc9")
    page.locator("#moss-sounds-visit input").click()
    page.get_by_role("option", name="The bundled sound").click()
    finished(page, "The bundled sound")


def test_stop_drops_the_sound_and_keeps_what_was_there(page, url):
    opened(page, url)
    before = set(temp_root().glob("run-*"))
    small(page, "picture", 300)
    start(page, "picture").click()
    expect(page.locator(".moss-designed-sound img")).to_be_visible()
    page.locator("#moss-sonify-stop").click()
    expect(page.locator("#moss-sonify-working")).to_be_hidden()
    expect(start(page, "picture")).to_be_enabled()
    finished(page, "The bundled sound")
    eventually(lambda: set(temp_root().glob("run-*")) == before)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("slideshow", "There is no picture yet"),
        ("video", "There is no video yet"),
        ("array", "words.npy is not an .npy file"),
    ],
)
def test_what_cannot_be_used_is_told_in_its_tab(page, url, tmp_path, kind, sentence):
    opened(page, url, kind)
    if kind == "array":
        (tmp_path / "words.npy").write_text("These are words.")
        put(page, kind, tmp_path / "words.npy")
    start(page, kind).click()
    expect(page.locator(f"#moss-{kind}-problem [role=alert]")).to_contain_text(sentence)
    finished(page, "The bundled sound")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_of_ours_keeps_people_out(page, url, look):
    page.goto(f"{url}?__theme={look}")
    page.get_by_role("tab", name="Sonify").click()
    page.locator(".moss-sound audio").wait_for()
    assert violations(page, ".moss-sound") == []


def test_on_a_phone_it_fits(phone, url, files):
    opened(phone, url)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    put(phone, "picture", files["picture"])
    small(phone, "picture")
    start(phone, "picture").tap()
    finished(phone, "1 · disc9")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(phone, "sonify-390")
