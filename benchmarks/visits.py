"""Who comes in a round, what becomes of each of them, and what is wrong with that."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from benchmarks.right import wrong_with
from benchmarks.rubbish import RUBBISH
from benchmarks.visitor import FULL, Visitor
from benchmarks.watched import ROOT

LEAVERS, RUBBISH_SENDERS = 0.25, 0.2  # of all visitors
MOMENTS, WAYS = ("waiting", "seeding", "files"), ("killed", "cancelled")
COME_WITHIN_S, LATER_WITHIN_S = 5.0, 1.0
PATIENCE_S, PATIENCE_EACH_S = 120.0, 60.0  # for a round: a hang guard, no measure
SUMMARY = 2  # of the files beside sounds and spectrograms
ENDS = ("served", "refused", "left", "unanswered")


@dataclass(frozen=True)
class Outcome:
    """What became of a visitor: what it told, in order, and what is wrong with it."""

    visitor: Visitor
    told: tuple[dict, ...]
    wrong: tuple[str, ...]

    def at(self, what: str) -> float | None:
        """Return when the visitor told `what` for the last time, in seconds; None for never."""
        return next((each["at"] for each in reversed(self.told) if each["what"] == what), None)

    @property
    def end(self) -> str:
        """One of `ENDS`."""
        told = {each["what"] for each in self.told}
        return next((end for end in ENDS if end in told), ENDS[-1])


def visitors_of(seed: int, number: int, count: int) -> list[Visitor]:
    """Return `count` visitors of the round `number`: most are patient, in any order.

    Leavers go through all moments and ways by turns, and between them those who send rubbish
    send each piece once.
    """
    draw = random.Random(f"{seed} {number}")
    leavers, senders = round(LEAVERS * count), round(RUBBISH_SENDERS * count)
    kinds = list(product(MOMENTS, WAYS))
    roles = []
    for k in range(leavers):
        moment, way = kinds[(number * leavers + k) % len(kinds)]
        later_s = draw.uniform(0, LATER_WITHIN_S)
        roles.append({"role": "leaver", "leaves": moment, "way": way, "later_s": later_s})
    pieces = draw.sample(list(RUBBISH), len(RUBBISH))
    roles += [{"role": "rubbish", "sends": pieces[k::senders]} for k in range(senders)]
    roles += [{"role": "patient"}] * (count - len(roles))
    draw.shuffle(roles)
    first = (seed * 1000 + number) * 1000  # nobody shares a seed with anybody of another round
    return [
        Visitor(k + 1, first + k, comes_s=draw.uniform(0, COME_WITHIN_S), **role)
        for k, role in enumerate(roles)
    ]


def visit(visitors: Sequence[Visitor], url: str, folder: Path) -> Iterator[Outcome]:
    """Let all visitors come at the same time; yield what became of each once all are gone.

    Each has a folder in `folder`. Who has not ended after `PATIENCE_S` and some more for every
    visitor is killed.
    """
    give_up = time.monotonic() + PATIENCE_S + PATIENCE_EACH_S * len(visitors)
    processes = []
    try:
        for visitor in visitors:
            processes.append(_begun(visitor, url, folder / str(visitor.number)))
        for process in processes:
            try:
                process.wait(max(0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
    finally:
        for process in processes:
            process.kill()
            process.wait()
    for visitor, process in zip(visitors, processes, strict=True):
        yield _outcome(visitor, folder / str(visitor.number), process.returncode)


def _begun(visitor, url, folder):
    folder.mkdir(parents=True)
    asked = [url, str(folder), json.dumps(asdict(visitor))]
    with (folder / "told").open("w") as told, (folder / "errors").open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.visitor", *asked],
            cwd=ROOT,
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
            stdout=told,
            stderr=errors,
        )


def _outcome(visitor, folder, code):
    told = tuple(json.loads(line) for line in (folder / "told").read_text().splitlines())
    found = _JUDGES[visitor.role](visitor, folder, told)
    killed = visitor.way == "killed" and told and told[-1]["what"] == "left"
    if code != (-signal.SIGKILL if killed else 0):
        last = (folder / "errors").read_text().strip().splitlines()[-1:]
        found.append(f"it ended with {code} {' '.join(last)}")
    return Outcome(visitor, told, tuple(found))


def _wrong_with_run(visitor, folder, told):
    served = [each for each in told if each["what"] == "served"]
    if not served:
        return _wrong_with_refusal(told)
    sounds, spectrograms, others = (served[0][k] for k in ("sounds", "spectrograms", "others"))
    found = wrong_with(
        folder / "picture.png",
        folder / "track.wav",
        visitor.settings,
        [Path(sound) for sound in sounds],
        Path(others[SUMMARY]),
    )
    files = [*sounds, *spectrograms, *others]
    if missing := [path for path in files if not path or not Path(path).stat().st_size]:
        found.append(f"{len(missing)} files did not come")
    return found


def _wrong_with_leaver(visitor, folder, told):
    return [] if any(each["what"] == "left" for each in told) else _wrong_with_refusal(told)


def _wrong_with_refusal(told):
    """Nothing is wrong where the queue was full to the end."""
    answers = [each["answer"] for each in told if each["what"] == "refused"]
    if answers and FULL in answers[-1]:
        return []
    return [f"not served: {answers[-1] if answers else 'no answer'}"]


def _wrong_with_rubbish(visitor, folder, told):
    answers = {each["piece"]: each for each in told if each["what"] == "refused"}
    found = [f"{piece}: no answer" for piece in visitor.sends if piece not in answers]
    for piece, each in answers.items():
        said = f"{piece}: {each['status']} {each['answer'][:200]!r}"
        if each["status"] not in range(400, 500) or not is_sentence(each["answer"]):
            found.append(said)
    return found


_JUDGES = {
    "patient": _wrong_with_run,
    "leaver": _wrong_with_leaver,
    "rubbish": _wrong_with_rubbish,
}


def is_sentence(answer: str) -> bool:
    """Whether an answer is words that somebody can read, and not the inside of the program."""
    return len(answer.split()) > 2 and "Traceback" not in answer and 'File "' not in answer
