"""The page: two wells, a preset, one button; the front as it grows; then what was found."""

import json
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import gradio as gr

from moss.config import BlendSettings, blend_settings
from moss.errors import MossError
from moss.progress import SearchProgress
from moss.ui.examples import FILES, PAIRS
from moss.ui.files import checked_upload
from moss.ui.front_svg import front_svg
from moss.ui.progress_line import PHASES, ProgressLine, line
from moss.ui.result import Result
from moss.ui.result_panel import ResultPanel
from moss.ui.run import Search, blend_for_visitor
from moss.ui.theme import THEME, WAVEFORM

ASSETS = Path(__file__).parent / "assets"
MAX_UPLOAD_BYTES = 256 * 2**20
MAX_WAITING = 20
RESULT_LIFE_S = 2 * 3600
SWEEP_S = 600

PRESET_NAMES = {
    "quick": "Quick: 10 s",
    "high-res": "High-res: 30 s",
    "notebook": "Notebook: 30 s, as published",
}
WORDS = """# MOSS
Blend a picture into a piece of music: it appears in the sound's spectrogram, and you choose how
much of the music stays.
"""
UPLOADS = "Uploads and results are deleted from the server after two hours."


class PictureWell(gr.Image):
    """An image input that hands its file on unopened: MOSS says what is wrong with it."""

    is_template = True  # to the browser it is an image

    def preprocess(self, payload):
        """Return the path of the file, or None."""
        return payload.path if payload else None


def build(*, search: Search, presets: Mapping[str, BlendSettings] | None = None) -> gr.Blocks:
    """Return the page.

    `search` is the heavy part of a run, as `blend_for_visitor` takes it. `presets` are the
    settings by name, the first one chosen; those of `moss.config`, quick first, unless given.
    """
    presets = presets or {name: blend_settings(name) for name in PRESET_NAMES}
    gr.set_static_paths(sorted(FILES))  # served from where they are, and never swept
    with gr.Blocks(
        title="MOSS", analytics_enabled=False, delete_cache=(SWEEP_S, RESULT_LIFE_S)
    ) as page:
        gr.Markdown(WORDS, elem_id="moss-title")
        picture, track = _wells()
        preset = gr.Radio(
            [(PRESET_NAMES[name], name) for name in presets],
            value=next(iter(presets)),
            label="Preset",
        )
        with gr.Row():
            start = gr.Button("Blend", variant="primary", scale=4, elem_id="moss-start")
            stop = gr.Button("Stop", interactive=False, scale=1, min_width=96, elem_id="moss-stop")
        progress = gr.HTML(line("Ready", UPLOADS), elem_id="moss-progress")
        growing = gr.HTML(visible=False, elem_id="moss-growing")
        kept = gr.State(time_to_live=RESULT_LIFE_S, delete_callback=_remove)
        panel = ResultPanel(kept)

        def begin():
            return {
                start: gr.update(interactive=False),
                stop: gr.update(interactive=True),
                progress: line("Waiting for a turn", busy=True),
            }

        def blend(picture_path, track_path, preset_name, before):
            started = time.perf_counter()
            yield {progress: line("Reading the picture and the track", busy=True)}
            try:
                inputs = (
                    checked_upload(picture_path, "picture"),
                    checked_upload(track_path, "track"),
                )
                run = blend_for_visitor(*inputs, presets[preset_name], search)
                with closing(run) as items:
                    yield from follow(items, before, started)
            except MossError as error:
                raise gr.Error(str(error), duration=None, print_exception=False) from error

        def follow(items, before, started):
            told, seeds = ProgressLine(), None
            for item in items:
                elapsed_s = time.perf_counter() - started
                if isinstance(item, Result):
                    _remove(before)
                    yield panel.showing(item) | {
                        kept: item,
                        progress: _done(item, elapsed_s),
                        growing: gr.update(visible=False),
                    }
                    return
                shown = {progress: told.after(item, elapsed_s)}
                if isinstance(item, SearchProgress):
                    shown[growing] = gr.update(value=front_svg(item, seeds), visible=True)
                    if item.phase == "seeding" and item.step == item.steps:
                        seeds = item.losses[item.on_front]
                yield shown

        def end():
            return {start: gr.update(interactive=True), stop: gr.update(interactive=False)}

        def give_up():
            return end() | {progress: line("Stopped", UPLOADS), growing: gr.update(visible=False)}

        quiet = {"show_progress": "hidden", "api_visibility": "private"}
        buttons = [start, stop]
        begun = start.click(begin, None, [*buttons, progress], queue=False, **quiet)
        run = begun.then(
            blend,
            [picture, track, preset, kept],
            [progress, growing, kept, *panel.outputs],
            concurrency_limit=1,
            **quiet,
        )
        run.success(end, None, buttons, queue=False, **quiet)
        # A run that Stop has closed ends here too.
        run.failure(give_up, None, [*buttons, progress, growing], queue=False, **quiet)
        # Said by the browser itself: an answer from here could come after the end.
        stopping = f"() => {json.dumps(line('Stopping', busy=True))}"
        stop.click(None, None, progress, cancels=[run], js=stopping, **quiet)
    page.queue(max_size=MAX_WAITING)
    return page


def launch(page: gr.Blocks, **options) -> None:
    """Serve `page` with its look; `options` go to gradio's launch as they are."""
    page.launch(
        theme=THEME,
        css_paths=[ASSETS / "page.css"],
        max_file_size=MAX_UPLOAD_BYTES,
        footer_links=["settings"],
        **options,
    )


def _wells():
    examples = gr.Gallery(
        [(pair.picture, pair.name) for pair in PAIRS],
        label="Examples",
        show_label=False,
        columns=len(PAIRS),
        allow_preview=False,
        selected_index=0,
        object_fit="cover",
        interactive=False,
        buttons=[],
        elem_id="moss-examples",
    )
    with gr.Row(equal_height=True):
        picture = PictureWell(
            PAIRS[0].picture,
            label="Picture",
            type="filepath",
            image_mode=None,
            height=260,
            buttons=[],
            elem_id="moss-picture",
        )
        track = gr.Audio(
            PAIRS[0].track,
            label="Track",
            type="filepath",
            buttons=[],
            waveform_options=WAVEFORM,
            elem_id="moss-track",
        )

    def choose(chosen: gr.SelectData):
        pair = PAIRS[chosen.index]
        return str(pair.picture), str(pair.track)

    examples.select(
        choose, None, [picture, track], show_progress="hidden", api_visibility="private"
    )
    return picture, track


def _done(result, elapsed_s):
    designed, replayed = (result.hypervolume[kind] for kind in ("designed", "replayed"))
    told = f"hypervolume {designed:.2f} as designed, {replayed:.2f} as replayed, {elapsed_s:.0f} s"
    return line("Done", told, done=len(PHASES))


def _remove(result):
    if result is not None:
        result.remove()
