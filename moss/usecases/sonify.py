"""The use case of what becomes sound directly: pictures, an array or a video, end to end."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from moss.errors import InputError, MossError
from moss.media import is_archive, unpack_pictures
from moss.progress import Failed, RenderProgress, as_work
from moss.results.run import Run, finished_run, result_folder
from moss.results.write_sonified import write_sonified
from moss.settings.sonify import SonifySettings
from moss.sonification.design import Design
from moss.sonification.parts import Part, array_part, picture_part, segments_of, video_part
from moss.sonification.synthesis import Synthesis
from moss.temporary import temporary_folder
from moss.usecases.blend import check_apart
from moss.usecases.compute import NO_MEMORY, raise_failures

READERS: dict[str, Callable[[Path, SonifySettings], Part]] = {
    "picture": picture_part,
    "array": array_part,
    "video": video_part,
}
VIDEOS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi")
ARRAYS = (".npy",)

Synthesise = Callable[[Design, str], Iterator[RenderProgress | Failed]]


@dataclass(frozen=True)
class Source:
    """A file that becomes sound; `kind` is "picture", "array" or "video".

    A zip of pictures is given as a picture; each that was unpacked from it names it as `archive`.
    """

    kind: str
    path: Path
    archive: Path | None = None


def source_of(path: str | os.PathLike) -> Source:
    """Return the source that a file's suffix tells: a video, an array, or else a picture."""
    path = Path(path)
    suffix = path.suffix.lower()
    kind = "video" if suffix in VIDEOS else "array" if suffix in ARRAYS else "picture"
    return Source(kind, path)


def _unpacked(source: Source, stack: ExitStack) -> list[Source]:
    """Return the sources that a zip of pictures holds, in files until `stack` closes."""
    if source.kind != "picture" or not is_archive(source.path):
        return [source]
    folder = stack.enter_context(temporary_folder())
    paths = unpack_pictures(source.path, folder)
    return [Source(source.kind, path, source.path) for path in paths]


def synthesise(design: Design, device: str = "cpu") -> Iterator[RenderProgress | Failed]:
    """Make the sound of `design`: all that is worth a faster device, which is `device`.

    The last event carries it as sound 0. The events hold NumPy alone; an error that a person can
    do something about is one of them, `Failed`.
    """
    started = time.perf_counter()
    try:
        synthesis = Synthesis(design, device)
        for step, steps in synthesis.run():
            yield RenderProgress("sounds", step, steps, time.perf_counter() - started)
        sounds = {0: synthesis.waveform[None].numpy()}
        yield RenderProgress("sounds", 1, 1, time.perf_counter() - started, sounds)
    except MossError as error:
        yield Failed(str(error))
    except (MemoryError, torch.OutOfMemoryError):
        yield Failed(NO_MEMORY)


@as_work
def sonify(
    sources: Sequence[Source | str | os.PathLike],
    output: str | os.PathLike | None = None,
    settings: SonifySettings | None = None,
    *,
    device: str = "cpu",
    overwrite: bool = False,
    draw: bool = True,
    compute: Synthesise = synthesise,
) -> Generator[RenderProgress | Design | Run, None, Run]:
    """Turn `sources`, one after another, into one sound in the folder `output`.

    Yields the progress of reading, the Design, the progress of the sound and of the files, and the
    Run at last. The folder gets sound.wav, spectrogram.png, sound.mp4 and summary.json; it appears
    when it is whole.

    Parameters
    ----------
    sources : what becomes sound; the kind of a mere path is told by its suffix.
    output : the folder to make; None for a Run that is in memory alone, which has no pictures.
    settings : the default ones unless given.
    device : "cpu" or "cuda".
    overwrite : whether a folder that has something in it is replaced.
    draw : whether the spectrogram and the film are made besides the sound.
    compute : may be `synthesise` behind a decorator.

    Raises
    ------
    InputError
        Files or settings cannot be used.
    OutputError
        `output` cannot be written, or has something in it and `overwrite` is false.
    """
    settings = settings or SonifySettings()
    files = [each if isinstance(each, Source) else source_of(each) for each in sources]
    if not files:
        raise InputError("There is nothing to sound; give a picture, a video or an array.")
    check_apart(output, *(each.path for each in files))
    with result_folder(output, overwrite=overwrite) as folder, ExitStack() as unpacked:
        started = time.perf_counter()
        parts = []
        files = [each for source in files for each in _unpacked(source, unpacked)]
        for step, source in enumerate(files):
            yield RenderProgress("reading", step, len(files), time.perf_counter() - started)
            part = READERS[source.kind](source.path, settings)
            parts.append(replace(part, archive=source.archive))
        design = Design(*segments_of(parts, settings), settings)
        seconds = {"reading": time.perf_counter() - started}
        yield design
        event: RenderProgress | None = None
        with closing(raise_failures(compute(design, device))) as events:
            for event in events:
                yield event
        assert event is not None, "the sound comes with the last event"
        seconds["sounds"] = event.elapsed_s
        waveform = torch.from_numpy(event.sounds[0])
        draw = draw and output is not None
        summary = yield from write_sonified(
            waveform, design, parts, folder, device, seconds, draw=draw
        )
        run = finished_run(folder, summary, output)
    yield run
    return run
