"""A page with nothing but the player of a small run, made by the engine itself."""

import json
import tempfile
from pathlib import Path

import gradio as gr
import pytest

from moss.results.run import Run
from moss.settings.presets import blend_settings
from moss.ui.bundled import PAIRS
from moss.ui.components.player.player import Player, player_value
from moss.ui.host.files import temp_root
from moss.usecases.blend import blend
from tests.ui.browser.player.helpers import SMALL, WISHES, opened
from tests.ui.browser.serving import served


@pytest.fixture(scope="package")
def run():
    """A finished run among the files that are served."""
    folder = Path(tempfile.mkdtemp(prefix="player-", dir=temp_root())) / "moss"
    pair, settings = PAIRS[0], blend_settings("quick", **SMALL)
    items = list(blend(pair.picture, pair.track, folder, settings))
    assert isinstance(items[-1], Run)
    return items[-1]


@pytest.fixture(scope="package")
def value(run):
    return player_value(run.folder, run.summary)


@pytest.fixture(scope="package")
def url(value):
    wished = json.dumps(json.loads(value) | {"wishes": WISHES})
    long = json.dumps(json.loads(value) | {"duration_s": 600.0})  # two are beyond the budget
    with gr.Blocks(title="Player", analytics_enabled=False) as blocks:
        player = Player(value)
        asked = gr.Textbox(label="Asked")
        gr.Textbox(label="Field", interactive=True)
        gr.Button("Wished").click(lambda: wished, None, player)
        gr.Button("Long").click(lambda: long, None, player)
        gr.Button("Nothing").click(str, None, player)
        gr.Button("Busy").click(lambda: gr.update(busy=True), None, player)
        gr.Button("Free").click(lambda: gr.update(busy=False), None, player)
        gr.HTML("<audio id='other' controls></audio>")

        def ask(event: gr.EventData):
            return json.dumps(event._data)

        player.steer(ask, None, asked)
        player.wish(ask, None, asked)
    with served(blocks) as url:
        yield url


@pytest.fixture
def player(page, url):
    return opened(page, url)
