"""The page: its tabs, its look, and how it is served."""

from collections.abc import Mapping
from pathlib import Path

import gradio as gr

from moss.config import BlendSettings, blend_settings
from moss.ui.about import PICTURES, about
from moss.ui.blend_tab import BlendTab
from moss.ui.examples import FILES
from moss.ui.result import RESULT_LIFE_S
from moss.ui.result_panel import FIRST
from moss.ui.run import RESULTS, Search
from moss.ui.theme import THEME

ASSETS = Path(__file__).parent / "assets"
MAX_UPLOAD_BYTES = 256 * 2**20
MAX_WAITING = 20
SWEEP_S = 600

PRESETS = ("quick", "high-res", "notebook")
WORDS = """# MOSS
Blend a picture into a piece of music: it appears in the sound's spectrogram, and you choose how
much of the music stays. [Blend your own](#moss-inputs)
"""


def build(
    *,
    search: Search,
    presets: Mapping[str, BlendSettings] | None = None,
    results: Path | None = RESULTS,
) -> gr.Blocks:
    """Return the page.

    `search` is the heavy part of a run, as `moss.pipeline.blend` takes it. `presets` are the
    settings by name, the first one chosen; those of `moss.config`, quick first, unless given.
    Copies of results stay in the folder `results`. With None nothing stays: what is two hours
    old is deleted.
    """
    presets = presets or {name: blend_settings(name) for name in PRESETS}
    gr.set_static_paths([*sorted(FILES), FIRST, PICTURES])  # served from there, and never swept
    sweep = (SWEEP_S, RESULT_LIFE_S) if results is None else None
    with gr.Blocks(title="MOSS", analytics_enabled=False, delete_cache=sweep) as page:
        gr.Markdown(WORDS, elem_id="moss-title")
        with gr.Tabs():
            with gr.Tab("Blend", id="blend"):
                tab = BlendTab(search, presets, results)
            with gr.Tab("About", id="about"):
                about()
        tab.follow_link(page)
    page.queue(max_size=MAX_WAITING)
    return page


def launch(page: gr.Blocks, **options) -> None:
    """Serve `page` with its look; `options` go to gradio's launch as they are."""
    page.launch(
        theme=THEME,
        css_paths=sorted(ASSETS.glob("*.css")),
        head=f"<script>{(ASSETS / 'drop.js').read_text(encoding='utf-8')}</script>",
        max_file_size=MAX_UPLOAD_BYTES,
        footer_links=["settings"],
        **options,
    )
