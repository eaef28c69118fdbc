"""Cases go to processes that are watched: what a case leaves or breaks is told of, too."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

from tests.fuzz.cases import Case, case_of
from tests.fuzz.originals import originals

ROOT = Path(__file__).parents[2]
VISITOR = (sys.executable, "-m", "tests.fuzz.visitor")
UNDRAWN = "--undrawn"
LONGEST_S = 60.0
START_S = 300.0  # importing the page takes ten seconds on a machine with nothing else to do
MOST_MB = 1500.0
WORKERS = 2


@dataclass(frozen=True)
class Outcome:
    """What came of a case: "result", "sentence" or "failure", and what is told of it."""

    case: Case
    verdict: str
    told: str
    seconds: float
    peak_mb: float = 0.0

    def __str__(self):
        return f"{self.case}: {self.told}"


def run_cases(
    seed: int, numbers: Iterable[int], workers: int = WORKERS, *, draw: bool = True
) -> Iterator[Outcome]:
    """Yield the outcome of each case, in order, while `workers` watched processes do them.

    Unless `draw`, what is blended to its end is not drawn, which takes most of the time.
    """
    idle = SimpleQueue()

    def outcome_of(number):
        visitor = idle.get()
        try:
            return visitor.outcome_of(case_of(seed, number))
        finally:
            idle.put(visitor)

    with contextlib.ExitStack() as stack:
        originals()  # made once, before two threads ask for them
        for _ in range(workers):
            idle.put(stack.enter_context(Visitor([*VISITOR, *([] if draw else [UNDRAWN])])))
        # Left first, so that no case still runs when the processes end.
        pool = stack.enter_context(ThreadPoolExecutor(workers))
        stack.callback(pool.shutdown, cancel_futures=True)
        yield from pool.map(outcome_of, numbers)


class Visitor:
    """A process that gets one case after the other, and is replaced by a new one after a failure.

    command : what it runs; longest_s : how long a case may take.
    """

    def __init__(self, command: Sequence[str] = VISITOR, longest_s: float = LONGEST_S):
        self._command, self._longest_s = command, longest_s
        self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()

    def outcome_of(self, case: Case) -> Outcome:
        """Return what comes of a case."""
        if self._process is None:
            self._begin()
        asked = self._uploaded(case)
        before = self._files()
        began = perf_counter()
        answer = self._answer(asked)
        seconds = perf_counter() - began
        verdict, told, peak_mb = (answer[key] for key in ("verdict", "told", "peak_mb"))
        wrong = [told] if verdict == "failure" else []
        if verdict == "sentence" and case.is_control:
            wrong.append(f"an untouched file is refused: {told}")
        if peak_mb > MOST_MB:
            wrong.append(f"it needs {peak_mb:.0f} MB")
        if left := sorted(self._files() - before):
            wrong.append(f"it leaves {', '.join(left)}")
        if _session(self._process.pid) - {self._process.pid}:
            wrong.append("it leaves a process")
        if wrong:
            verdict, told = "failure", "; ".join(wrong)
            self._end()
        return Outcome(case, verdict, told, seconds, peak_mb)

    def _begin(self):
        self._home = Path(tempfile.mkdtemp(prefix="moss-fuzz-"))
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders grumble there about every broken file
            text=True,
            cwd=ROOT,
            env=os.environ | dict.fromkeys(("GRADIO_TEMP_DIR", "TMPDIR"), str(self._home)),
            start_new_session=True,
        )
        line = self._line(START_S)
        if not line:
            self._end()
            raise RuntimeError(f"{' '.join(self._command)} does not start")
        self._uploads = Path(json.loads(line)["uploads"])

    def _end(self):
        if self._process is None:
            return
        # All that it started is in its group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._process = None
        shutil.rmtree(self._home)

    def _uploaded(self, case):
        """Write a case's file and a good one for it; return what is asked, as JSON."""
        for path in self._uploads.iterdir():
            path.unlink()
        good = originals()["WAV" if case.file.is_picture else "PNG"][0]
        mutated, other = self._uploads / case.name, self._uploads / f"good{good.suffix}"
        mutated.write_bytes(case.file.data)
        other.write_bytes(good.data)
        picture, track = (mutated, other) if case.file.is_picture else (other, mutated)
        paths = {"picture": str(picture), "track": str(track), "mutated": str(mutated)}
        return paths | {"start_s": case.start_s, "to_end": case.to_end}

    def _answer(self, asked):
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._line(self._longest_s)
        if line:
            return json.loads(line)
        told = f"it takes longer than {self._longest_s:g} s"
        if line is not None:
            code = self._process.wait()
            told = f"the process ends with {signal.Signals(-code).name if code < 0 else code}"
        return {"verdict": "failure", "told": told, "peak_mb": 0.0}

    def _line(self, longest_s):
        """Return its next line, "" where it has ended, None where that takes too long."""
        ready, _, _ = select.select([self._process.stdout], [], [], longest_s)
        return self._process.stdout.readline() if ready else None

    def _files(self):
        return {path.relative_to(self._home).as_posix() for path in self._home.rglob("*")}


def _session(leader):
    """Return the processes that `leader` has started, itself included, and that still run."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in brackets, can have spaces; then come state, parent, group, session.
            state, _, _, session = stat.read_text(errors="replace").rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.add(int(stat.parent.name))
    return found
