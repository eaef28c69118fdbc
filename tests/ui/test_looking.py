"""A file that takes long to look at makes its own visitor wait, and nobody else."""

import json
import subprocess
import threading
import time
import urllib.request
import uuid

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile

from moss.ui.bundled import PAIRS
from tests.app_process import running_app

# What another visitor's event may take while a machine of two cores decodes the slow file; where
# it has to wait for that, it takes as long as it does, which is asserted to be longer.
AT_ONCE_S = 1.0
LONG_H = 2


class Visitor:
    """A browser, as far as uploads and events go."""

    def __init__(self, url: str) -> None:
        self._url, self._session = f"{url}/gradio_api", uuid.uuid4().hex
        config = json.load(urllib.request.urlopen(f"{url}/config"))
        well = next(
            each["id"]
            for each in config["components"]
            if each["props"].get("elem_id") == "moss-track"
        )
        self._look = next(
            each["id"] for each in config["dependencies"] if [well, "change"] in each["targets"]
        )

    def upload(self, path) -> dict:
        boundary = uuid.uuid4().hex
        body = (
            f"--{boundary}\r\nContent-Disposition: form-data; name=files; filename={path.name}\r\n"
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode() + path.read_bytes()
        body += f"\r\n--{boundary}--\r\n".encode()
        (stored,) = self._post("upload", body, f"multipart/form-data; boundary={boundary}")
        return {"path": stored, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def look(self, file: dict) -> list:
        """Return what the page shows of a track that lies in the well."""
        event = {"data": [file, 0, 2], "fn_index": self._look, "session_hash": self._session}
        self._post("queue/join", json.dumps(event).encode(), "application/json")
        with urllib.request.urlopen(f"{self._url}/queue/data?session_hash={self._session}") as told:
            for line in told:
                message = json.loads(line[len(b"data: ") :]) if line.strip() else {}
                if message.get("msg") == "process_completed":
                    assert message["success"], message
                    return message["output"]["data"]
        raise AssertionError("the event did not end")

    def _post(self, where: str, body: bytes, kind: str):
        request = urllib.request.Request(f"{self._url}/{where}", body, {"Content-Type": kind})
        return json.load(urllib.request.urlopen(request))


@pytest.fixture
def slow_file(tmp_path):
    """An MP3 of hours, quickly made: a minute again and again."""
    rate = 48_000
    sound = 0.3 * np.random.default_rng(0).standard_normal((60 * rate, 2)).clip(-3, 3)
    soundfile.write(tmp_path / "minute.wav", sound, rate)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", tmp_path / "minute.wav"]
    subprocess.run([*command, "-write_xing", "0", tmp_path / "minute.mp3"], check=True)
    minute = (tmp_path / "minute.mp3").read_bytes()
    (tmp_path / "slow.mp3").write_bytes(60 * LONG_H * minute)
    return tmp_path / "slow.mp3"


def test_another_visitors_event_answers_at_once(tmp_path, slow_file):
    ends = {}
    with running_app(tmp_path) as (url, _):
        slow, quick = Visitor(url), Visitor(url)
        quick_file, file = quick.upload(PAIRS[0].track), slow.upload(slow_file)
        quick.look(quick_file)  # the first of all loads modules

        def look():
            ends["shown"] = slow.look(file)
            ends["at"] = time.monotonic()

        thread = threading.Thread(target=look)
        thread.start()
        time.sleep(0.5)  # until it is being looked at
        begun = time.monotonic()
        part, problem, _ = quick.look(quick_file)
        took_s = time.monotonic() - begun
        thread.join()
    assert took_s < AT_ONCE_S < ends["at"] - begun
    assert json.loads(part)["duration_s"] == pytest.approx(soundfile.info(PAIRS[0].track).duration)
    assert problem == ""
