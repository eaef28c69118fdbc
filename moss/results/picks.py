"""The three picks of a run: its best points by three weights of the two losses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from moss.signal.pareto import normalised

CHOSEN = {"best_musical": 0.8, "balanced": 0.5, "best_visual": 0.2}  # weight of the audio loss


@dataclass(frozen=True)
class Pick:
    """A chosen point of a run.

    Attributes
    ----------
    name : of `CHOSEN`.
    sound : (channels, samples) at the level of the track.
    gain : what the samples of its file are raised by, above that.
    file : its finished file.
    tags : what files that are made of it say of themselves.
    """

    name: str
    sound: torch.Tensor
    gain: float
    file: Path
    tags: Mapping[str, str]


def chosen_points(replayed: np.ndarray) -> dict[str, int]:
    """Return {name: index} of the best points of `replayed` (n, 2) by three weights of audio.

    Losses are normalised over the front. The anchors are left out where anything else is
    there: an untouched input is nobody's best hybrid.
    """
    losses = normalised(replayed)
    inner = np.arange(1, len(losses) - 1) if len(losses) > 2 else np.arange(len(losses))
    return {
        name: int(inner[(losses[inner] @ (1 - audio, audio)).argmin()])
        for name, audio in CHOSEN.items()
    }
