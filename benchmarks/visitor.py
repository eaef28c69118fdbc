"""A visitor of the app, a process of its own: `python -m benchmarks.visitor URL FOLDER VISITOR`."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from gradio_client import Client, handle_file
from gradio_client.client import Job
from gradio_client.exceptions import AppError
from PIL import Image

from benchmarks.rubbish import RUBBISH, Sender

SMALL = {
    "duration_s": 3.0,
    "sample_rate": 8000,
    "n_fft": 512,
    "hop_length": 128,
    "grid_height": 16,
    "audio_weights": 6,
    "descent_steps": 4,
    "population_size": 16,
    "generations": 3,
    "representatives": 4,
    "effort": 0.2,
}
PICTURE_SIDE, BLOBS, PARTIALS = 64, 6, 6
STAGES = ("waiting", "reading", "seeding", "evolution", "front", "sounds", "files", "done")
TRIES, PAUSE_S, LOOK_S = 5, 15.0, 0.05
STAYS_S = 3.0  # connected after a cancel, so that it is the cancel that ends the run
ANSWER_S = 120.0  # the machine is busy, that is the point
FULL = "runs are waiting already"  # what the app says when no more can wait


@dataclass(frozen=True)
class Visitor:
    """Who visits the app, and how; everything follows from the seed.

    role : "patient" waits to the end; "leaver" leaves the way "killed" or "cancelled" `later_s`
    seconds after the stage `leaves` has come; "rubbish" sends what `sends` names.
    comes_s : seconds after the others' start.
    """

    number: int
    seed: int
    role: str = "patient"
    comes_s: float = 0.0
    leaves: str = ""
    way: str = ""
    later_s: float = 0.0
    sends: tuple[str, ...] = ()

    @property
    def settings(self) -> dict:
        """The changes of the preset quick that its runs are made with."""
        return SMALL | {"seed": self.seed}


def make_inputs(folder: Path, seed: int) -> tuple[Path, Path]:
    """Write a picture of blobs and a track of partials that no other seed has; return the paths.

    The track has the sample rate and the duration of `SMALL`, so that a sound of a run can be
    compared with it sample for sample.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:PICTURE_SIDE, :PICTURE_SIDE] / PICTURE_SIDE
    luma = np.zeros_like(x)
    for _ in range(BLOBS):
        (row, column), width = rng.uniform(0, 1, 2), rng.uniform(0.05, 0.15)
        luma += np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * width**2))
    rate = SMALL["sample_rate"]
    t = np.arange(round(SMALL["duration_s"] * rate)) / rate
    frequencies_hz = rng.uniform(0.02, 0.45, PARTIALS) * rate
    waveform = np.sin(2 * np.pi * frequencies_hz[:, None] * t + rng.uniform(0, 6, (PARTIALS, 1)))
    # A little noise, as every recording has: digital silence between partials is no music.
    waveform = waveform.sum(axis=0) / PARTIALS + 1e-3 * rng.standard_normal(len(t))
    picture, track = folder / "picture.png", folder / "track.wav"
    Image.fromarray((255 * luma / luma.max()).astype(np.uint8)).save(picture)
    soundfile.write(track, 0.5 * waveform, rate, subtype="PCM_16")
    return picture, track


def tell(what: str, **more) -> None:
    """Write a line that says what has happened, and when, by the clock of the whole machine."""
    print(json.dumps({"what": what, "at": time.monotonic(), **more}), flush=True)


def submitted(visitor: Visitor, url: str, folder: Path) -> Job:
    """Return the job of a run of the visitor's own inputs."""
    picture, track = make_inputs(folder, visitor.seed)
    client = Client(
        url,
        verbose=False,
        headers=headers_of(visitor),
        download_files=folder / "came",
        httpx_kwargs={"timeout": ANSWER_S},
        analytics_enabled=False,
    )
    tell("called")
    given = {"picture": handle_file(picture), "track": handle_file(track)}
    return client.submit(**given, preset="quick", settings=visitor.settings, api_name="/blend")


def headers_of(visitor: Visitor) -> dict[str, str]:
    """Return the headers of a visitor who comes through a proxy from an address of its own."""
    return {"X-Forwarded-For": f"10.0.{visitor.number // 256}.{visitor.number % 256}"}


def stages(job: Job) -> Iterator[str]:
    """Yield each stage as it comes, until the job is over."""
    last, seen, over = "", 0, False
    while not over:
        over = job.done()
        outputs = job.outputs()
        for progress, *_ in outputs[seen:]:
            if progress["stage"] != last:
                last = progress["stage"]
                yield last
        seen = len(outputs)
        time.sleep(LOOK_S)


def be_patient(visitor: Visitor, url: str, folder: Path) -> None:
    """Wait to the end; where too many wait, try again later."""
    for _ in range(TRIES):
        job = submitted(visitor, url, folder)
        for stage in stages(job):
            tell(stage)
        try:
            progress, sounds, spectrograms, *others = job.result()
        except AppError as error:
            tell("refused", answer=str(error))
            if FULL not in str(error):
                return
            time.sleep(PAUSE_S)
        else:
            files = {"sounds": sounds, "spectrograms": spectrograms, "others": others}
            tell("served", points=progress["points"], **files)
            return


def leave(visitor: Visitor, url: str, folder: Path) -> None:
    """Leave a moment after a stage, or when the run is done already or refused."""
    job = submitted(visitor, url, folder)
    for stage in stages(job):
        tell(stage)
        if stage in STAGES[STAGES.index(visitor.leaves) :]:
            time.sleep(visitor.later_s)
            tell("left")
            if visitor.way == "cancelled":
                job.cancel()
                time.sleep(STAYS_S)
                return
            os.kill(os.getpid(), signal.SIGKILL)
    tell("refused", answer=str(job.exception()))


def send_rubbish(visitor: Visitor, url: str, folder: Path) -> None:
    """Send one piece of rubbish after the other, and tell what is answered."""
    picture, track = make_inputs(folder, visitor.seed)
    sender = Sender(url, headers_of(visitor), picture, track, visitor.settings)
    for name in visitor.sends:
        status, answer = RUBBISH[name](sender)
        tell("refused", piece=name, status=status, answer=answer)


ROLES = {"patient": be_patient, "leaver": leave, "rubbish": send_rubbish}


def main(url: str, folder: str, visitor: str) -> None:
    """Be the visitor that a line of JSON tells of, with `folder` for its files."""
    visitor = Visitor(**json.loads(visitor))
    time.sleep(visitor.comes_s)
    ROLES[visitor.role](visitor, url, Path(folder))
    tell("over")
    # Threads of the client wait for answers that a visitor who goes home does not want.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
