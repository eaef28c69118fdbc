"""The use case of what becomes sound directly: pictures, an array or a video, end to end."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch

from moss.errors import MossError
from moss.progress import Failed, RenderProgress
from moss.results.folder import new_folder
from moss.results.write_sonified import write_sonified
from moss.settings.sonify import SonifySettings
from moss.sonification.design import Design
from moss.sonification.parts import Part, array_part, picture_part, segments_of, video_part
from moss.sonification.synthesis import Synthesis
from moss.usecases.blend import NO_MEMORY, Run, check_apart, checked

READERS: dict[str, Callable[[Path, SonifySettings], Part]] = {
    "picture": picture_part,
    "array": array_part,
    "video": video_part,
}


@dataclass(frozen=True)
class Source:
    """A file that becomes sound; `kind` is "picture", "array" or "video"."""

    kind: str
    path: Path


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


Synthesise = Callable[[Design, str], Iterator[RenderProgress | Failed]]


def sonify(
    sources: Sequence[Source],
    output: str | os.PathLike,
    settings: SonifySettings,
    *,
    device: str = "cpu",
    overwrite: bool = False,
    compute: Synthesise = synthesise,
) -> Generator[RenderProgress | Design | Run, None, None]:
    """Turn `sources`, one after another, into one sound in the folder `output`.

    Yields the progress of reading, the Design, the progress of the sound and of the files, and the
    Run at last. The folder gets sound.wav, spectrogram.png, sound.mp4 and summary.json; it appears
    when it is whole. `compute` may be `synthesise` behind a decorator.

    Raises InputError for files and settings that cannot be used, OutputError where `output`
    cannot be written or has something in it and `overwrite` is false.
    """
    check_apart(output, *(source.path for source in sources))
    with new_folder(output, overwrite=overwrite) as folder:
        started = time.perf_counter()
        parts = []
        for step, source in enumerate(sources):
            yield RenderProgress("reading", step, len(sources), time.perf_counter() - started)
            parts.append(READERS[source.kind](source.path, settings))
        design = Design(*segments_of(parts, settings), settings)
        seconds = {"reading": time.perf_counter() - started}
        yield design
        event = None
        with closing(checked(compute(design, device))) as events:
            for event in events:
                yield event
        seconds["sounds"] = event.elapsed_s
        waveform = torch.from_numpy(event.sounds[0])
        summary = yield from write_sonified(waveform, design, parts, folder, device, seconds)
    yield Run(Path(output), summary)
