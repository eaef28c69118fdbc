"""A run to share as a link, and a run made again from its summary.json."""

import gradio as gr

from moss.errors import InputError, MossError
from moss.media import sha256_of
from moss.results.recorded import read_recorded
from moss.settings.blend import blend_settings
from moss.ui.host.files import checked_upload
from moss.ui.inputs.examples import FILES
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.sharing import query_of, shared
from moss.ui.inputs.wells import Wells, pair_of
from moss.ui.words import QUIET, told

# The address of the page is the browser's to know; where copying is refused, the link is shown.
WHOLE_LINK = """(link) => {
    const whole = location.origin + location.pathname + link;
    navigator.clipboard?.writeText(whole).catch(() => {});
    return whole;
}"""
KINDS = {"picture": "picture", "audio": "track"}
# By whether the run went on from another one.
PRESS = {False: "press Blend", True: "Blend starts it afresh, without what it was steered by"}


class Again:
    """Builds its components where it is made, inside a Blocks; they fill those it is given."""

    def __init__(self, wells: Wells, preset: gr.Radio, tuning: FineTuning, problem: gr.HTML):
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
        self._said = gr.HTML(elem_id="moss-again-said")
        inputs = [wells.picture, wells.track]
        share.click(
            self._link,
            [preset, *inputs, *tuning.controls],
            [link, problem],
            queue=False,
            **QUIET,
        ).success(None, link, link, js=WHOLE_LINK, queue=False, **QUIET)
        summary.upload(
            self._make_again, [summary, *inputs], [self._said, *inputs, *tuning.controls], **QUIET
        )

    def follow_link(self, page: gr.Blocks) -> None:
        """Let `page` open with the settings and the example that its address names."""
        filled = [self._preset, self._wells.picture, self._wells.track, *self._tuning.controls]
        page.load(self._open_link, None, [self._problem, *filled], queue=False, **QUIET)

    def _link(self, preset, picture, track, *values):
        try:
            query = query_of(preset, self._tuning.settings_from(values), pair_of(picture, track))
        except InputError as error:
            return gr.skip(), told(str(error))
        return gr.update(value=query, visible=True), gr.skip()

    def _open_link(self, request: gr.Request):
        try:
            preset, settings, pair = shared(request.query_params)
        except MossError as error:
            return {self._problem: told(str(error))}
        shown = {self._problem: ""}
        if preset:
            shown[self._preset] = preset
        if pair:
            shown |= {self._wells.picture: str(pair.picture), self._wells.track: str(pair.track)}
        if settings:
            shown |= self._tuning.showing(settings.as_dict())
        return shown

    def _make_again(self, path, picture, track):
        shown, missing = {}, []
        try:
            recorded = read_recorded(checked_upload(path, "summary.json"))
            settings = blend_settings(**recorded.settings)
            is_steered = "steered" in recorded.summary
            for kind, well, given in (
                ("picture", self._wells.picture, picture),
                ("audio", self._wells.track, track),
            ):
                recording = recorded.inputs[kind]
                if found := _file_with(recording.sha256, given):
                    shown[well] = str(found)
                else:
                    missing.append(f"the {KINDS[kind]} {recording.path.name}")
        except MossError as error:
            return {self._said: told(str(error))}
        if missing:
            said = told(f"The settings are those of the run; now drop in {' and '.join(missing)}.")
        else:
            said = f"<p>Picture, track and settings are those of the run: {PRESS[is_steered]}.</p>"
        return shown | {self._said: said} | self._tuning.showing(settings.as_dict())


def _file_with(digest, given):
    """Return the file with this SHA-256 among the upload `given` and the examples, or None."""
    paths = ([checked_upload(given, "file")] if given else []) + sorted(FILES)
    return next((path for path in paths if sha256_of(path) == digest), None)
