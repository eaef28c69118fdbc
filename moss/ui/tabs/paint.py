"""The Paint tab: a painting becomes sound, and the picture of a blend."""

import logging
import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr
import numpy as np
from PIL import Image

from moss.errors import InputError, MossError
from moss.sonification.backdrop import track_levels
from moss.sonification.painting import (
    BIT_DEPTH,
    HOP,
    SAMPLE_RATE,
    load_painting,
    painted_sound,
    warm_up,
)
from moss.ui.components.painter.painter import Painter, painter_value
from moss.ui.events import QUIET
from moss.ui.host.files import resolve_upload, url_of
from moss.ui.host.room import Room
from moss.ui.host.run import Host, run_home
from moss.ui.host.turns import Waiting
from moss.ui.words import waiting_text

T = TypeVar("T")

WORDS = "Draw a sound: up is higher, right is later, brighter is louder. Play it, or blend it."
NO_SOUND = "The sound could not be made for a reason that MOSS does not know; change the painting."
NO_BACKDROP = (
    "The track could not be drawn for a reason that MOSS does not know; choose another one."
)


class PaintTab:
    """Builds the tab where it is made, inside a Blocks; `host` makes the sounds."""

    def __init__(self, host: Host) -> None:
        self._host = host
        gr.Markdown(WORDS)
        self.painter = Painter(elem_id="moss-painter")
        self.painter.play(self._play, None, self.painter, concurrency_limit=None, **QUIET)
        self.painter.track(self._draw_track, None, self.painter, **QUIET)
        # What the first sound would wait for is loaded while a visitor still paints.
        self.painter.begun(warm_up, None, None, **QUIET)

    def connect_blend(self, picture: gr.Image, tabs: gr.Tabs) -> None:
        """Let a painting become the `picture` of the tab "blend" of `tabs`, which is shown then."""

        def take(event: gr.EventData) -> tuple[str, gr.Tabs]:
            try:
                painting = resolve_upload(_datum(event, "path", str), "painting")
            except InputError as error:
                raise gr.Error(str(error), print_exception=False) from error
            return str(painting), gr.Tabs(selected="blend")

        self.painter.blend(take, None, [picture, tabs], queue=False, **QUIET)

    def _play(self, event: gr.EventData, request: gr.Request) -> Iterator[str | dict[str, Any]]:
        number = _datum(event, "asked", int)
        try:
            work = sound_of(self._host, request, _datum(event, "path", str))
            sound = yield from _waiting_updates(work, number)
            yield painter_value(asked=number, sound=url_of(sound))
        except MossError as error:
            yield painter_value(asked=number, problem=str(error))
        except Exception:
            logging.exception("A painting has made no sound.")
            yield painter_value(asked=number, problem=NO_SOUND)

    def _draw_track(self, event: gr.EventData, request: gr.Request) -> str:
        number = _datum(event, "asked", int)
        try:
            picture, seconds = picture_of(self._host.room, request, _datum(event, "path", str))
            return painter_value(asked=number, backdrop=url_of(picture), backdrop_s=seconds)
        except MossError as error:
            return painter_value(asked=number, problem=str(error))
        except Exception:
            logging.exception("A track has become no backdrop.")
            return painter_value(asked=number, problem=NO_BACKDROP)


def picture_of(room: Room, request: gr.Request, path: str | None) -> tuple[Path, float]:
    """Draw the uploaded track at `path` in the rows and columns of a painting, a grey pixel each.

    Returns
    -------
    picture : its file, which stays in `room` while the page draws no other track.
    seconds : how many it shows.

    Raises
    ------
    MossError
        The track was not uploaded or cannot be read.
    """
    levels = track_levels(resolve_upload(path, "track"))
    home = run_home(secrets.token_hex(16))
    home.mkdir(parents=True)
    room.hold(request.session_hash or home.name, "backdrop", home)
    picture = home / "track.png"
    Image.fromarray(np.rint(255 * levels).astype(np.uint8)).save(picture)
    return picture, levels.shape[1] * HOP / SAMPLE_RATE


def sound_of(
    host: Host, request: gr.Request, path: str | None
) -> Generator[Waiting | None, None, Path]:
    """Make the sound of the uploaded painting at `path` when it is its turn; return its file.

    Yields `Waiting`, and None where it takes a while. The file stays while the page plays no
    other painting.

    Raises
    ------
    MossError
        The painting was not uploaded or cannot be played, too many runs wait, or there is no room.
    """
    painting = resolve_upload(path, "painting")
    levels = load_painting(painting)
    home = run_home(secrets.token_hex(16))
    sound = home / "painting.wav"

    def work() -> Generator[None, None, None]:
        try:
            home.mkdir(parents=True)
            host.room.hold(request.session_hash or home.name, "painting sound", home)
            yield from painted_sound(levels, sound)
            yield None  # Here the work is closed if the visitor has left meanwhile.
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise

    size_bytes = levels.shape[1] * HOP * BIT_DEPTH // 8
    with closing(host.run_work(request, work, (painting,), size_bytes)) as items:
        yield from items
    return sound


def _waiting_updates(
    work: Generator[Waiting | None, None, Path], number: int | None
) -> Generator[str | dict[str, Any], None, Path]:
    """Yield updates of how many runs come before `work`, while that changes; return its result."""
    last_ahead = None
    with closing(work):
        while True:
            try:
                item = next(work)
            except StopIteration as end:
                return end.value
            ahead = item.ahead if isinstance(item, Waiting) else 0
            if ahead == last_ahead:
                yield gr.skip()  # Gradio notices at a yield that a visitor has left.
            else:
                text = waiting_text(ahead) if ahead else None
                yield painter_value(asked=number, waiting=text)
            last_ahead = ahead


def _datum(event: gr.EventData, name: str, kind: type[T]) -> T | None:
    """Return a datum of an event if it is of its kind; any request may have made it up."""
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, kind) else None
