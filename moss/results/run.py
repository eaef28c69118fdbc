"""A finished result: what its summary says, and its sounds, from a folder or from memory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from moss.media import read_audio
from moss.results.folder import new_folder
from moss.temporary import temporary_folder


@dataclass(frozen=True)
class Run:
    """A finished run, or a finished sound of what is visible.

    Attributes
    ----------
    folder : where its files lie, or None for one that is only in memory.
    summary : what its summary.json says.
    """

    folder: Path | None
    summary: dict[str, Any]
    _sounds: tuple[np.ndarray, ...] = field(default=(), repr=False)

    @property
    def points(self) -> list[dict[str, Any]]:
        """The figures of each sound along the front, from music to picture; of others none."""
        return self.summary.get("points", [])

    @property
    def sample_rate(self) -> int:
        """Of the sounds, in hertz."""
        return self.summary.get("sample_rate", self.summary["settings"]["sample_rate"])

    @property
    def sounds(self) -> tuple[np.ndarray, ...]:
        """The sounds as their files have them, (channels, samples) float32 each."""
        return self._sounds if self.folder is None else _read_sounds(self.folder, self.summary)


@contextmanager
def result_folder(output: str | os.PathLike | None, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a folder to write a result into: a temporary one where `output` is None.

    Raises
    ------
    OutputError
        As `moss.results.folder.new_folder` does.
    """
    if output is None:
        with temporary_folder() as folder:
            yield folder
    else:
        with new_folder(output, overwrite=overwrite) as folder:
            yield folder


def finished_run(folder: Path, summary: dict[str, Any], output: str | os.PathLike | None) -> Run:
    """Return the Run whose files are in `folder`, which becomes `output`, or memory for None."""
    if output is None:
        return Run(None, summary, _read_sounds(folder, summary))
    return Run(Path(output), summary)


def _read_sounds(folder: Path, summary: dict[str, Any]) -> tuple[np.ndarray, ...]:
    files = [point["file"] for point in summary.get("points", [summary])]
    return tuple(read_audio(folder / file)[0].numpy() for file in files)
