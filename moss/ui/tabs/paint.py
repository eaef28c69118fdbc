"""The Paint tab: a painting becomes sound, and the picture of a blend."""

import logging
import secrets
import shutil
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

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
from moss.ui.host.files import checked_upload, url_of
from moss.ui.host.room import Room
from moss.ui.host.run import Host, Item, run_home
from moss.ui.host.turns import Waiting
from moss.ui.words import QUIET, waiting

WORDS = "Draw a sound: up is higher, right is later, brighter is louder. Play it, or blend it."
FAILED = "The sound could not be made for a reason that MOSS does not know; change the painting."
UNSEEN = "The track could not be drawn for a reason that MOSS does not know; choose another one."


class PaintTab:
    """Builds the tab where it is made, inside a Blocks; sounds are made by `host`."""

    def __init__(self, host: Host):
        self._host = host
        gr.Markdown(WORDS)
        self.painter = Painter(elem_id="moss-painter")
        self.painter.play(self._play, None, self.painter, concurrency_limit=None, **QUIET)
        self.painter.track(self._trace, None, self.painter, **QUIET)
        # What the first sound would wait for is loaded while its painting goes on.
        self.painter.begun(warm_up, None, None, **QUIET)

    def blends_in(self, picture: gr.Image, tabs: gr.Tabs) -> None:
        """Let a painting become the `picture` of the tab "blend" of `tabs`, which is shown then."""

        def take(asked: gr.EventData):
            try:
                painted = checked_upload(_of(asked, "path", str), "painting")
            except InputError as error:
                raise gr.Error(str(error), print_exception=False) from error
            return str(painted), gr.Tabs(selected="blend")

        self.painter.blend(take, None, [picture, tabs], queue=False, **QUIET)

    def _play(self, chosen: gr.EventData, request: gr.Request):
        asked = _of(chosen, "asked", int)
        try:
            work = sound_of(self._host, request, _of(chosen, "path", str))
            sound = yield from _telling(work, asked)
            yield painter_value(asked=asked, sound=url_of(sound))
        except MossError as error:
            yield painter_value(asked=asked, problem=str(error))
        except Exception:
            logging.exception("A painting has made no sound.")
            yield painter_value(asked=asked, problem=FAILED)

    def _trace(self, chosen: gr.EventData, request: gr.Request):
        asked = _of(chosen, "asked", int)
        try:
            picture, seconds = picture_of(self._host.room, request, _of(chosen, "path", str))
            return painter_value(asked=asked, backdrop=url_of(picture), backdrop_s=seconds)
        except MossError as error:
            return painter_value(asked=asked, problem=str(error))
        except Exception:
            logging.exception("A track has become no backdrop.")
            return painter_value(asked=asked, problem=UNSEEN)


def picture_of(room: Room, request: gr.Request, path: str | None) -> tuple[Path, float]:
    """Draw the uploaded track at `path` in the rows and columns of a painting, a grey pixel each.

    Returns the picture's file, which stays in `room` while the page draws no other track, and how
    many seconds it shows. Raises MossError.
    """
    levels = track_levels(checked_upload(path, "track"))
    home = run_home(secrets.token_hex(16))
    home.mkdir(parents=True)
    room.hold(request.session_hash or home.name, "traced", home)
    picture = home / "track.png"
    Image.fromarray(np.rint(255 * levels).astype(np.uint8)).save(picture)
    return picture, levels.shape[1] * HOP / SAMPLE_RATE


def sound_of(host: Host, request: gr.Request, path: str | None) -> Generator[Item, None, Path]:
    """Make the sound of the uploaded painting at `path` when it is its turn; return its file.

    Yields what `Host.take` does. The file stays while the page plays no other painting.
    Raises MossError.
    """
    painted = checked_upload(path, "painting")
    levels = load_painting(painted)
    home = run_home(secrets.token_hex(16))
    sound = home / "painting.wav"

    def work():
        try:
            home.mkdir(parents=True)
            host.room.hold(request.session_hash or home.name, "painted", home)
            yield from painted_sound(levels, sound)
            yield None  # whoever has left by now is known to have left
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise

    size_bytes = levels.shape[1] * HOP * BIT_DEPTH // 8
    with closing(host.take(request, work, (painted,), size_bytes)) as items:
        yield from items
    return sound


def _telling(work, asked):
    """Yield updates of how many runs come before `work`, while that changes; return its result."""
    said = None
    with closing(work):
        while True:
            try:
                item = next(work)
            except StopIteration as end:
                return end.value
            ahead = item.ahead if isinstance(item, Waiting) else 0
            if ahead == said:
                yield gr.skip()  # so that a visitor who has left is noticed
            else:
                yield painter_value(asked=asked, waiting=waiting(ahead) if ahead else None)
            said = ahead


def _of(asked, name, kind):
    """Return one of the data of an event if it is of its kind; any request may have made it up."""
    value = asked._data.get(name) if isinstance(asked._data, dict) else None
    return value if isinstance(value, kind) else None
