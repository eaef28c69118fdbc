"""What the page keeps of finished runs: the folders of a visit, the last of them in memory."""

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moss.results.run import Run
from moss.settings.blend import BlendSettings, blend_settings

KINDS = ("picture", "audio")
RESULT_LIFE_S = 2 * 3600  # of hosted results


@dataclass(frozen=True)
class Result:
    """A finished run, from pure music to pure picture.

    folder : the run's files; archive : all of them in one zip, or None.
    summary : what its summary.json says.
    name : how a visitor tells it from others of the visit.
    kept : where a copy stays that nothing deletes, or None; refused : the folder that could not
        take one, or None.
    home : the folder that is deleted with the result, or None for one that stays.
    """

    folder: Path
    archive: Path | None
    summary: dict[str, Any]
    name: str
    kept: Path | None = None
    refused: Path | None = None
    home: Path | None = None

    @property
    def pair(self) -> str:
        """What it is made of, such as "fern + pad"."""
        return pair_name(*self.inputs)

    @property
    def token(self) -> str:
        """What `run_home` calls it, where it is one of the temporary files."""
        return self.folder.parent.name.removeprefix("run-")

    @property
    def inputs(self) -> list[Path]:
        """The picture and the track that it is made of."""
        return [Path(self.summary["inputs"][kind]["path"]) for kind in KINDS]

    @property
    def settings(self) -> BlendSettings:
        """The settings that made it."""
        return blend_settings(**self.summary["settings"])

    def remove(self) -> None:
        """Delete its files, unless they stay."""
        if self.home:
            shutil.rmtree(self.home, ignore_errors=True)


def pair_name(picture: Path, track: Path) -> str:
    """Return what a picture and a track are called together."""
    return f"{picture.stem} + {track.stem}"


def result_of(run: Run, name: str, kept: Path | None, refused: Path | None) -> Result:
    """Return the Result of `run`, whose files are alone in a folder of their own.

    Where there is no room for the archive, there is none.
    """
    archive = run.folder.with_suffix(".zip")
    try:
        # Stored: sounds and pictures hardly shrink, and somebody waits for it.
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as whole:
            for path in sorted(run.folder.rglob("*")):
                whole.write(path, path.relative_to(run.folder.parent))
    except OSError:
        archive.unlink(missing_ok=True)
        archive = None
    return Result(run.folder, archive, run.summary, name, kept, refused, run.folder.parent)


def result_in(folder: Path, name: str) -> Result:
    """Return the Result of a finished run's `folder`, which stays where it is."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return Result(folder, None, summary, name)
