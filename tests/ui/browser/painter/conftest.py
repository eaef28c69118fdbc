"""A page with a painter on it and nothing else but what it tells Python."""

import json

import gradio as gr
import pytest

from moss.ui.components.painter.painter import Painter, painter_value
from tests.ui.browser.serving import served


@pytest.fixture(scope="module")
def url():
    with gr.Blocks(title="Painter", analytics_enabled=False) as blocks:
        painter = Painter(elem_id="painter")
        told = gr.Textbox(label="Told", elem_id="told")
        gr.Button("Elsewhere")

        def refuse(asked: gr.EventData):
            return painter_value(asked=asked.asked, problem="This sound is refused.")

        def take(asked: gr.EventData):
            return json.dumps(asked._data)

        painter.play(refuse, None, painter)
        painter.blend(take, None, told)
    with served(blocks) as url:
        yield url
