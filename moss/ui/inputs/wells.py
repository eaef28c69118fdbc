"""Where the picture and the track go in: two wells, the examples, and what is wrong with them."""

import json
from pathlib import Path

import gradio as gr

from moss.errors import InputError
from moss.media import load_overview, load_picture
from moss.settings.blend import BlendSettings
from moss.ui.components.part.part import PartPicker, part_value
from moss.ui.host.files import checked_upload
from moss.ui.host.room import Room
from moss.ui.inputs.examples import PAIRS, Pair
from moss.ui.inputs.unopened import PictureWell
from moss.ui.theme import WAVEFORM
from moss.ui.words import QUIET, told


class Wells:
    """Builds its components where it is made, inside a Blocks; the first example is in them.

    The part of its track is that of `settings`. What a visitor puts in stays in `room`.
    """

    def __init__(self, settings: BlendSettings, room: Room):
        self._room = room
        self.examples = gr.Gallery(
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
            elem_classes="moss-examples",
        )
        self.picture = PictureWell(
            PAIRS[0].picture,
            label="Picture",
            type="filepath",
            image_mode=None,
            height=200,
            sources=["upload", "webcam", "clipboard"],
            buttons=[],
            elem_id="moss-picture",
        )
        self.picture_problem = gr.HTML(elem_id="moss-picture-problem")
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
        seen = load_overview(PAIRS[0].track)
        self.part = PartPicker(
            part_value(seen, settings.start_s, settings.duration_s), elem_id="moss-part"
        )
        self.track_problem = gr.HTML(elem_id="moss-track-problem")

    def connect(self, start, duration) -> None:
        """Let the wells check what they are given; the part follows the controls and leads them."""

        def keep(request, what, path):
            if path and request.session_hash:
                self._room.hold(request.session_hash, what, Path(path))

        def look(path, request: gr.Request):
            keep(request, "picture", path)
            return told(_problem(load_picture, path, "picture"))

        def listen(path, start_s, part_s, request: gr.Request):
            keep(request, "track", path)
            try:
                seen = load_overview(checked_upload(path, "track")) if path else None
            except InputError as error:
                return "", told(str(error)), gr.skip()
            if seen is None:
                return "", "", gr.skip()
            if (start_s or 0) >= seen.duration_s:
                start_s = 0
            return part_value(seen, start_s or 0, part_s or seen.duration_s), "", start_s

        def move(value, start_s, part_s):
            if not value or start_s is None or part_s is None:
                return gr.skip()
            return json.dumps(json.loads(value) | {"start_s": start_s, "part_s": part_s})

        def choose(chosen: gr.SelectData):
            pair = PAIRS[chosen.index]
            return str(pair.picture), str(pair.track)

        def take(chosen: gr.EventData):
            # Its own player then starts where the part does.
            return chosen.start_s, chosen.part_s, gr.update(playback_position=chosen.start_s)

        both = [self.picture, self.track]
        self.examples.select(choose, None, both, queue=False, **QUIET)
        self.picture.change(look, self.picture, self.picture_problem, **QUIET)
        self.track.change(
            listen,
            [self.track, start, duration],
            [self.part, self.track_problem, start],
            **QUIET,
        )
        self.part.part(take, None, [start, duration, self.track], queue=False, **QUIET)
        gr.on(
            [start.change, duration.change],
            move,
            [self.part, start, duration],
            self.part,
            queue=False,
            **QUIET,
        )


def pair_of(picture: str | None, track: str | None) -> Pair | None:
    """Return the example whose files these are."""
    return next((p for p in PAIRS if (str(p.picture), str(p.track)) == (picture, track)), None)


def _problem(load, path, what):
    if not path:
        return ""
    try:
        load(checked_upload(path, what))
    except InputError as error:
        return str(error)
    return ""
