"""What the summary.json of a finished run tells, so that the run can be made again or go on."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moss.errors import InputError
from moss.media.files import checked_file, name_of, sha256_of, shown
from moss.results.names import SUMMARY
from moss.settings.presets import PUBLISHED_WHITE_DB

MAX_SUMMARY_BYTES = 16 * 2**20
# What a run that says nothing of these was made with.
FORMER_DEFAULTS = {"audio_loss": "log", "white_db": PUBLISHED_WHITE_DB}
WORKS = "the summary.json of a finished run"


@dataclass(frozen=True)
class RecordedInput:
    """A picture or a track that a run was made from, and the SHA-256 it had."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Recorded:
    """A finished run as its summary.json tells of it; nothing but the file's form is checked.

    Attributes
    ----------
    folder : where the summary lies.
    summary : the whole of it.
    settings : {field of BlendSettings: value}.
    device : "cpu" or "cuda".
    inputs : {"picture": ..., "audio": ...} and, where there is one, "second_picture"; relative
        paths are taken from `folder`.
    """

    folder: Path
    summary: dict[str, Any]
    settings: dict[str, Any]
    device: str
    inputs: dict[str, RecordedInput]

    def input(self, kind: str, instead: str) -> Path:
        """Return the path of the input `kind`, which still has the bytes it had.

        Raises
        ------
        InputError
            It has not; `instead` says what works then.
        """
        path, digest = self.inputs[kind].path, self.inputs[kind].sha256
        name = kind.replace("_", " ")
        if not path.is_file():
            raise InputError(
                f"The run's {name} {shown(str(path))} is not there any more; {instead}."
            )
        if sha256_of(path) != digest:
            raise InputError(
                f"The run's {name} {shown(str(path))} has changed since then; {instead}."
            )
        return path


def read_recorded(path: str | os.PathLike) -> Recorded:
    """Read a summary.json, or the one in a folder.

    Raises
    ------
    InputError
        There is none, or it does not tell of a run.
    """
    path = Path(path)
    path = path / SUMMARY if path.is_dir() else path
    text = checked_file(path, max_bytes=MAX_SUMMARY_BYTES, works=WORKS).read_bytes()
    try:
        summary = json.loads(text)
        inputs = {
            kind: RecordedInput(
                path.parent / str(summary["inputs"][kind]["path"]),
                str(summary["inputs"][kind]["sha256"]),
            )
            for kind in ("picture", "audio", *({"second_picture"} & set(summary["inputs"])))
        }
        settings, device = FORMER_DEFAULTS | dict(summary["settings"]), str(summary["device"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{name_of(path)} does not tell of a run that can be made again; give {WORKS}."
        ) from error
    return Recorded(path.parent, summary, settings, device, inputs)
