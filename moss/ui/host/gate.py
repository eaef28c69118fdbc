"""What comes in is bounded before gradio reads it: uploads by the room, calls by their size."""

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from moss.errors import OutputError
from moss.ui.host.room import Room

MAX_BODY_BYTES = 32 * 2**20  # of a call: some numbers and names; a file that an agent sends in it
FORM_BYTES = 2**16  # of an upload besides its file
UPLOAD = "/gradio_api/upload"
TOO_LARGE = f"A request may have up to {MAX_BODY_BYTES // 2**20} MiB; upload files first."


class Gate:
    """ASGI middleware in front of the page.

    An upload is refused with 413 where it says that it is larger than `max_upload_bytes`, and with
    507 where there is no room for it in `room`. Any other request is refused with 413 when more
    than `MAX_BODY_BYTES` of it have come.
    """

    def __init__(self, app: ASGIApp, room: Room, max_upload_bytes: int):
        self._app, self._room, self._max_upload_bytes = app, room, max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
        elif scope["path"].rstrip("/").endswith(UPLOAD):
            await self._upload(scope, receive, send)
        else:
            await self._call(scope, receive, send)

    async def _upload(self, scope, receive, send):
        size_bytes = _length(scope) or self._max_upload_bytes
        if size_bytes > self._max_upload_bytes + FORM_BYTES:
            most = f"An upload may have up to {self._max_upload_bytes // 2**20} MiB."
            await PlainTextResponse(most, status_code=413)(scope, receive, send)
            return
        try:
            end = await asyncio.to_thread(self._room.promise, size_bytes)
        except OutputError as error:
            await PlainTextResponse(str(error), status_code=507)(scope, receive, send)
            return
        try:
            with suppress(ClientDisconnect):  # who uploads may change their mind
                await self._app(scope, receive, send)
        finally:
            end()

    async def _call(self, scope, receive, send):
        if _length(scope) > MAX_BODY_BYTES:
            await PlainTextResponse(TOO_LARGE, status_code=413)(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > MAX_BODY_BYTES:  # of a request that did not say how long it is
                return {"type": "http.disconnect"}
            return message

        await self._app(scope, counted, send)


def _length(scope):
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
