"""Settings to share as a link, and a run to make again from its summary.json."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block

from moss.errors import InputError, MossError
from moss.media import sha256_of
from moss.results.names import SUMMARY
from moss.results.recorded import read_recorded
from moss.settings.presets import blend_settings
from moss.settings.setting_error import label_of, sentence_of
from moss.ui.bundled import PAIR_FILES, pair_of
from moss.ui.events import QUIET, Updates
from moss.ui.host.files import resolve_upload
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.sharing import query_of, shared
from moss.ui.inputs.wells import Wells
from moss.ui.words import problem_html

# Only the browser knows the address of the page. Where it refuses to copy, the link is there.
WHOLE_LINK = """(link) => {
    const whole = location.origin + location.pathname + link;
    navigator.clipboard?.writeText(whole).catch(() => {});
    return whole;
}"""
INPUT_NAMES = {"picture": "picture", "second_picture": "right picture", "audio": "track"}
FRESH_RUN = "press Blend"
STEERED_RUN = "Blend starts it afresh, without what it was steered by"


class SharePanel:
    """Builds its components where it is made, inside a Blocks.

    Parameters
    ----------
    wells, preset, tuning : what is shared, and what a link or a summary.json fills.
    problem : says what is wrong with the settings or the link.
    """

    def __init__(
        self, wells: Wells, preset: gr.Radio, tuning: FineTuning, problem: gr.HTML
    ) -> None:
        self._wells, self._preset, self._tuning, self._problem = wells, preset, tuning, problem
        share = gr.Button("Copy a link with these settings", size="sm", elem_id="moss-link-make")
        link = gr.Textbox(
            label="Link", interactive=False, visible=False, buttons=["copy"], elem_id="moss-link"
        )
        summary = gr.File(
            label="Make a run again: drop its summary.json",
            file_types=[".json"],
            height=120,
            elem_id="moss-again",
        )
        self._message = gr.HTML(elem_id="moss-again-said")
        inputs: list[Block] = [wells.picture, wells.second_picture, wells.track]
        share.click(
            self._link,
            [preset, wells.picture, wells.track, *tuning.controls],
            [link, problem],
            queue=False,
            **QUIET,
        ).success(None, link, link, js=WHOLE_LINK, queue=False, **QUIET)
        summary.upload(
            self._make_again,
            [summary, *inputs],
            [self._message, *inputs, *tuning.controls],
            **QUIET,
        )

    def follow_link(self, page: gr.Blocks) -> None:
        """Let `page` open with the settings and the example that its address names."""
        filled = [self._preset, self._wells.picture, self._wells.track, *self._tuning.controls]
        page.load(self._open_link, None, [self._problem, *filled], queue=False, **QUIET)

    def _link(
        self, preset: str, picture: str | None, track: str | None, *values: Any
    ) -> tuple[dict[str, Any], Any]:
        try:
            query = query_of(preset, self._tuning.settings_from(values), pair_of(picture, track))
        except InputError as error:
            return gr.skip(), problem_html(sentence_of(error, label_of))
        return gr.update(value=query, visible=True), gr.skip()

    def _open_link(self, request: gr.Request) -> Updates:
        try:
            preset, settings, pair = shared(request.query_params)
        except MossError as error:
            return {self._problem: problem_html(sentence_of(error, label_of))}
        updates: Updates = {self._problem: ""}
        if preset:
            updates[self._preset] = preset
        if pair:
            updates[self._wells.picture] = str(pair.picture)
            updates[self._wells.track] = str(pair.track)
        if settings:
            updates |= self._tuning.updates(settings.as_dict())
        return updates

    def _make_again(
        self, path: str | None, picture: str | None, second: str | None, track: str | None
    ) -> Updates:
        updates: Updates = {}
        missing = []
        try:
            recorded = read_recorded(resolve_upload(path, SUMMARY))
            settings = blend_settings(**recorded.settings)
            wells = {
                "picture": (self._wells.picture, picture),
                "second_picture": (self._wells.second_picture, second),
                "audio": (self._wells.track, track),
            }
            for kind, recording in recorded.inputs.items():
                well, upload = wells[kind]
                if found := _file_with(recording.sha256, upload):
                    updates[well] = str(found)
                else:
                    missing.append(f"the {INPUT_NAMES[kind]} {recording.path.name}")
        except MossError as error:
            return {self._message: problem_html(sentence_of(error, label_of))}
        if missing:
            message = problem_html(
                f"The settings are those of the run; now drop in {' and '.join(missing)}."
            )
        else:
            what_next = STEERED_RUN if "steered" in recorded.summary else FRESH_RUN
            message = f"<p>Picture, track and settings are those of the run: {what_next}.</p>"
        updates[self._message] = message
        return updates | self._tuning.updates(settings.as_dict())


def _file_with(sha256: str, upload: str | None) -> Path | None:
    """Return the file with this SHA-256 among `upload` and the examples, or None."""
    paths = ([resolve_upload(upload, "file")] if upload else []) + sorted(PAIR_FILES)
    return next((path for path in paths if sha256_of(path) == sha256), None)
