"""The page: Gradio Blocks over the use cases, and the only place that imports gradio."""

import os
import tempfile

# Gradio reads this while it is imported, and serves what lies there without copying it.
if not os.environ.get("GRADIO_TEMP_DIR"):
    _folder = tempfile.TemporaryDirectory(prefix="moss-", ignore_cleanup_errors=True)
    os.environ["GRADIO_TEMP_DIR"] = _folder.name

from moss.ui.page import build, launch

__all__ = ["build", "launch"]
