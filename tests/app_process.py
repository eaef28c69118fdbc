"""The app itself, `python app.py`, in a process of its own, as somebody at home has it."""

import os
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.waiting import eventually

ROOT = Path(__file__).parents[1]
# Under those that Linux gives to connections, and so many that two processes of tests hardly ever
# choose the same one at the same time.
PORTS = (20_000, 32_000)
START_S = 300.0  # on a busy machine; importing PyTorch alone takes seconds


def free_port() -> int:
    """Return a port that nothing listens on, and that no connection is given by itself."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


@contextmanager
def running_app(
    temporary: Path, *, port: int | None = None, root: Path = ROOT
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Start the app of the checkout `root`; yield its address and its process once it answers.

    Its temporary files lie in `temporary`. It has a process group of its own, of which nothing
    outlives the block.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "TMPDIR": str(temporary),
        "GRADIO_TEMP_DIR": "",
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )

    def answers():
        assert process.poll() is None, process.stdout.read()
        with suppress(OSError):
            return "MOSS" in urllib.request.urlopen(url, timeout=START_S).read().decode()

    try:
        with process:
            eventually(answers, START_S)
            yield url, process
            process.send_signal(signal.SIGTERM)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
