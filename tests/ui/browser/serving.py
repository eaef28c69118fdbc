"""A page on a port of this machine, for as long as a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import gradio as gr

from moss import ui
from moss.ui.page import Page, look
from tests.app_process import free_port


@contextmanager
def served(blocks: gr.Blocks, **options) -> Iterator[str]:
    """Serve `blocks` with the project's look and yield the address, such as http://127.0.0.1:1234.

    A whole page is served as the app does it. `options` go to gradio's launch as they are.
    """
    serve = partial(ui.launch, blocks) if isinstance(blocks, Page) else partial(bare, blocks)
    serve(
        server_name="127.0.0.1",
        server_port=free_port(),
        prevent_thread_lock=True,
        quiet=True,
        _frontend=False,  # or gradio gives up where a busy machine takes 3 s to answer first
        **options,
    )
    try:
        yield blocks.local_url.rstrip("/")
    finally:
        blocks.close(verbose=False)


def bare(blocks, **options):
    """Serve some parts of the page alone."""
    blocks.launch(**look(), **options)
