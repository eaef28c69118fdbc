"""The use case of the blend: a picture and a track become a Pareto front of sounds."""

import os
import time
from collections.abc import Callable, Generator
from pathlib import Path

from moss.blending.prepare import prepare
from moss.blending.prepared import Prepared
from moss.blending.task import FreshSearch
from moss.errors import InputError, OutputError, about
from moss.media.audio import rate_of_whole
from moss.media.files import name_of, shown
from moss.progress import RenderProgress, SearchProgress, as_work
from moss.results.run import Run, finished_run, result_folder
from moss.results.write_run import write_run
from moss.settings.blend import BlendSettings
from moss.usecases.compute import Compute, compute_found, front_and_sounds, never


@as_work
def blend(
    picture: str | os.PathLike,
    audio: str | os.PathLike,
    output: str | os.PathLike | None = None,
    settings: BlendSettings | None = None,
    *,
    second_picture: str | os.PathLike | None = None,
    device: str = "cpu",
    overwrite: bool = False,
    draw: bool = True,
    drafts: bool = False,
    compute: Compute = front_and_sounds,
    stop: Callable[[], bool] = never,
) -> Generator[Prepared | SearchProgress | RenderProgress | Run, None, Run]:
    """Blend a picture and a track into the folder `output`; the last item is the finished Run.

    Yields first what was prepared, then the progress of the search, of the sounds and of the
    files. The folder appears when it is whole: whatever ends the work early leaves nothing
    behind.

    Parameters
    ----------
    output : the folder to make; None for a Run that is in memory alone, which has no pictures.
    settings : the default ones unless given.
    second_picture : of the right channel, where the channel of the settings is "left-right"; the
        same picture unless given.
    device : "cpu" or "cuda".
    overwrite : whether a folder that has something in it is replaced.
    draw : whether spectrograms, animations, films and plots are made besides the sounds.
    drafts : whether its events bring drafts of the sounds as soon as there is a sketch of the
        front, for somebody who listens meanwhile. They change nothing of the run.
    compute : may be `front_and_sounds` behind a decorator.
    stop : once it returns true, the front that there is and the sounds that are made become the
        run; the other sounds are drafts.

    Raises
    ------
    InputError
        Files or settings cannot be used.
    OutputError
        `output` cannot be written, or has something in it and `overwrite` is false.
    """
    check_apart(output, picture, audio, *([second_picture] if second_picture else []))
    with result_folder(output, overwrite=overwrite) as folder:
        started = time.perf_counter()
        settings = settings or BlendSettings()
        check_whole(audio, settings)
        prepared = prepare(picture, audio, settings, device, second_picture)
        seconds = {"reading": time.perf_counter() - started}
        yield prepared
        found = yield from compute_found(prepared, FreshSearch(drafts), compute, stop, seconds)
        draw = draw and output is not None
        summary = yield from write_run(prepared, found, folder, seconds, draw=draw)
        run = finished_run(folder, summary, output)
    yield run
    return run


def check_whole(audio: str | os.PathLike, settings: BlendSettings) -> None:
    """Check, where the settings ask for the whole track, that it can become a song.

    Raises
    ------
    InputError
        It is too long, or its sample rate too low for the picture, or it cannot be read.
    """
    if not settings.whole:
        return
    with about("audio"):
        rate = rate_of_whole(audio)
    if settings.sample_rate is not None and rate < settings.sample_rate:
        raise InputError(
            f"{name_of(audio)} has {rate:,} Hz, too few for the sounds' {settings.sample_rate:,} "
            f"in the whole track; a sample rate of up to {rate:,} works, or the part alone."
        )


def check_apart(output: str | os.PathLike | None, *inputs: str | os.PathLike) -> None:
    """Refuse an output folder that holds an input: replacing it would delete the input.

    Raises
    ------
    OutputError
        It does.
    """
    if output is None:
        return
    for path in inputs:
        # By `realpath`, which unlike `Path.resolve` takes a link that leads to itself as it is.
        if Path(os.path.realpath(output)) in Path(os.path.realpath(path)).parents:
            raise OutputError(
                f"{name_of(path)} lies in the output folder {shown(str(output))}; choose another "
                "folder."
            )
