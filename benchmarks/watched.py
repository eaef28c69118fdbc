"""The app in a process of its own, and what it uses: memory, disk, processes."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_S = 300.0  # importing PyTorch takes a while where others are at work
SAMPLE_S = 1.0


@dataclass(frozen=True)
class Use:
    """What the app uses at a moment: memory in MB, and numbers of threads and open files."""

    memory_mb: float
    threads: int
    files: int


class Watched:
    """The app that answers at `url`, whose temporary files lie in `temporary`.

    It leads a session, to which every process belongs that it starts.
    """

    def __init__(self, process: subprocess.Popen, url: str, temporary: Path, log: Path):
        self._process, self.url, self.temporary, self.log = process, url, temporary, log
        self.most_bytes = 0

    @property
    def use(self) -> Use:
        """What its own process uses now."""
        home = Path("/proc") / str(self._process.pid)
        lines = (home / "status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        memory_mb = int(status["VmRSS"].split()[0]) / 1024
        return Use(memory_mb, int(status["Threads"]), len(list((home / "fd").iterdir())))

    @property
    def others(self) -> list[str]:
        """The other processes of its session, zombies among them, as "name (state)"."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                # The name, in brackets, can have spaces; then come state, parent, group, session.
                head, _, tail = stat.read_text(errors="replace").rpartition(")")
                state, _, _, session = tail.split()[:4]
                number, _, name = head.partition(" (")
                if int(session) == self._process.pid != int(number):
                    found.append(f"{name} ({state})")
        return found

    @property
    def runs(self) -> list[Path]:
        """The folders of runs among its temporary files."""
        return list(self.temporary.glob("*/run-*"))

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def bytes_used(self) -> int:
        """Return how many bytes its temporary files have."""
        total = 0
        for folder, _, names in os.walk(self.temporary):
            for name in names:
                with suppress(OSError):  # it was deleted meanwhile
                    total += Path(folder, name).lstat().st_size
        return total

    def sample(self, ended: threading.Event) -> None:
        """Look at the temporary files every second, and keep the most in `most_bytes`."""
        while not ended.wait(SAMPLE_S):
            self.most_bytes = max(self.most_bytes, self.bytes_used())


@contextmanager
def watched_app(folder: Path) -> Iterator[Watched]:
    """Start the app as a Space has it, and yield it once it answers.

    All that it writes is in `folder`, and no process of it outlives the block. Raises RuntimeError
    where it does not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    temporary, log = folder / "temporary", folder / "log.txt"
    temporary.mkdir()
    environment = {
        "TMPDIR": str(temporary),
        "GRADIO_TEMP_DIR": "",
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        "SPACE_ID": "somebody/moss",  # hosted, it keeps no copies of results
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "app.py"],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    app, ended = Watched(process, f"http://127.0.0.1:{port}", temporary, log), threading.Event()
    try:
        _wait_for(app)
        sampler = threading.Thread(target=app.sample, args=(ended,), daemon=True)
        sampler.start()
        yield app
        ended.set()
        sampler.join()
    finally:
        ended.set()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(app):
    give_up = time.monotonic() + START_S
    while app.is_alive and time.monotonic() < give_up:
        with suppress(OSError), urllib.request.urlopen(app.url, timeout=START_S) as answer:
            if b"MOSS" in answer.read():
                return
        time.sleep(0.2)
    raise RuntimeError(f"the app does not start: {app.log.read_text()}")
