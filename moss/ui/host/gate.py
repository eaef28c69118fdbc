"""Requests are bounded before gradio reads them: uploads by the room, calls by their size."""

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from moss.errors import OutputError
from moss.ui.host.room import Room

# A call has some numbers and names, and perhaps a file that an agent sends in it.
MAX_BODY_BYTES = 32 * 2**20
FORM_BYTES = 2**16  # of an upload besides its file
UPLOAD = "/gradio_api/upload"
TOO_LARGE = f"A request may have up to {MAX_BODY_BYTES // 2**20} MiB; upload files first."


class Gate:
    """ASGI middleware in front of the page.

    An upload is refused with 413 where it says that it is larger than `max_upload_bytes`, and with
    507 where there is no room for it in `room`. Any other request is refused with 413 where it says
    that it has more than `MAX_BODY_BYTES`, and cut off when more than those have come.
    """

    def __init__(self, app: ASGIApp, room: Room, max_upload_bytes: int) -> None:
        self._app, self._room, self._max_upload_bytes = app, room, max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
        elif scope["path"].rstrip("/").endswith(UPLOAD):
            await self._upload(scope, receive, send)
        else:
            await self._call(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        size_bytes = _content_length(scope) or self._max_upload_bytes
        if size_bytes > self._max_upload_bytes + FORM_BYTES:
            limit = f"An upload may have up to {self._max_upload_bytes // 2**20} MiB."
            await PlainTextResponse(limit, status_code=413)(scope, receive, send)
            return
        try:
            release = await asyncio.to_thread(self._room.reserve, size_bytes)
        except OutputError as error:
            await PlainTextResponse(str(error), status_code=507)(scope, receive, send)
            return
        try:
            with suppress(ClientDisconnect):  # A visitor may break an upload off.
                await self._app(scope, receive, send)
        finally:
            release()

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _content_length(scope) > MAX_BODY_BYTES:
            await PlainTextResponse(TOO_LARGE, status_code=413)(scope, receive, send)
            return
        received_bytes = 0

        async def receive_bounded() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            # Not every request says how long it is.
            return {"type": "http.disconnect"} if received_bytes > MAX_BODY_BYTES else message

        await self._app(scope, receive_bounded, send)


def _content_length(scope: Scope) -> int:
    """Return how many bytes the request says that it has; 0 where it does not say."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
