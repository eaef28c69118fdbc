"""Ffmpeg at work on a video: killed when it is no longer wanted or takes too long."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from moss.errors import InputError
from moss.media.ffmpeg import MAX_LOG_BYTES, READING
from moss.media.limits import VIDEO_TIMEOUT_S
from moss.temporary import temporary_folder

WORKS = "an MP4, MOV or WebM video"
# What a line of ffmpeg's log begins with where something went wrong.
WRONG = ("[error]", "[fatal]", "[panic]")


@dataclass
class Process:
    """What ffmpeg gives while it works, and what it said once it has ended.

    Attributes
    ----------
    output : binary file
        What it writes to its pipe.
    folder : Path
        An empty temporary folder that it works in.
    log : list of str
        After the block: its lines, each with its level in brackets.
    """

    output: IO[bytes]
    folder: Path
    log: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        """The lines of the log that tell of something wrong."""
        return [line for line in self.log if any(level in line for level in WRONG)]


@contextmanager
def run_ffmpeg(name: str, options: list[str], *, level: str = "error") -> Iterator[Process]:
    """Run ffmpeg on the video `name` in a temporary folder, with `options` and this log `level`.

    It is killed when the block ends or when it takes too long, which ends the pipe.

    Raises
    ------
    InputError
        It takes too long, or there is no ffmpeg on this machine.
    """
    late = threading.Event()
    with temporary_folder() as folder, (folder / "log").open("w+b") as log:
        try:
            process = subprocess.Popen(
                [
                    *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-nostats", "-hide_banner"),
                    *("-v", f"level+{level}", *READING, *options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
            )
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{name} needs ffmpeg, which cannot be started here; give a picture."
            ) from error
        assert process.stdout is not None  # since it is a pipe
        running = Process(process.stdout, folder)

        def give_up() -> None:
            late.set()
            process.kill()

        # The reader may wait for a pipe that stays silent: another thread watches the time.
        timer = threading.Timer(VIDEO_TIMEOUT_S, give_up)
        timer.daemon = True
        timer.start()
        try:
            yield running
        finally:
            timer.cancel()
            process.kill()
            running.output.close()
            process.wait()
        if late.is_set():
            raise InputError(f"{name} takes too long to decode; give {WORKS}.")
        log.seek(0)
        running.log.extend(log.read(MAX_LOG_BYTES).decode(errors="replace").splitlines())
