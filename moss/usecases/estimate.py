"""How long the stages of a run and of a sound take, from times that were measured."""

import math

import numpy as np

from moss.blending.prepared import Prepared
from moss.blending.task import NEW_POINTS, OnePoint, Task
from moss.settings.blend import BlendSettings
from moss.settings.sonify import SonifySettings
from moss.sonification.design import Design

STAGES = ("seeding", "evolution", "front", "sounds", "files")
# Seconds of each stage for so many seconds of sound: the default settings, two processor cores.
MEASURED_S = {
    10.0: (1.4, 1.0, 0.9, 3.9, 4.4),
    30.0: (3.7, 2.4, 2.1, 10.8, 10.4),
    120.0: (24.1, 16.1, 19.5, 54.2, 35.1),
}
# Seconds for each second of what is visible that becomes sound, likewise.
MEASURED_SOUND_S = {"sounds": 0.25, "files": 0.12}
SEVERAL_WINDOWS = 4  # times the work of one on a sound
GPU_MARGIN, GPU_START_S, MOST_GPU_S = 1.3, 5.0, 120.0


def seconds_of(settings: BlendSettings, sounds: int | None = None) -> dict[str, float]:
    """Return about how many seconds each stage of a run takes on two processor cores.

    `sounds` is how many will be made; as many as the settings say unless given.
    """
    usual = BlendSettings()

    def ratio(*names):
        return math.prod(getattr(settings, name) / getattr(usual, name) for name in names)

    count = settings.representatives if sounds is None else sounds
    windows = SEVERAL_WINDOWS if len(settings.windows) > 1 else 1
    work = (
        ratio("audio_weights", "descent_steps"),
        ratio("generations", "population_size"),
        ratio("population_size"),
        windows * settings.effort * count / usual.representatives,
        1.0,
    )
    measured_s = _for_duration(settings.duration_s)
    # The root: a part of every stage does not depend on the settings.
    scaled = [share if share > 1 else share**0.5 for share in work]
    return dict(zip(STAGES, measured_s * scaled, strict=True))


def gpu_seconds(prepared: Prepared, task: Task | None = None) -> int:
    """Return how many seconds of a GPU `front_and_sounds(prepared, task)` may ask for.

    They are what two processor cores need and some more, so they are enough wherever a GPU is
    not slower; at most two minutes.
    """
    if isinstance(task, OnePoint):
        needed = {"sounds": seconds_of(prepared.settings, 1)["sounds"]}
    else:
        needed = seconds_of(prepared.settings, NEW_POINTS if task and task.heard else None)
        needed.pop("files")  # which are written outside
    return _asked(sum(needed.values()))


def seconds_of_sound(design: Design) -> dict[str, float]:
    """Return about how many seconds each stage of a sound takes on two processor cores."""
    usual, settings = SonifySettings(), design.settings

    def transformed(each):
        return each.sample_rate * each.n_fft / each.hop_length

    windows = transformed(settings) / transformed(usual)
    work = windows * max(settings.effort, 1.0), windows
    return {
        stage: second * design.duration_s * share
        for (stage, second), share in zip(MEASURED_SOUND_S.items(), work, strict=True)
    }


def gpu_seconds_of_sound(design: Design, device: str) -> int:
    """Return how many seconds of a GPU `synthesise(design, device)` may ask for.

    They are what two processor cores need and some more; at most two minutes.
    """
    return _asked(seconds_of_sound(design)["sounds"])


def _asked(needed_s):
    return math.ceil(min(GPU_MARGIN * needed_s + GPU_START_S, MOST_GPU_S))


def _for_duration(duration_s):
    """The measured times, interpolated by the logarithm, and in proportion outside."""
    durations = np.array(list(MEASURED_S))
    inside = np.clip(duration_s, durations[0], durations[-1])
    logs = np.log(np.array(list(MEASURED_S.values())))
    at = [np.interp(np.log(inside), np.log(durations), column) for column in logs.T]
    return np.exp(at) * duration_s / inside
