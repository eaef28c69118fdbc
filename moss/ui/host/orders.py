"""The runs that a visitor can order, and about how many bytes they leave."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from moss.blending.prepared import Prepared
from moss.blending.task import NEW_POINTS
from moss.errors import InputError, about
from moss.media.coding import CD_RATE
from moss.results.run import Run
from moss.settings.blend import MAX_DURATION_S, BlendSettings
from moss.settings.sonify import SonifySettings
from moss.sonification.design import Design
from moss.ui.host.files import resolve_upload
from moss.ui.host.result import Result, pair_name
from moss.ui.host.run import Host, Order
from moss.usecases.blend import blend
from moss.usecases.compute import Event, never
from moss.usecases.estimate import seconds_of, seconds_of_sound
from moss.usecases.sonify import Source, sonify
from moss.usecases.steer import Aim, steer

OTHER_SOUNDS = 5  # three picks, the film's and the original
PICKS = 3  # of which there are songs, and files to share
SHARED_BYTES_A_SECOND = 120_000  # of one pick in all codecs
OTHER_BYTES = 40_000_000  # pictures, film, masks
MAX_HOSTED_S = 1200


def order_blend(
    host: Host,
    picture: str | None,
    track: str | None,
    settings: BlendSettings,
    stop: Callable[[], bool] = never,
    second_picture: str | None = None,
    *,
    drafts: bool = False,
) -> Order:
    """Return the order of a blend of uploads; once `stop()` is true, what is there is its result.

    With `drafts` its sounds can be heard while it works.

    Raises
    ------
    InputError
        A file was not uploaded, or the run would take too long.
    """
    with about("picture"):
        picture_path = resolve_upload(picture, "picture")
    with about("second_picture"):
        second = resolve_upload(second_picture, "picture") if second_picture else None
    with about("audio"):
        track_path = resolve_upload(track, "track")
    _check_time(host, seconds_of(settings))

    def make(folder: Path) -> Generator[Prepared | Event | Run, None, None]:
        yield from blend(
            picture_path,
            track_path,
            folder,
            settings,
            second_picture=second,
            device=host.device,
            drafts=drafts,
            compute=host.compute,
            stop=stop,
        )

    name, size_bytes = pair_name(picture_path, track_path), size_of_result(settings)
    files = (picture_path, track_path, *([second] if second else []))
    return Order(name, make, files, size_bytes)


def order_steer(
    host: Host, before: Result, aim: Aim, wishes: str, stop: Callable[[], bool] = never
) -> Order:
    """Return the order of a run that goes on from `before`; once `stop()` is true, it ends."""

    def make(folder: Path) -> Generator[Prepared | Event | Run, None, None]:
        yield from steer(
            before.folder,
            folder,
            aim,
            wishes=wishes,
            device=host.device,
            compute=host.compute,
            stop=stop,
        )

    sounds = len(before.summary["points"]) + NEW_POINTS
    size_bytes = size_of_result(before.settings, sounds)
    name = f"{before.pair}, {_aim_words(aim)}"
    return Order(name, make, (before.folder, *before.inputs), size_bytes)


def order_sound(
    host: Host, kind: str, paths: Sequence[str | None], settings: SonifySettings
) -> Order:
    """Return the order of a sound made of uploads of one `kind` of `moss.usecases.sonify`.

    Raises
    ------
    InputError
        There is no file, or one was not uploaded.
    """
    sources = [Source(kind, resolve_upload(path, kind)) for path in paths or [None]]

    def make(folder: Path) -> Generator[Design | Event | Run, None, None]:
        items = sonify(sources, folder, settings, device=host.device, compute=host.synthesise)
        with closing(items):
            for item in items:
                if isinstance(item, Design):
                    _check_time(host, seconds_of_sound(item))
                yield item

    files = tuple(source.path for source in sources)
    name = files[0].stem if len(files) == 1 else f"{len(files)} {kind}s"
    return Order(name, make, files, size_of_sound(kind, len(files), settings))


def size_of_result(settings: BlendSettings, sounds: int | None = None) -> int:
    """Return about how many bytes a blend leaves, in its folder and in its archive.

    `sounds` is how many there will be; as many as the settings say unless given.
    """
    count = (settings.representatives if sounds is None else sounds) + OTHER_SOUNDS
    channels = 1 if settings.mono else 2
    samples = round(settings.duration_s * settings.sound_rate) * channels
    # How long the whole track is, is not known before it is read; CDs' rate is the usual one.
    songs = PICKS * round(MAX_DURATION_S * CD_RATE) * channels if settings.whole else 0
    shared = PICKS * SHARED_BYTES_A_SECOND * round(settings.duration_s) if settings.share else 0
    return 2 * ((count * samples + songs) * settings.bit_depth // 8 + shared + OTHER_BYTES)


def size_of_sound(kind: str, files: int, settings: SonifySettings) -> int:
    """Return about how many bytes a sound made of so many `files` leaves, and its archive."""
    # The length of a video is not known before it is read.
    each_s = MAX_DURATION_S if kind == "video" else settings.duration_s + settings.gap_s
    samples = round(min(files * each_s, MAX_DURATION_S) * settings.sample_rate)
    return 2 * (samples * settings.bit_depth // 8 + OTHER_BYTES)


def _check_time(host: Host, seconds: Mapping[str, float]) -> None:
    """Refuse work that takes these `seconds` by stage where others would wait for too long."""
    needed_s = sum(seconds.values())
    if host.results is None and needed_s > MAX_HOSTED_S:
        raise InputError(
            f"This would take about {needed_s / 60:.0f} minutes, and others wait; choose a "
            f"shorter part or less work, up to {MAX_HOSTED_S // 60} minutes."
        )


def _aim_words(aim: Aim) -> str:
    if aim.music is None:
        return f"more {aim.toward} at point {aim.point}"
    return f"{100 * aim.music:.0f} % music"
