"""A run that is played while it is made: drafts, refined sounds, files, and nothing jumps."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import soundfile
from PIL import Image
from playwright.sync_api import expect

from moss.render.front_axes import PURE_MUSIC, PURE_PICTURE, loss_axes
from moss.ui.components.player.player import Player
from moss.ui.host.files import temp_root, url_of
from tests.ui.browser.axe import violations
from tests.ui.browser.player.helpers import (
    HANDLE,
    PIXELS,
    RECORD,
    VOLUME_DB,
    decibels,
    left,
    opened,
    recorded,
)
from tests.ui.browser.serving import served

RATE, DURATION_S = 22050, 3.0
FRAMES = int(RATE * DURATION_S)
DESIGNED = [[0.9, 0.05], [0.6, 0.4], [0.2, 0.9]]
STATES = ("draft", "refined", "final")
BLOCK = RATE // 50  # 20 ms
# The player softens both ends of a loop within 3 ms.
SEAM = np.clip(np.minimum(np.arange(FRAMES), np.arange(FRAMES)[::-1]) / round(0.003 * RATE), 0, 1)
TOLERANCE_DB = 1.0
GAP_DB = -40.0


def sound(seed, earlier=None, likeness=0.0):
    """A tone in noise; of an `earlier` version it keeps as much as the correlation says."""
    random = np.random.default_rng(seed)
    tone = np.sin(2 * np.pi * random.integers(200, 2000) * np.arange(FRAMES) / RATE)
    new = 0.3 * tone + random.standard_normal(FRAMES)
    if earlier is not None:
        new = likeness * earlier / earlier.std() + np.sqrt(1 - likeness**2) * new / new.std()
    return 0.1 * new / new.std()


@pytest.fixture(scope="module")
def made():
    """The sounds by state; refined ones are much like the drafts, files are quite different."""
    drafts = [sound(k) for k in range(3)]
    refined = [sound(10 + k, draft, 0.9) for k, draft in enumerate(drafts)]
    return {"draft": drafts, "refined": refined, "final": [sound(20 + k) for k in range(3)]}


@pytest.fixture(scope="module")
def folder(made):
    folder = Path(tempfile.mkdtemp(prefix="versions-", dir=temp_root()))
    for i, (state, sounds) in enumerate(made.items()):
        (folder / state).mkdir()
        for k, samples in enumerate(sounds):
            soundfile.write(folder / state / f"{k}.wav", samples, RATE)
            colour = (80 * (i + 1), 40 * (k + 1), 90)
            Image.new("RGB", (64, 36), colour).save(folder / state / f"{k}.png")
    soundfile.write(folder / "original.wav", sound(99), RATE)
    return folder


def value_of(folder, state, **changes):
    """What a player is told of a run whose points have all come to `state`."""
    points = [
        {
            "file": f"front/{k:02d}.wav" if state == "final" else None,
            "sound": url_of(folder / state / f"{k}.wav"),
            "image": url_of(folder / state / f"{k}.png"),
            "designed": DESIGNED[k],
            # The picture's end has not been measured yet.
            "replayed": None if (state, k) == ("draft", 2) else DESIGNED[k],
            "log": None if (state, k) == ("draft", 2) else 0.5,
            "state": state,
        }
        for k in range(3)
    ]
    visual, audio = loss_axes(np.array(DESIGNED))
    is_final = state == "final"
    value = {
        "run": "one",
        "working": not is_final,
        "points": points,
        "original": url_of(folder / "original.wav"),
        "front": DESIGNED if is_final else [],
        "seeds": [],
        "chosen": {"balanced": 1} if is_final else {},
        "new": [],
        "at": 1,
        "axes": {
            "visual": asdict(visual),
            "audio": asdict(audio),
            "names": {"music": PURE_MUSIC, "picture": PURE_PICTURE},
        },
        "heard": True,
        "duration_s": DURATION_S,
        "sample_rate": RATE,
        "sound_rate": RATE,
        "wishes": "",
        "plot": [0, 0, 1, 1],
    }
    return json.dumps(value | changes)


@pytest.fixture(scope="module")
def url(folder):
    draft, refined, final = (value_of(folder, state) for state in STATES)
    points = json.loads(final)["points"]
    music = {"sound": url_of(folder / "original.wav"), "state": "final", "replayed": None}
    drafts = json.loads(draft)["points"]
    alone, last = [point | music for point in drafts], drafts[2]
    values = {
        "Begun": value_of(folder, "draft", at=0, points=[alone[0] | {"designed": None}]),
        "Placed": value_of(folder, "draft", at=0, points=[*alone[:2], last]),
        "Refined": refined,
        "Final": final,
        "Elsewhere": value_of(folder, "refined", at=0),
        "More": value_of(folder, "final", points=[points[k] for k in (0, 0, 1, 1, 2)]),
        "Another": value_of(folder, "refined", run="two"),
        "Longer": value_of(folder, "refined", duration_s=4.0),
    }
    with gr.Blocks(title="Player", analytics_enabled=False) as blocks:
        player = Player(draft)
        for name, value in values.items():
            gr.Button(name).click(lambda value=value: value, None, player)
    with served(blocks) as url:
        yield url


@pytest.fixture
def player(page, url):
    return opened(page, url)


def play(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"() => {HANDLE}.loaded === 4")


def come(page, name):
    """Let a later value come, and wait until its sounds are there and have been heard a while."""
    page.get_by_role("button", name=name, exact=True).click()
    urls = [f"{name.lower()}/{k}.wav" for k in range(3)]
    page.wait_for_function(
        "urls => urls.every((url) => performance.getEntriesByType('resource')"
        ".some((entry) => entry.name.endsWith(url) && entry.responseEnd))",
        arg=urls,
    )
    page.wait_for_timeout(1200)


def levels(samples):
    whole = len(samples) // BLOCK * BLOCK
    return decibels(np.sqrt((samples[:whole].reshape(-1, BLOCK) ** 2).mean(1)))


def test_what_is_heard_is_refined_without_a_gap_or_a_jump(player, made):
    play(player)
    player.evaluate(RECORD)
    player.wait_for_timeout(1500)
    context = player.evaluate_handle(f"{HANDLE}.context")
    for name in ("Refined", "Final"):
        come(player, name)
    # The recorder may begin a moment before it is connected.
    recording = recorded(player, 0.0)[RATE // 10 :]
    assert player.evaluate(f"old => {HANDLE}.context === old", context)
    expect(player.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    assert player.evaluate(f"{HANDLE}.loaded") == 4  # earlier versions are forgotten

    # Each version as it would be, had nothing else been played since the recording began.
    draft = made["draft"][1]
    spectrum = np.fft.rfft(recording[:RATE], FRAMES)
    lag = int(np.fft.irfft(np.fft.rfft(draft) * np.conj(spectrum), FRAMES).argmax())
    gain = 10 ** (VOLUME_DB / 20)
    versions = [
        gain * np.resize(np.roll(SEAM * made[state][1], -lag), len(recording)) for state in STATES
    ]
    parts = [slice(i, i + RATE // 2) for i in range(0, len(recording) - RATE // 2, RATE // 10)]
    best = [
        int(np.argmin([left(recording[part], version[part]) for version in versions]))
        for part in parts
    ]
    assert best == sorted(best)  # one after another, and all on one clock
    for i, version in enumerate(versions):
        assert min(left(recording[part], version[part]) for part in parts) < 1e-3, i

    heard = levels(recording)
    mean = decibels(np.sqrt((recording**2).mean()))
    assert heard.min() > mean + GAP_DB
    expected = np.stack([levels(version) for version in versions])
    assert (heard - expected.max(0)).max() < TOLERANCE_DB
    assert (expected.min(0) - heard).max() < TOLERANCE_DB


def test_a_person_finds_all_as_it_was_left(player):
    play(player)
    player.get_by_label("From music to picture").press("End")
    player.wait_for_function(f"() => {HANDLE}.position === 2")
    player.get_by_role("button", name="Original").click()
    player.get_by_label("Volume").fill("-20")
    player.get_by_text("Paint what you wish for").click()
    player.get_by_role("button", name="Keep the music here").click()
    box = player.locator(".moss-marks").bounding_box()
    player.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    marks = "() => document.querySelector('.moss-marks').toDataURL()"
    player.mouse.move(0, 0)
    painted = player.evaluate(marks)
    undo = player.get_by_role("button", name="Undo")
    expect(undo).to_be_enabled()
    for name in ("Refined", "Final"):
        come(player, name)
        assert player.evaluate(f"{HANDLE}.position") == 2
        assert player.evaluate(marks) == painted
        expect(undo).to_be_enabled()
        expect(player.get_by_role("button", name="Original")).to_have_attribute(
            "aria-pressed", "true"
        )
        expect(player.get_by_label("Volume")).to_have_value("-20")
        expect(player.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_a_picture_is_seen_until_the_next_one_has_loaded(page, url):
    held = []
    page.route("**/refined/1.png", lambda route: held.append(route))
    opened(page, url)
    page.wait_for_timeout(500)
    before = page.evaluate(PIXELS)
    page.get_by_role("button", name="Refined").click()
    page.wait_for_timeout(800)
    assert len(held) == 1
    assert page.evaluate(PIXELS) == before
    held[0].continue_()
    page.wait_for_function(f"before => ({PIXELS})() !== before", arg=before)
    middle = """() => {
        const canvas = document.querySelector('.moss-picture');
        const { data } = canvas.getContext('2d').getImageData(canvas.width / 2, 5, 1, 1);
        return Array.from(data);
    }"""
    assert page.evaluate(middle) == [160, 80, 90, 255]


def test_the_place_is_as_far_on_the_way_where_the_points_are_more(player):
    player.get_by_label("From music to picture").press("End")
    expect(player.locator(".moss-point")).to_have_text("Point 2 of 2")
    player.get_by_role("button", name="More", exact=True).click()
    expect(player.locator(".moss-point")).to_have_text("Point 4 of 4")
    assert player.evaluate(f"{HANDLE}.position") == 4
    assert player.locator(".moss-stops i").count() == 5


def test_who_has_not_moved_or_played_anything_is_led_to_where_it_opens(player):
    player.get_by_role("button", name="Elsewhere").click()
    expect(player.locator(".moss-point")).to_have_text("Point 0 of 2")
    player.get_by_label("From music to picture").press("End")
    expect(player.locator(".moss-point")).to_have_text("Point 2 of 2")
    player.get_by_role("button", name="Final").click()
    expect(player.get_by_role("button", name="Balanced")).to_be_visible()
    assert player.evaluate(f"{HANDLE}.position") == 2


def test_who_listens_to_the_music_is_led_to_the_first_draft(player):
    player.get_by_role("button", name="Begun").click()
    expect(player.locator(".moss-point")).to_have_text("The music")
    assert player.locator(".moss-front .file").count() == 0
    expect(player.get_by_text("sounds so far")).to_be_hidden()
    player.get_by_role("button", name="Play", exact=True).click()
    player.get_by_role("button", name="Placed").click()
    expect(player.locator(".moss-point")).to_have_text("Point 0 of 2")
    player.get_by_role("button", name="Refined").click()
    expect(player.locator(".moss-point")).to_have_text("Point 1 of 2")
    player.get_by_role("button", name="Elsewhere").click()  # and from there on is left alone
    player.get_by_role("button", name="Final").click()
    expect(player.get_by_text("replayed files")).to_be_visible()
    expect(player.locator(".moss-point")).to_have_text("Point 1 of 2")


@pytest.mark.parametrize("name", ["Another", "Longer"])
def test_another_run_or_length_is_shown_afresh(player, name):
    play(player)
    player.get_by_label("From music to picture").press("End")
    player.wait_for_function(f"() => {HANDLE}.position === 2")
    old = player.evaluate_handle(f"{HANDLE}.context")
    player.get_by_role("button", name=name).click()
    player.wait_for_function(f"old => {HANDLE}.context && {HANDLE}.context !== old", arg=old)
    assert old.evaluate("context => context.state") == "closed"
    assert player.evaluate(f"{HANDLE}.position") == 1


def test_a_draft_is_called_so_and_offers_neither_a_file_nor_a_search(player):
    state = player.locator(".moss-state")
    download = player.get_by_text("Download this sound")
    place = player.get_by_label("From music to picture")
    steering = player.locator(".moss-steer").get_by_role("button").all()
    expect(state).to_have_text("draft, being refined")
    expect(download).to_be_hidden()
    place.press("End")
    expect(place).to_have_attribute("aria-valuetext", "Point 2 of 2, a draft, not measured yet")
    cells = player.locator("tbody td").all_inner_texts()
    assert cells == ["0.20", "–", "90 %", "–", "", "–"]
    for button in steering:
        expect(button).to_be_disabled()
    assert violations(player, ".moss-player") == []
    top = "() => document.querySelector('.moss-download').offsetTop"
    download_top = player.evaluate(top)
    player.get_by_role("button", name="Refined").click()
    expect(state).to_have_text("")
    expect(download).to_be_hidden()
    player.get_by_role("button", name="Final").click()
    expect(download).to_be_visible()
    assert player.evaluate(top) == download_top  # nothing has moved
    expect(download).to_have_attribute("download", "moss-02.wav")
    for button in steering:
        expect(button).to_be_enabled()
