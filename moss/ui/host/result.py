"""What the page knows of a finished run, its archive, and the copy that stays."""

import json
import re
import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from moss.errors import OutputError
from moss.results.folder import new_folder
from moss.results.names import SUMMARY
from moss.settings.blend import BlendSettings
from moss.settings.presets import blend_settings

RESULT_LIFE_S = 2 * 3600  # of hosted results
MAX_COPY_NAME = 60  # characters of a copy's name after its time, so that no path is too long


@dataclass(frozen=True)
class Result:
    """A finished run or sound on the page.

    Attributes
    ----------
    folder : has the run's files.
    archive : all of them in one zip, or None.
    summary : what its summary.json says.
    name : how a visitor tells it from others of the visit.
    copy : the folder of a copy that nothing deletes, or None.
    unwritable : the folder in which no copy could be written, or None.
    home : the folder that is deleted with the result, or None for one that stays.
    """

    folder: Path
    archive: Path | None
    summary: dict[str, Any]
    name: str
    copy: Path | None = None
    unwritable: Path | None = None
    home: Path | None = None

    @property
    def pair(self) -> str:
        """What a blend is made of, such as "fern + pad"."""
        return pair_name(*self.inputs[:2])

    @property
    def token(self) -> str:
        """What `run_home` calls it, where it is one of the temporary files."""
        return self.folder.parent.name.removeprefix("run-")

    @property
    def inputs(self) -> list[Path]:
        """The picture and the track that a blend is made of, and its second picture if any."""
        return [Path(recording["path"]) for recording in self.summary["inputs"].values()]

    @property
    def settings(self) -> BlendSettings:
        """The settings of a blend."""
        return blend_settings(**self.summary["settings"])

    def remove(self) -> None:
        """Delete its files, unless they stay."""
        if self.home:
            shutil.rmtree(self.home, ignore_errors=True)


def pair_name(picture: Path, track: Path) -> str:
    """Return what a picture and a track are called together."""
    return f"{picture.stem} + {track.stem}"


def result_of(folder: Path, summary: dict[str, Any], name: str, results: Path | None) -> Result:
    """Return the Result of a run whose files are in `folder`, alone in a folder of its own.

    A copy stays in the folder `results`, unless that is None or cannot be written. Where there is
    no room for the archive, there is none.
    """
    copy = _copy(folder, name, results) if results else None
    unwritable = None if copy else results
    return Result(folder, _archive(folder), summary, name, copy, unwritable, folder.parent)


def result_in(folder: Path, name: str) -> Result:
    """Return the Result of a finished run's `folder`, which stays where it is."""
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return Result(folder, None, summary, name)


def _archive(folder: Path) -> Path | None:
    """Write all files of `folder` to a zip beside it and return its path; None without room."""
    archive = folder.with_suffix(".zip")
    try:
        # Sounds and pictures hardly shrink, and somebody waits, so nothing is compressed.
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as whole:
            for path in sorted(folder.rglob("*")):
                whole.write(path, path.relative_to(folder.parent))
    except OSError:
        archive.unlink(missing_ok=True)
        return None
    return archive


def _copy(folder: Path, name: str, results: Path) -> Path | None:
    """Copy `folder` into `results` under a new name and return its path; None without success."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:MAX_COPY_NAME]
    first = f"{datetime.now():%Y-%m-%d-%H%M%S}-{words}"
    names = chain([first], (f"{first}-{k}" for k in count(2)))
    try:
        copy = next(results / name for name in names if not (results / name).exists())
        with new_folder(copy) as new:
            shutil.copytree(folder, new, dirs_exist_ok=True)
    except (OSError, OutputError):
        return None  # The result itself is there, and is worth more than its copy.
    return copy
