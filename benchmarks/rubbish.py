"""What visitors send that cannot be served, and what they are answered."""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

API = "/gradio_api"
ANSWER_S = 120.0  # of a call that may have to wait for its turn
AT_ONCE_S = 20.0  # of a request that can be refused before it has come
HUGE_BYTES = 10**12
MULTIPART = "multipart/form-data; boundary=edge"
PART = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\nabc'
Answer = tuple[int, str]


class Sender:
    """Sends over plain HTTP, as a program would that knows the address and nothing else.

    Every method returns (status, text): of an HTTP answer, or of the event that ends a call.
    Status 0 is no answer.
    """

    def __init__(self, url, headers: dict[str, str], picture: Path, track: Path, settings: dict):
        self._url, self._headers, self._settings = url, headers, settings
        self._picture, self._track = picture, track
        self._client = httpx.Client(base_url=url + API, headers=headers, timeout=ANSWER_S)

    def uploaded(self, name: str, data: bytes) -> dict[str, Any]:
        """Upload `data` as a file called `name`; return what a call names it by."""
        answer = self._client.post("/upload", files={"files": (name, data)})
        return named(answer.raise_for_status().json()[0])

    def blend(self, **changes) -> Answer:
        """Call blend with good arguments but for `changes`."""
        given = {"preset": "quick", "settings": self._settings, **changes}
        for kind, path in (("picture", self._picture), ("track", self._track)):
            if kind not in given:
                given[kind] = self.uploaded(path.name, path.read_bytes())
        names = ("picture", "track", "preset", "settings", "second_picture")
        return self.call("blend", [given.get(name) for name in names])

    def settings(self, **changes) -> Answer:
        """Call blend with changed settings."""
        return self.blend(settings=self._settings | changes)

    def call(self, endpoint: str, data: list) -> Answer:
        """Call an endpoint and wait for the end of it."""
        begun = self._client.post(f"/call/{endpoint}", json={"data": data})
        if begun.is_error:
            return begun.status_code, begun.text
        ended = self._client.get(f"/call/{endpoint}/{begun.json()['event_id']}")
        # "event: error" or "event: complete", and "data: ..." in the next line
        event, told = ended.text.strip().splitlines()[-2:]
        if event != "event: error":
            return 200, told
        return 400, str((json.loads(told.removeprefix("data: ")) or {}).get("error"))

    def post(self, path: str, content: bytes, content_type: str = "application/json") -> Answer:
        """Post bytes."""
        answer = self._client.post(path, content=content, headers={"Content-Type": content_type})
        return answer.status_code, answer.text

    def get(self, path: str) -> Answer:
        """Get what is there."""
        answer = self._client.get(path)
        return answer.status_code, answer.text

    def huge(self, path: str, content_type: str, content: bytes) -> Answer:
        """Declare more than anybody wants to have, send the first of it, and wait."""
        where = urlsplit(self._url)
        fields = {"Host": where.netloc, "Connection": "close"} | self._headers
        fields |= {"Content-Type": content_type, "Content-Length": str(HUGE_BYTES)}
        lines = [f"POST {API}{path} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
        head = "\r\n".join([*lines, "", ""]).encode()
        with socket.create_connection((where.hostname, where.port), AT_ONCE_S) as connection:
            connection.sendall(head + content)
            answer = b""
            with suppress(TimeoutError):
                while data := connection.recv(2**16):
                    answer += data
        top, _, text = answer.decode().partition("\r\n\r\n")
        return int(top.split()[1]) if top else 0, text


def named(path: str) -> dict[str, Any]:
    """Return what a call names a file by."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


RUBBISH: dict[str, Callable[[Sender], Answer]] = {
    "text as picture": lambda to: to.blend(picture=to.uploaded("a.png", b"no picture\n" * 99)),
    "track cut off": lambda to: to.blend(track=to.uploaded("a.wav", b"RIFF\0\0\0\0WAVEfmt ")),
    "no picture": lambda to: to.blend(picture=None),
    "a number as track": lambda to: to.blend(track=12),
    "a file of the machine": lambda to: to.blend(track=named("/etc/passwd")),
    "a file that is not there": lambda to: to.blend(track=named("/nowhere/a.wav")),
    "an unknown preset": lambda to: to.blend(preset="best"),
    "an unknown setting": lambda to: to.settings(colour=3),
    "a setting out of range": lambda to: to.settings(duration_s=1e9),
    "a setting of another type": lambda to: to.settings(seed="seven"),
    "settings that do not fit": lambda to: to.settings(hop_length=500),
    "a list as settings": lambda to: to.blend(settings=[1, 2]),
    "too few arguments": lambda to: to.call("blend", []),
    "a point of no run": lambda to: to.call("render_point", ["../../etc", 3]),
    "garbage as JSON": lambda to: to.post("/call/blend", b"{not JSON \xff\xfe"),
    "JSON without a bottom": lambda to: to.post("/call/blend", b"[" * 100_000),
    "another JSON": lambda to: to.post("/call/blend", b"null"),
    "an upload in no form": lambda to: to.post("/upload", b"hello", MULTIPART),
    "a private file": lambda to: to.get("/file=/etc/passwd"),
    "a call of 1 TB": lambda to: to.huge("/call/blend", "application/json", b'{"data": ['),
    "an upload of 1 TB": lambda to: to.huge("/upload", MULTIPART, PART),
}
