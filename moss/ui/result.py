"""What the page keeps of a finished run."""

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moss.pipeline import Run


@dataclass(frozen=True)
class Result:
    """A visitor's finished run, from pure music to pure picture.

    folder : the run's files. archive : all of them in one zip, beside the folder.
    points : what summary.json says of each representative.
    chosen : {"best_musical": index into points, ...}.
    hypervolume : {"designed": ..., "replayed": ...}.
    """

    folder: Path
    archive: Path
    points: list[dict[str, Any]]
    chosen: dict[str, int]
    hypervolume: dict[str, float]

    def nearest(self, index: float) -> int:
        """Return the index into `points` that a request's `index` means, whatever it says."""
        return min(max(round(index), 0), len(self.points) - 1)

    def remove(self) -> None:
        """Delete everything of the run."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def result_of(run: Run) -> Result:
    """Return the Result of `run`, whose files are alone in a folder of their own."""
    archive = run.folder.with_suffix(".zip")
    # Stored: sounds and pictures hardly shrink, and somebody waits for it.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as whole:
        for path in sorted(run.folder.rglob("*")):
            whole.write(path, path.relative_to(run.folder.parent))
    files = [point["file"] for point in run.summary["points"]]
    chosen = {name: files.index(file) for name, file in run.summary["chosen"].items()}
    points, hypervolume = run.summary["points"], run.summary["hypervolume"]
    return Result(run.folder, archive, points, chosen, hypervolume)
