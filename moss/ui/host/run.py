"""A run as the page and the endpoints do it: when it is its turn, where there is room for it."""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, count
from pathlib import Path

import gradio as gr

from moss.blending.prepared import Prepared
from moss.errors import InputError, OutputError, about
from moss.results.folder import new_folder
from moss.results.run import Run
from moss.settings.blend import MAX_DURATION_S, BlendSettings
from moss.settings.sonify import SonifySettings
from moss.sonification.design import Design
from moss.ui.host.files import checked_upload, temp_root
from moss.ui.host.result import Result, pair_name, result_of
from moss.ui.host.room import FULL, Room
from moss.ui.host.turns import Turns, Waiting
from moss.usecases.blend import blend
from moss.usecases.compute import Compute, Event, never
from moss.usecases.estimate import seconds_of, seconds_of_sound
from moss.usecases.sonify import Source, Synthesise, sonify, synthesise

Item = Waiting | Prepared | Design | Event | Result | None
OTHER_SOUNDS = 5  # three picks, the film's and the original
OTHER_BYTES = 40_000_000  # pictures, film, masks
MOST_HOSTED_S = 1200

# Who hosts the page decides what stays: Hugging Face sets this for every Space.
RESULTS = None if os.environ.get("SPACE_ID") else Path("results").absolute()


@dataclass(frozen=True)
class Order:
    """A run that somebody asks for.

    name : of the result. make : the use case of the pipeline that fills the folder it is given.
    inputs : files that have to stay until it is done. size_bytes : about what it will leave.
    """

    name: str
    make: Callable[[Path], Iterator[Prepared | Design | Event | Run]]
    inputs: tuple[Path, ...]
    size_bytes: int


@dataclass(frozen=True)
class Host:
    """What all runs on this machine share.

    compute, synthesise : the heavy parts of a blend and of a sound, which work on `device`, "cpu"
        or "cuda".
    results : the folder where copies of results stay, or None.
    room : of the temporary files. turns : whose turn it is.
    """

    compute: Compute
    device: str
    results: Path | None
    room: Room
    turns: Turns = field(default_factory=Turns)
    synthesise: Synthesise = synthesise

    def blend(
        self,
        picture: str | None,
        track: str | None,
        settings: BlendSettings,
        stop: Callable[[], bool] = never,
    ) -> Order:
        """Return the order of a blend; InputError for files that nobody has uploaded."""
        with about("picture"):
            image = checked_upload(picture, "picture")
        with about("audio"):
            audio = checked_upload(track, "track")
        self._check_time(seconds_of(settings))

        def make(folder):
            return blend(
                image,
                audio,
                folder,
                settings,
                device=self.device,
                compute=self.compute,
                stop=stop,
            )

        return Order(pair_name(image, audio), make, (image, audio), size_of_result(settings))

    def sonify(self, kind: str, paths: Sequence[str | None], settings: SonifySettings) -> Order:
        """Return the order of a sound made of files of one `kind` of `moss.usecases.sonify`.

        Raises InputError for files that nobody has uploaded.
        """
        sources = [Source(kind, checked_upload(path, kind)) for path in paths or [None]]

        def make(folder):
            items = sonify(sources, folder, settings, device=self.device, compute=self.synthesise)
            with closing(items):
                for item in items:
                    if isinstance(item, Design):
                        self._check_time(seconds_of_sound(item))
                    yield item

        files = tuple(source.path for source in sources)
        name = files[0].stem if len(files) == 1 else f"{len(files)} {kind}s"
        return Order(name, make, files, size_of_sound(kind, len(files), settings))

    def _check_time(self, seconds):
        needed_s = sum(seconds.values())
        if self.results is None and needed_s > MOST_HOSTED_S:
            raise InputError(
                f"This would take about {needed_s / 60:.0f} minutes, and others wait; choose a "
                f"shorter part or less work, up to {MOST_HOSTED_S // 60} minutes."
            )

    def run(self, request: gr.Request, order: Order) -> Iterator[Item]:
        """Yield what happens to `order`: `Waiting`, events, and the Result at last.

        None is yielded where it takes a while. A copy of the result stays in `results` unless
        that is None or cannot be written. Closing the generator ends the work, without waiting
        for it, and leaves nothing behind. Raises what the use case raises, and OutputError where
        too many wait or there is no room.
        """
        return self.take(
            request, lambda: self._among_the_files(order), order.inputs, order.size_bytes
        )

    def take(
        self,
        request: gr.Request,
        work: Callable[[], Iterator],
        inputs: Iterable[Path],
        size_bytes: int,
    ) -> Iterator:
        """Yield `Waiting` until it is the turn of who asks, then what `work()` yields, and None.

        `inputs` stay until the end, and there is room for `size_bytes` when the work begins.
        """
        holder = secrets.token_hex(8)
        self.room.hold(holder, "inputs", *inputs)

        def work_in_the_room():
            end = self.room.promise(size_bytes)
            try:
                with closing(work()) as items:
                    yield from items
            finally:
                end()

        visitor = request.client.host if request.client else ""
        try:
            with closing(self.turns.run(visitor, work_in_the_room)) as items:
                yield from items
        finally:
            self.room.let_go(holder)

    def _among_the_files(self, order):
        token = secrets.token_hex(16)
        home, result = run_home(token), None
        self.room.hold(token, "home", home)  # a long search is no reason to delete it
        try:
            with closing(order.make(home / "moss")) as items:
                for item in items:
                    if isinstance(item, Run):
                        kept = None
                        if self.results:
                            kept = _kept(item.folder, order.name, self.results)
                        refused = None if kept else self.results
                        result = result_of(item, order.name, kept, refused)
                    yield result or item
        except OutputError as error:
            if self.results is None:  # whose disk it is, a visitor cannot know
                raise OutputError(FULL) from error
            raise
        finally:
            self.room.let_go(token)
            if result is None:
                shutil.rmtree(home, ignore_errors=True)


def run_home(token: str) -> Path:
    """Return the folder of the run that is known by `token`, which only who made it knows."""
    return temp_root() / f"run-{token}"


def size_of_result(settings: BlendSettings, sounds: int | None = None) -> int:
    """Return about how many bytes a run leaves, in its folder and in its archive.

    `sounds` is how many there will be; as many as the settings say unless given.
    """
    count = (settings.representatives if sounds is None else sounds) + OTHER_SOUNDS
    channels = 1 if settings.mono else 2
    samples = round(settings.duration_s * settings.sample_rate) * channels
    return 2 * (count * samples * settings.bit_depth // 8 + OTHER_BYTES)


def size_of_sound(kind: str, files: int, settings: SonifySettings) -> int:
    """Return about how many bytes a sound made of so many `files` leaves, and its archive."""
    # How long a video is, nobody has looked yet.
    each_s = MAX_DURATION_S if kind == "video" else settings.duration_s + settings.gap_s
    samples = round(min(files * each_s, MAX_DURATION_S) * settings.sample_rate)
    return 2 * (samples * settings.bit_depth // 8 + OTHER_BYTES)


def _kept(folder, name, results):
    words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60]
    first = f"{datetime.now():%Y-%m-%d-%H%M%S}-{words}"
    names = chain([first], (f"{first}-{k}" for k in count(2)))
    try:
        kept = next(results / name for name in names if not (results / name).exists())
        with new_folder(kept) as made:
            shutil.copytree(folder, made, dirs_exist_ok=True)
    except (OSError, OutputError):
        return None  # the result itself is there, and worth more than its copy
    return kept
