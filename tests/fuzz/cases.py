"""The cases of the fuzz: each is told by the seed and its number alone."""

from dataclasses import dataclass

import numpy as np

from tests.fuzz.mutations import mutated
from tests.fuzz.originals import PICTURES, TRACKS, Original, originals

FORMATS = (*PICTURES, *TRACKS)
ROUNDS = 10  # every format in turn makes a round; one round of ten is untouched
UNTOUCHED_ROUND = 5
STARTS_S = (0.0, 0.4)  # of tracks of 1 s; readers seek to the later one
TO_THE_END = 0.2  # of the mutated files; a whole run takes ten times as long as its beginning


@dataclass(frozen=True)
class Case:
    """One file and what is done with it.

    mutation : what happened to it, "untouched" for a control.
    start_s : where the part of the track begins.
    to_end : whether the run, if it begins, goes to its end.
    """

    seed: int
    number: int
    file: Original
    mutation: str
    start_s: float
    to_end: bool

    @property
    def is_control(self) -> bool:
        """Whether the file is as it was made, so that it must give a result."""
        return self.mutation == "untouched"

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"case-{self.number:05d}{self.file.suffix}"

    def __str__(self):
        return f"case {self.number}: {self.file.format} ({self.file.kind}), {self.mutation}"


def case_of(seed: int, number: int) -> Case:
    """Return case `number` of `seed`."""
    rng = np.random.default_rng([seed, number])
    lap, place = divmod(number, len(FORMATS))
    kinds = originals()[FORMATS[place]]
    file = kinds[int(rng.integers(len(kinds)))]
    start_s = float(rng.choice(STARTS_S))
    if lap % ROUNDS == UNTOUCHED_ROUND:
        return Case(seed, number, file, "untouched", start_s, True)
    to_end = bool(rng.random() < TO_THE_END)
    mutation, changed = mutated(rng, file)
    return Case(seed, number, changed, mutation, start_s, to_end)
