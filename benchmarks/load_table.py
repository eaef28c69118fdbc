"""What a load came to, as rows of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.table import Row
from benchmarks.visits import ENDS, Outcome
from benchmarks.watched import Use


@dataclass(frozen=True)
class Load:
    """What a load came to: outcomes by round, the first of them the warm-up.

    uses : before anybody came and after each round. bytes_used : after each round.
    most_bytes : at any time. others : processes that the app has left. kept, unfinished : how many
    folders of runs are whole, and are not. tracebacks : last lines of those in the app's log.
    """

    rounds: Sequence[Sequence[Outcome]]
    uses: Sequence[Use]
    bytes_used: Sequence[int]
    most_bytes: int
    others: Sequence[str]
    kept: int
    unfinished: int
    tracebacks: Sequence[str]

    @property
    def outcomes(self) -> list[Outcome]:
        """Those of all rounds."""
        return [outcome for each in self.rounds for outcome in each]

    def growth(self, use: Use) -> float:
        """Return how much more memory a use has than that after the warm-up, as a share."""
        return use.memory_mb / self.uses[1].memory_mb - 1


def sections_of(load: Load) -> list[tuple[str, list[Row]]]:
    """Return the table's sections."""
    return [
        ("visitors", _visitors(load)),
        ("seconds, median", _times(load)),
        ("memory; ratio: growth since the warm-up", _memory(load)),
        ("temporary files", _files(load)),
        ("at the end", _end(load)),
    ]


def _visitors(load):
    ends = {name: [o for o in load.outcomes if o.end == name] for name in ENDS}
    right = sum(not o.wrong for o in ends["served"])
    again = sum(each["what"] == "refused" for o in ends["served"] for each in o.told)
    pieces = sum(len(o.visitor.sends) for o in load.outcomes)
    killed = sum(o.visitor.way == "killed" for o in ends["left"])
    beside = {
        "served": f"{right} with the right sounds; {again} calls came again after a full queue",
        "refused": f"{pieces} pieces of rubbish among them",
        "left": f"{killed} were killed, {len(ends['left']) - killed} cancelled",
    }
    counts = [Row(name, str(len(ends[name])), "", beside.get(name, "")) for name in ENDS]
    return [
        Row("visitors", str(len(load.outcomes)), "", f"{len(load.rounds[0])} at a time"),
        *counts,
    ]


def _times(load):
    return [
        _median("from the call to its turn", map(waits_s, load.rounds)),
        _median("from a leaver to the next run", map(handovers_s, load.rounds)),
    ]


def _memory(load):
    first, *others = load.uses
    return [
        Row("before anybody came", f"{first.memory_mb:.0f} MB", "", _use(first)),
        *(
            Row(name, f"{use.memory_mb:.0f} MB", f"{load.growth(use):+.1%}", _use(use))
            for name, use in zip(_rounds(load), others, strict=True)
        ),
    ]


def _use(use):
    return f"{use.threads} threads, {use.files} open files"


def _files(load):
    named = [*zip(_rounds(load), load.bytes_used, strict=True), ("at most", load.most_bytes)]
    return [Row(name, f"{used / 1e6:.1f} MB") for name, used in named] + [
        Row("runs that are kept", str(load.kept), "", f"{load.unfinished} more are not whole")
    ]


def _end(load):
    return [
        Row("processes", str(len(load.others)), "", "that the app started; zombies count"),
        Row("tracebacks", str(len(load.tracebacks)), "", "in the app's log"),
    ]


def _rounds(load):
    return ["after the warm-up", *(f"after round {k}" for k in range(1, len(load.rounds)))]


def _median(what: str, by_round: Iterable[list[float]]) -> Row:
    found = [seconds for each in by_round for seconds in each]
    if not found:
        return Row(what, "-")
    return Row(what, f"{median(found):.1f} s", "", f"at most {max(found):.1f} s, of {len(found)}")


def waits_s(outcomes: Sequence[Outcome]) -> list[float]:
    """Return how long each who was served has waited from its last call to its turn."""
    return [o.at("reading") - o.at("called") for o in outcomes if o.at("served")]


def handovers_s(outcomes: Sequence[Outcome]) -> list[float]:
    """Return, for each who left a run at work while others waited, when the next run began."""
    found = []
    for leaver in outcomes:
        left = leaver.at("left")
        if left is None or leaver.at("reading") is None or leaver.at("done"):
            continue
        begun = [o.at("reading") for o in outcomes if o.at("reading") and o.at("called") < left]
        if later := [at for at in begun if at > left]:
            found.append(min(later) - left)
    return found
