"""A finished run, read from its folder so that it can go on: its front and its sounds."""

from pathlib import Path

import numpy as np
import torch

from moss.blending.front import Front
from moss.blending.prepared import Prepared
from moss.blending.task import Heard
from moss.errors import InputError
from moss.media import read_audio
from moss.media.files import checked_file
from moss.results.names import RESULTS
from moss.results.recorded import Recorded

MAX_RESULTS_BYTES = 2**30


def front_and_heard(recorded: Recorded, prepared: Prepared) -> tuple[Front, list[Heard]]:
    """Return the front of a finished run, in the summary's order, and its points with sounds.

    Raises
    ------
    InputError
        The files do not fit what was `prepared` of the run's inputs.
    """
    try:
        results = _results(recorded.folder / RESULTS)
        points = recorded.summary["points"]
        rows = results[[point["index"] for point in points]]
        heard = [
            Heard(
                row["mask"],
                row["designed"],
                samples.numpy(),
                10 ** (point["gain_db"] / 20),
                prepared.at_analysis_rate(samples).numpy() if prepared.track else None,
            )
            for row, point in zip(rows, points, strict=True)
            for samples in [_samples(recorded.folder / point["file"], prepared)]
        ]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _unusable(recorded.folder) from error
    shape = prepared.settings.grid_shape
    if (
        not heard
        or results["mask"].shape[1:] != shape
        or not np.isfinite(results["designed"]).all()
    ):
        raise _unusable(recorded.folder)
    order = np.lexsort((-results["designed"][:, 0], results["designed"][:, 1]))
    return Front(results["mask"][order], results["designed"][order]).undominated(), heard


def _results(path: Path) -> np.ndarray:
    path = checked_file(path, max_bytes=MAX_RESULTS_BYTES, works="a folder that a run has left")
    return np.load(path, allow_pickle=False)


def _samples(path: Path, prepared: Prepared) -> torch.Tensor:
    waveform, sample_rate = read_audio(path)
    if waveform.shape != prepared.heard_track.shape or sample_rate != prepared.sound_rate:
        raise ValueError(f"{path.name} has another length, rate or number of channels")
    return waveform


def _unusable(folder: Path) -> InputError:
    return InputError(
        f"{folder} does not hold a whole run that can go on; give a folder that a run has left."
    )
