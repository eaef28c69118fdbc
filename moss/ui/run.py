"""A run as the page does it: the heavy part is handed in, and files are written outside of it."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from moss.folder import new_folder
from moss.pipeline import Event, Prepared, Run, Task
from moss.ui.files import temp_root
from moss.ui.result import Result, result_of

Search = Callable[[Prepared, Task], Iterator[Event]]
Item = Prepared | Event | Result

# Who hosts the page decides what stays: Hugging Face sets this for every Space.
HOSTED = bool(os.environ.get("SPACE_ID"))
RESULTS = None if HOSTED else Path(__file__).resolve().parents[2] / "results"


def run_for_visitor(
    make: Callable[[Path], Iterator[Prepared | Event | Run]], name: str, results: Path | None
) -> Iterator[Item]:
    """Run `make(folder)`, a use case of the pipeline, among the temporary files.

    The last item is the Result, a copy of which stays under `results` where that is a folder.
    Closing the generator closes what `make` gave and leaves nothing behind. Raises what the use
    case raises.
    """
    home = Path(tempfile.mkdtemp(prefix="run-", dir=temp_root()))
    result = None
    try:
        with closing(make(home / "moss")) as items:
            for item in items:
                if isinstance(item, Run):
                    result = result_of(item, name, _kept(item.folder, name, results))
                yield result or item
    finally:
        if result is None:
            shutil.rmtree(home, ignore_errors=True)


def _kept(folder, name, results):
    if results is None:
        return None
    words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60]
    kept = results / f"{datetime.now():%Y-%m-%d-%H%M%S}-{words}"
    with new_folder(kept) as made:
        shutil.copytree(folder, made, dirs_exist_ok=True)
    return kept
