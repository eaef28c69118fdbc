"""A well for each kind of source that becomes sound, with the settings that only it has."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from moss.media import natural_order
from moss.ui.bundled import PAIRS
from moss.ui.events import QUIET
from moss.ui.host.room import Room
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.path_inputs import FileInput, FilesInput, PictureWell, VideoWell

FIRST_PICTURE = 2  # of the examples: the galaxy

Well = PictureWell | VideoWell | FileInput | FilesInput


@dataclass(frozen=True)
class Kind:
    """A kind of source.

    Attributes
    ----------
    label : what a person calls it.
    source : the `kind` of each of its files, as `moss.usecases.sonify` has them.
    well : builds its well.
    apart : the settings that only some kinds have, and this one does.
    """

    label: str
    source: str
    well: Callable[[], Well]
    apart: tuple[str, ...]


def _picture() -> PictureWell:
    return PictureWell(
        str(PAIRS[FIRST_PICTURE].picture),
        label="Picture",
        type="filepath",
        image_mode=None,
        height=220,
        sources=["upload", "webcam", "clipboard"],
        buttons=[],
        elem_id="moss-sonify-picture",
    )


def _slideshow() -> FilesInput:
    return FilesInput(
        label="Pictures, or a zip of them",
        file_count="multiple",
        # Not every browser knows that the phones' formats are pictures.
        file_types=["image", ".avif", ".heic", ".heif", ".zip"],
        allow_reordering=True,
        height=220,
        elem_id="moss-sonify-slideshow",
    )


def _video() -> VideoWell:
    return VideoWell(
        label="Video",
        sources=["upload", "webcam"],
        height=220,
        buttons=[],
        elem_id="moss-sonify-video",
    )


def _array() -> FileInput:
    return FileInput(
        label="Array of (frequency, time), .npy",
        file_types=[".npy"],
        height=140,
        elem_id="moss-sonify-array",
    )


KINDS = {
    "picture": Kind("Picture", "picture", _picture, ("duration_s",)),
    "slideshow": Kind("Slideshow", "picture", _slideshow, ("duration_s", "gap_s")),
    "video": Kind("Video", "video", _video, ()),
    "array": Kind("Array", "array", _array, ("duration_s",)),
}
APART = ("duration_s", "gap_s")  # the settings that only some kinds have


class SourceWell:
    """Builds the well of one kind where it is made, its settings, its button and its problem."""

    def __init__(self, name: str, tuning: FineTuning) -> None:
        self.name, self.kind = name, KINDS[name]
        if name == "picture":
            self._examples = gr.Gallery(
                [(str(pair.picture), pair.picture.stem) for pair in PAIRS],
                show_label=False,
                columns=len(PAIRS),
                allow_preview=False,
                selected_index=FIRST_PICTURE,
                object_fit="cover",
                interactive=False,
                buttons=[],
                elem_id="moss-sonify-examples",
                elem_classes="moss-examples",
            )
        self.well = self.kind.well()
        with gr.Row(elem_classes=["moss-settings", "moss-apart"]):
            self.controls = [tuning.control(each, f"moss-{name}") for each in self.kind.apart]
        self.start = gr.Button("Sonify", variant="primary", elem_id=f"moss-sonify-{name}-start")
        self.problem = gr.HTML(elem_id=f"moss-{name}-problem", elem_classes="moss-problem-block")

    def connect(self, room: Room) -> None:
        """Let what a visitor puts in stay in `room`."""

        def keep(files: str | list[str] | None, request: gr.Request) -> None:
            if files and request.session_hash:
                paths = files if isinstance(files, list) else [files]
                room.hold(request.session_hash, f"sonify {self.name}", *map(Path, paths))

        def choose(event: gr.SelectData) -> str:
            return str(PAIRS[event.index].picture)

        self.well.change(keep, self.well, None, queue=False, **QUIET)
        if self.name == "picture":
            self._examples.select(choose, None, self.well, queue=False, **QUIET)
        if self.name == "slideshow":
            self.well.upload(_in_natural_order, self.well, self.well, queue=False, **QUIET)


def _in_natural_order(paths: list[str]) -> list[str]:
    return sorted(paths, key=lambda path: natural_order(Path(path)))
