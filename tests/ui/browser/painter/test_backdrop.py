"""A track behind the painting: its tones stand where they would be painted."""

from io import BytesIO

import gradio as gr
import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from moss.ui.host.files import temp_root
from moss.ui.host.room import Room
from moss.ui.host.run import Host
from moss.ui.tabs.paint import PaintTab
from tests.ui.browser.painter.roll import blank, canvas, opened, press, row_of, same
from tests.ui.browser.screenshots import shoot
from tests.ui.browser.serving import served

RATE, HZ, BEGIN_S, END_S = 44_100, 440, 1.0, 3.0
# The light of the canvas where only the backdrop can be, in the middle of every column of the
# painting, which is `wide` on the screen.
LIGHT = """async (canvas, wide) => {
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return Array.from({ length: height }, (_, y) => Array.from(
        { length: Math.floor(width / wide) },
        (_, column) => {
            const at = 4 * (y * width + column * wide + (wide >> 1));
            return data[at] * data[at + 3];
        }));
}"""


@pytest.fixture(scope="module")
def host():
    return Host(lambda *_: iter(()), "cpu", None, Room(temp_root()))


@pytest.fixture(scope="module")
def url(host):
    with gr.Blocks(title="Paint", analytics_enabled=False) as blocks:
        PaintTab(host)
    with served(blocks) as url:
        yield url


@pytest.fixture
def roll(page, url):
    return opened(page, url)


def wav(samples):
    file = BytesIO()
    soundfile.write(file, samples, RATE, "PCM_16", format="WAV")
    return file.getvalue()


def behind(page, name, content, kind="audio/wav"):
    file = {"name": name, "mimeType": kind, "buffer": content}
    page.locator(".backdrop-file").set_input_files(file)


def tone():
    time = np.arange(round(END_S * RATE)) / RATE
    return 0.5 * np.sin(2 * np.pi * HZ * time) * (time >= BEGIN_S)


def light(page):
    """Return the light of the canvas, a pixel for each cell that is seen, no brush over it."""
    page.mouse.move(1, 1)
    wide = int(canvas(page).get_attribute("data-column-px"))
    seen = np.array(canvas(page).evaluate(LIGHT, wide), float)
    assert len(seen) == 421
    return seen


def test_a_tones_track_stands_at_its_row_and_time_and_nothing_is_painted(roll, host):
    bare = light(roll)
    behind(roll, "tone.wav", wav(tone()))
    expect(roll.get_by_role("button", name="Remove backdrop")).to_be_visible()
    seen = light(roll) - bare
    amid, before, after = (int(s * RATE / 1024) for s in (2.0, 0.5, 3.5))
    assert abs(int(seen[:, amid].argmax()) - row_of(HZ)) <= 1
    row = row_of(HZ)
    assert seen[row, amid] > 10 * max(seen[row, before], seen[row, after], 1)
    shoot(roll, "paint-track-behind")
    expect(roll.locator(".moss-paint .length")).to_have_text("Nothing is painted yet")
    same(roll, blank())
    assert host.room.holders
    press(roll, "Remove backdrop")
    np.testing.assert_array_equal(light(roll), bare)


def test_what_is_no_track_is_refused_in_a_sentence_each_time(roll):
    problem = roll.locator(".moss-problem")
    for _ in range(2):
        behind(roll, "words.wav", b"words")
        expect(problem).to_be_visible()
        expect(problem).to_have_attribute("role", "alert")
        expect(problem).to_contain_text("words.wav")
        assert problem.text_content().endswith(".")
        expect(roll.get_by_role("button", name="Backdrop", exact=True)).to_be_visible()
    behind(roll, "silence.wav", wav(np.zeros(RATE)))
    expect(problem).to_contain_text("silence.wav is silent")
    behind(roll, "tone.wav", wav(tone()))
    expect(roll.get_by_role("button", name="Remove backdrop")).to_be_visible()
    expect(problem).to_be_hidden()
