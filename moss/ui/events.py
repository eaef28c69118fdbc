"""What the page's components and the handlers of their events share."""

from typing import Any

import gradio as gr
from gradio.blocks import Block

# What a setting has on the page.
Control = gr.Checkbox | gr.Number | gr.Radio | gr.Textbox

# What a handler returns: the new value or the `gr.update` of each component that it changes.
Updates = dict[Block, Any]

# Options of private handlers. The page itself says how far a run is, so gradio draws no spinner.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
