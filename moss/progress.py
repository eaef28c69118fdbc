"""What long work tells while it runs: frozen events of plain numbers and NumPy arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class SearchProgress:
    """The state of a search: every evaluated point that still matters, and the front among them.

    stage : "seeding", "evolution" or "front"; the one event of "front" is the last.
    step, steps : how far the stage is.
    elapsed_s : seconds since the search was called.
    losses : (n, 2) visual and audio loss, estimated; exact in the last event.
    on_front : (n,) bool, the mutually non-dominated ones.
    hypervolume : of the front so far, against `front.REFERENCE_POINT`.
    masks : (m, height, width) uint8, the m points on the front in the order of `losses`, where
        255 shows the picture; every two seconds and at the end, otherwise None.
    """

    stage: str
    step: int
    steps: int
    elapsed_s: float
    losses: np.ndarray
    on_front: np.ndarray
    hypervolume: float
    masks: np.ndarray | None = None


@dataclass(frozen=True)
class RenderProgress:
    """How far the sounds and files of a run are: `step` of `steps` in `stage`.

    stage : "sounds" or "files", before them "reading" where many files are read.
    sounds : {k: (channels, samples) float32} of the sounds that this event brings.
    """

    stage: str
    step: int
    steps: int
    elapsed_s: float
    sounds: Mapping[int, np.ndarray] = field(default_factory=dict)


# The stages of a blend, in order. A sound of what is visible has those of SOUND_STAGES.
BLEND_STAGES = ("seeding", "evolution", "front", "sounds", "files")
SOUND_STAGES = ("sounds", "files")


@dataclass(frozen=True)
class Failed:
    """The work has ended without a result; `sentence` says why.

    Of an exception that is raised in another process only the name of its class comes here.
    """

    sentence: str
