"""The About tab: how MOSS works, in pictures, for a person who knows no signal processing."""

from pathlib import Path
from string import Template

import gradio as gr

PICTURES = Path(__file__).resolve().parent / "pictures"  # made by docs/make_about.py


def build_about() -> None:
    """Build the tab's content where it is called; the folder PICTURES must be served."""
    words = Template((PICTURES.parent / "about.html").read_text(encoding="utf-8"))
    gr.HTML(words.substitute(at=f"gradio_api/file={PICTURES}"), elem_id="moss-about", padding=False)
