"""A run as the page does it: the heavy part is handed in, and files are written outside of it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from moss.config import BlendSettings
from moss.pipeline import Event, Prepared, Run, blend
from moss.ui.files import temp_root
from moss.ui.result import Result, result_of

Search = Callable[[Prepared], Iterator[Event]]


def blend_for_visitor(
    picture: Path, track: Path, settings: BlendSettings, search: Search
) -> Iterator[Event | Result]:
    """Blend a picture and a track among the temporary files; the last item is the Result.

    `search` yields the events of the front and then of its sounds. Closing the generator closes
    `search` and leaves nothing behind. Raises what `pipeline.blend` raises.
    """
    home = Path(tempfile.mkdtemp(prefix="run-", dir=temp_root()))
    result = None
    try:
        items = blend(picture, track, home / "moss", settings, compute=search)
        with closing(items):
            for item in items:
                if isinstance(item, Run):
                    result = result_of(item)
                yield result or item
    finally:
        if result is None:
            shutil.rmtree(home, ignore_errors=True)
