"""A fresh page that nothing may go wrong on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

PATIENCE_MS = 60_000  # the machine may be small and busy; nobody waits this long for a pass
NETWORK = ("http", "https", "ws", "wss")


@contextmanager
def watched(browser: Browser, expected: str | None = None, **options) -> Iterator[Page]:
    """Yield a page of a context of its own; `options` go to Playwright's new_context.

    Raises AssertionError at the end if the page has thrown or logged an error that the regular
    expression `expected` does not find, or has asked another host for anything.
    """
    wrong = []

    def logged(message):
        if message.type == "error" and not (expected and re.search(expected, message.text)):
            wrong.append(f"console: {message.text} ({message.location.get('url', '')})")

    def asked(request):
        url = urlsplit(request.url)
        if url.scheme in NETWORK and url.hostname != "127.0.0.1":
            wrong.append(f"another host: {request.url}")

    context = browser.new_context(**options)
    try:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", logged)
        page.on("pageerror", lambda error: wrong.append(f"thrown: {error}"))
        page.on("request", asked)
        yield page
    finally:
        context.close()
    assert not wrong, "\n".join(wrong)
