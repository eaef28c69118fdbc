"""A page on a port of this machine, for as long as a test needs it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while gradio is imported

import gradio as gr

from moss import ui


@contextmanager
def served(blocks: gr.Blocks, **options) -> Iterator[str]:
    """Serve `blocks` with the project's look and yield the address, such as http://127.0.0.1:1234.

    `options` go to gradio's launch as they are.
    """
    ui.launch(
        blocks,
        server_name="127.0.0.1",
        server_port=_free_port(),
        prevent_thread_lock=True,
        quiet=True,
        **options,
    )
    try:
        yield blocks.local_url.rstrip("/")
    finally:
        blocks.close(verbose=False)


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
