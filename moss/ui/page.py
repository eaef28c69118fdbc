"""The page: its tabs, its look, and how it is served."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.exceptions import InvalidPathError
from starlette.middleware import Middleware

from moss.settings.blend import BlendSettings
from moss.settings.presets import blend_settings
from moss.ui.api.blend import Api
from moss.ui.api.sonify import SonifyApi
from moss.ui.bundled import FIRST, FIRST_SOUND, PAIR_FILES
from moss.ui.components.about.about import PICTURES, build_about
from moss.ui.components.live.live import LiveSpectrogram
from moss.ui.components.script import script_of
from moss.ui.host.arenas import limit_arenas
from moss.ui.host.files import temp_root
from moss.ui.host.gate import Gate
from moss.ui.host.result import RESULT_LIFE_S
from moss.ui.host.room import Room
from moss.ui.host.run import Host
from moss.ui.tabs.blend import PRESET_NAMES, BlendTab
from moss.ui.tabs.live import build_live
from moss.ui.tabs.paint import PaintTab
from moss.ui.tabs.sonify import SonifyTab
from moss.ui.theme import THEME
from moss.usecases.compute import Compute
from moss.usecases.sonify import Synthesise, synthesise

HERE = Path(__file__).parent
MAX_UPLOAD_BYTES = 256 * 2**20
MAX_EVENTS = 100  # Queued events; the number of queued runs is limited in turns.py.
MAX_THREADS = 64  # Each visitor who waits for a turn takes one.
MAX_SESSIONS = 500  # Whose state is remembered; a program makes a session with each call.

NOT_UPLOADED = "A file of the call was not uploaded here; upload it first, then name its path."
UNFIT = "An input of the call is not of the kind that is taken here; the README shows what is."
WORDS = """# MOSS
Blend a picture into a piece of music: it appears in the sound's spectrogram, and you choose how
much of the music stays. [Blend your own](#moss-inputs)
"""


class Page(gr.Blocks):
    """Blocks that answer a call whose inputs cannot be taken with a sentence.

    Attributes
    ----------
    room : the room of their temporary files.
    """

    def __init__(self, room: Room, **options: Any) -> None:
        super().__init__(**options)
        self.room = room

    async def preprocess_data(self, *args: Any, **options: Any) -> Any:
        """Return the inputs of a call as its function takes them, as gradio does.

        Raises
        ------
        gr.Error
            An input cannot be taken.
        """
        try:
            return await super().preprocess_data(*args, **options)
        except gr.Error:
            raise
        except InvalidPathError as error:
            raise gr.Error(NOT_UPLOADED, print_exception=False) from error
        except Exception as error:  # Gradio's components raise anything for what anybody sends.
            raise gr.Error(UNFIT, print_exception=False) from error


def build(
    *,
    compute: Compute,
    synthesise: Synthesise = synthesise,
    device: str = "cpu",
    presets: Mapping[str, BlendSettings] | None = None,
    results: Path | None = None,
    room: Room | None = None,
) -> Page:
    """Return the page, with the public endpoints.

    Parameters
    ----------
    compute, synthesise : the heavy parts of a run and of a sound, as the use cases blend and
        sonify take them.
    device : "cpu" or "cuda", where they work.
    presets : the settings by name, the first one chosen; those of `moss.settings.presets`, quick
        first, unless given.
    results : the folder where copies of results stay. With None nothing stays: what nobody has
        used for two hours is deleted.
    room : bounds the temporary files.
    """
    presets = presets or {name: blend_settings(name) for name in PRESET_NAMES}
    # Gradio serves these from where they lie, and the room never sweeps them.
    gr.set_static_paths([*sorted(PAIR_FILES), FIRST, FIRST_SOUND, PICTURES])
    room = room or Room(temp_root(), life_s=RESULT_LIFE_S if results is None else None)
    host = Host(compute, device, results, room, synthesise=synthesise)
    with Page(room, title="MOSS", analytics_enabled=False) as page:
        gr.Markdown(WORDS, elem_id="moss-title")
        with gr.Tabs() as tabs:
            with gr.Tab("Blend", id="blend"):
                tab = BlendTab(host, presets)
            with gr.Tab("Sonify", id="sonify"):
                SonifyTab(host)
            with gr.Tab("Paint", id="paint"):
                PaintTab(host).connect_blend(tab.picture, tabs)
            with gr.Tab("Live", id="live"):
                build_live()
            with gr.Tab("About", id="about"):
                build_about()
        LiveSpectrogram(drawer=True)
        tab.follow_link(page)
        Api(host, presets)
        SonifyApi(host)

        @page.unload
        def leave(request: gr.Request) -> None:
            if request.session_hash:
                room.release(request.session_hash)

    page.queue(max_size=MAX_EVENTS)
    return page


def look() -> dict[str, Any]:
    """Return how the page looks, as options of gradio's launch."""
    return {
        "theme": THEME,
        "css_paths": sorted(HERE.rglob("*.css"), key=lambda path: path.name),
        "head": f"<script>(() => {{\n{script_of(HERE / 'drop.js', scope=())}}})();</script>",
    }


def launch(page: Page, **options: Any) -> None:
    """Serve `page` with its look; `options` go to gradio's launch as they are."""
    limit_arenas()
    page.launch(
        **look(),
        app_kwargs={
            "middleware": [Middleware(Gate, page.room, MAX_UPLOAD_BYTES)],
            "lifespan": page.room.lifespan,
        },
        max_file_size=MAX_UPLOAD_BYTES,
        max_threads=MAX_THREADS,
        state_session_capacity=MAX_SESSIONS,
        mcp_server=find_spec("mcp") is not None,  # The extra gradio[mcp] brings it.
        footer_links=["settings"],
        **options,
    )
