"""The page: Gradio Blocks over the use cases, and the only place that imports gradio."""

import atexit
import os
from contextlib import ExitStack

from moss.temporary import temporary_folder

# Gradio reads this variable while it is imported, and serves what lies in the folder without
# copying it. Where a person has named a folder, the app makes its own inside: other programs may
# use the named one too, and what a killed app has left can be told from what is theirs.
with ExitStack() as _stack:
    _root = _stack.enter_context(temporary_folder(os.environ.get("GRADIO_TEMP_DIR")))
    os.environ["GRADIO_TEMP_DIR"] = str(_root)
    atexit.register(_stack.pop_all().close)

from moss.ui.page import build, launch

__all__ = ["build", "launch"]
