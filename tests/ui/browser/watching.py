"""A fresh page that nothing may go wrong on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

PATIENCE_MS = 60_000  # the machine may be small and busy; nobody waits this long for a pass
NETWORK = ("http", "https", "ws", "wss")
# Gradio asks how far an upload is even when it is over by then, and logs the answer twice.
LATE = "/gradio_api/upload_progress"


@contextmanager
def watched(browser: BrowserContext, expected: str | None = None) -> Iterator[Page]:
    """Yield a fresh page of `browser`, and close it at the end.

    Raises AssertionError at the end if the page has thrown or logged an error that the regular
    expression `expected` does not find, or has asked another host for anything.
    """
    wrong, late = [], 0

    def logged(message):
        nonlocal late
        url = message.location.get("url", "")
        if message.type != "error" or (expected and re.search(expected, message.text)):
            return
        if LATE in url:
            late += 1
        elif message.text == "Response" and late:
            late -= 1
        else:
            wrong.append(f"console: {message.text} ({url})")

    def asked(request):
        url = urlsplit(request.url)
        if url.scheme in NETWORK and url.hostname != "127.0.0.1":
            wrong.append(f"another host: {request.url}")

    page = browser.new_page()
    try:
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", logged)
        page.on("pageerror", lambda error: wrong.append(f"thrown: {error}"))
        page.on("request", asked)
        yield page
    finally:
        page.close()
    assert not wrong, "\n".join(wrong)
