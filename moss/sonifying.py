"""The use case of what becomes sound directly: pictures, an array or a video, end to end."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from moss.errors import MossError
from moss.folder import new_folder
from moss.pipeline import NO_MEMORY, check_apart
from moss.progress import RenderProgress
from moss.sonify.parts import Part, array_part, picture_part, stretches_of, video_part
from moss.sonify.settings import SonifySettings
from moss.sonify.synthesis import Synthesis
from moss.write_sonified import write_sonified

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


@dataclass(frozen=True)
class Sonified:
    """A finished sound: its folder, and what its summary.json says."""

    folder: Path
    summary: dict[str, Any]


def sonify(
    sources: Sequence[Source],
    output: str | os.PathLike,
    settings: SonifySettings,
    *,
    device: str = "cpu",
    overwrite: bool = False,
) -> Iterator[RenderProgress | Sonified]:
    """Turn `sources`, one after another, into one sound in the folder `output`.

    Yields progress, and the Sonified at last. The folder gets sound.wav, spectrogram.png, sound.mp4
    and summary.json; it appears when it is whole.

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
        length, stretches = stretches_of(parts, settings)
        seconds = {"reading": time.perf_counter() - started}
        started = time.perf_counter()
        try:
            synthesis = Synthesis(length, stretches, settings, device)
            for step, steps in synthesis.run():
                yield RenderProgress("sounds", step, steps, time.perf_counter() - started)
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise MossError(NO_MEMORY) from error
        seconds["sounds"] = time.perf_counter() - started
        summary = yield from write_sonified(
            synthesis, stretches, parts, settings, folder, device, seconds
        )
    yield Sonified(Path(output), summary)
