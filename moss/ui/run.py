"""A run as the page does it: the heavy part is handed in, and files are written outside of it."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from moss.errors import OutputError
from moss.folder import new_folder
from moss.pipeline import Event, Prepared, Run, Task
from moss.ui.files import temp_root
from moss.ui.result import Result, result_of

Search = Callable[[Prepared, Task], Iterator[Event]]
Item = Prepared | Event | Result

# Who hosts the page decides what stays: Hugging Face sets this for every Space.
RESULTS = None if os.environ.get("SPACE_ID") else Path(__file__).resolve().parents[2] / "results"


def run_for_visitor(
    make: Callable[[Path], Iterator[Prepared | Event | Run]], name: str, results: Path | None
) -> Iterator[Item]:
    """Run `make(folder)`, a use case of the pipeline, among the temporary files.

    The last item is the Result, a copy of which stays under `results` unless that is None or
    cannot be written. Closing the generator closes what `make` gave and leaves nothing behind.
    Raises what the use case raises.
    """
    home = Path(tempfile.mkdtemp(prefix="run-", dir=temp_root()))
    result = None
    try:
        with closing(make(home / "moss")) as items:
            for item in items:
                if isinstance(item, Run):
                    kept = _kept(item.folder, name, results) if results else None
                    result = result_of(item, name, kept, refused=None if kept else results)
                yield result or item
    finally:
        if result is None:
            shutil.rmtree(home, ignore_errors=True)


def _kept(folder, name, results):
    words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60]
    first = f"{datetime.now():%Y-%m-%d-%H%M%S}-{words}"
    names = chain([first], (f"{first}-{k}" for k in count(2)))
    try:
        kept = next(results / name for name in names if not (results / name).exists())
        with new_folder(kept) as made:
            shutil.copytree(folder, made, dirs_exist_ok=True)
    except (OSError, OutputError):
        return None  # the result itself is there, and worth more than its copy
    return kept
