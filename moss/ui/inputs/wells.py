"""The wells of pictures and a track: the examples, the part, and what is wrong with them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from moss.errors import InputError
from moss.media import load_overview, load_picture
from moss.settings.blend import LEFT_RIGHT, BlendSettings
from moss.ui.bundled import PAIRS
from moss.ui.components.part.part import PartPicker, part_value
from moss.ui.events import QUIET, Control, Updates
from moss.ui.host.files import resolve_upload
from moss.ui.host.room import Room
from moss.ui.inputs.path_inputs import PictureWell
from moss.ui.theme import WAVEFORM
from moss.ui.words import problem_html

# A file takes a minute at most to be looked at, and one that does makes nobody else wait for it.
LOOKS_AT_ONCE = 16


class Wells:
    """Builds its components where it is made, inside a Blocks; the first example is in them.

    Parameters
    ----------
    settings : say which part of the track is chosen.
    room : keeps what a visitor puts in.
    """

    def __init__(self, settings: BlendSettings, room: Room) -> None:
        self._room = room
        self.examples = gr.Gallery(
            [(str(pair.picture), pair.name) for pair in PAIRS],
            label="Examples",
            show_label=False,
            columns=len(PAIRS),
            allow_preview=False,
            selected_index=0,
            object_fit="cover",
            interactive=False,
            buttons=[],
            elem_id="moss-examples",
            elem_classes="moss-examples",
        )
        self.picture = PictureWell(
            str(PAIRS[0].picture),
            label="Picture",
            type="filepath",
            image_mode=None,
            height=200,
            sources=["upload", "webcam", "clipboard"],
            buttons=[],
            elem_id="moss-picture",
        )
        self.picture_problem = gr.HTML(elem_id="moss-picture-problem")
        self.second_picture = PictureWell(
            label="Right picture",
            type="filepath",
            image_mode=None,
            height=200,
            sources=["upload", "webcam", "clipboard"],
            buttons=[],
            visible=False,
            elem_id="moss-second-picture",
        )
        self.second_problem = gr.HTML(elem_id="moss-second-picture-problem")
        self.track = gr.Audio(
            PAIRS[0].track,
            label="Track",
            type="filepath",
            sources=["upload", "microphone"],
            editable=False,
            buttons=[],
            waveform_options=WAVEFORM,
            elem_id="moss-track",
        )
        self.part = PartPicker(
            part_value(load_overview(PAIRS[0].track), settings.start_s, settings.duration_s),
            elem_id="moss-part",
        )
        self.track_problem = gr.HTML(elem_id="moss-track-problem")

    def connect(self, start: Control, duration: Control, channel: Control) -> None:
        """Let the wells check what they are given.

        The part follows the controls of its `start` and `duration`, and they follow the part. The
        right channel has a picture of its own where `channel` lets it.
        """

        def check_picture(what: str) -> Callable[..., str]:
            def check(path: str | None, request: gr.Request) -> str:
                self._hold(request, what, path)
                return problem_html(_picture_problem(path))

            return check

        def offer_second(channel: str) -> Updates:
            is_two = channel == LEFT_RIGHT
            return {
                self.picture: gr.update(label="Left picture" if is_two else "Picture"),
                self.second_picture: gr.update(visible=is_two),
            }

        def check_track(
            path: str | None, start_s: float | None, part_s: float | None, request: gr.Request
        ) -> tuple[str, str, Any]:
            self._hold(request, "track", path)
            try:
                track = load_overview(resolve_upload(path, "track")) if path else None
            except InputError as error:
                return "", problem_html(str(error)), gr.skip()
            if track is None:
                return "", "", gr.skip()
            if (start_s or 0) >= track.duration_s:
                start_s = 0
            return part_value(track, start_s or 0, part_s or track.duration_s), "", start_s

        def move_part(value: str, start_s: float | None, part_s: float | None) -> Any:
            if not value or start_s is None or part_s is None:
                return gr.skip()
            return json.dumps(json.loads(value) | {"start_s": start_s, "part_s": part_s})

        def choose(event: gr.SelectData) -> tuple[str, str]:
            pair = PAIRS[event.index]
            return str(pair.picture), str(pair.track)

        def take_part(event: gr.EventData) -> tuple[float, float, dict[str, Any]]:
            # The well's own player then starts where the part does.
            return event.start_s, event.part_s, gr.update(playback_position=event.start_s)

        both: list[Component] = [self.picture, self.track]
        self.examples.select(choose, None, both, queue=False, **QUIET)
        self.picture.change(
            check_picture("picture"),
            self.picture,
            self.picture_problem,
            concurrency_limit=LOOKS_AT_ONCE,
            **QUIET,
        )
        self.second_picture.change(
            check_picture("second picture"),
            self.second_picture,
            self.second_problem,
            concurrency_limit=LOOKS_AT_ONCE,
            **QUIET,
        )
        channel.change(
            offer_second, channel, [self.picture, self.second_picture], queue=False, **QUIET
        )
        self.track.change(
            check_track,
            [self.track, start, duration],
            [self.part, self.track_problem, start],
            concurrency_limit=LOOKS_AT_ONCE,
            **QUIET,
        )
        self.part.part(take_part, None, [start, duration, self.track], queue=False, **QUIET)
        gr.on(
            [start.change, duration.change],
            move_part,
            [self.part, start, duration],
            self.part,
            queue=False,
            **QUIET,
        )

    def _hold(self, request: gr.Request, what: str, path: str | None) -> None:
        if path and request.session_hash:
            self._room.hold(request.session_hash, what, Path(path))


def _picture_problem(path: str | None) -> str:
    """Return the sentence that says what is wrong with the picture at `path`, or ""."""
    try:
        if path:
            load_picture(resolve_upload(path, "picture"))
    except InputError as error:
        return str(error)
    return ""
