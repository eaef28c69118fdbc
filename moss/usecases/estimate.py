"""How long the stages of a run and of a sound take, estimated from measured times."""

import math

import numpy as np

from moss.blending.prepared import Prepared
from moss.blending.task import NEW_POINTS, OnePoint, Task
from moss.progress import BLEND_STAGES, SOUND_STAGES
from moss.settings.blend import BlendSettings
from moss.settings.presets import blend_settings
from moss.settings.sonify import SonifySettings
from moss.sonification.design import Design

# Seconds of each of BLEND_STAGES for so many seconds of sound, with the default settings on two
# processor cores; the seeding with the drafts that it is interrupted by.
# `python -m benchmarks.speed` prints them again.
MEASURED_S = {
    10.0: (1.9, 0.5, 0.3, 3.9, 2.3),
    30.0: (4.7, 1.2, 0.7, 9.5, 5.3),
    120.0: (19.0, 5.5, 3.0, 42.0, 22.0),
}
# Seconds of the first three stages by the published methods for 30 seconds of sound, with their
# presets on two cores. `python -m moss blend --preset readme` writes them to summary.json.
PUBLISHED_S = {"notebook": (10.0, 60.0, 4.0), "readme": (7.0, 240.0, 5.0)}
PUBLISHED_DURATION_S = 30.0
# Seconds of each of SOUND_STAGES for each second of sound, with the default settings on two cores.
# `python -m moss sonify --image examples/galaxy.jpg --duration 60 --output out` writes them, for 60
# seconds, as "seconds" to out/summary.json.
MEASURED_SOUND_S = (0.25, 0.12)
TARGET_PHASE = 0.04  # of the work that a refined sound is, where it has the track's phase
SEVERAL_WINDOWS = 4  # A sound is that much more work in several windows than in one.
GPU_MARGIN = 1.3  # times what is estimated
GPU_START_S = 5.0  # besides, for what a GPU needs before it works
MAX_GPU_S = 120.0  # No call asks for more.


def seconds_of(settings: BlendSettings, sounds: int | None = None) -> dict[str, float]:
    """Return about how many seconds each stage of a run takes on two processor cores.

    `sounds` is how many will be made; as many as the settings say unless given.
    """
    usual = blend_settings(settings.method) if settings.is_published else BlendSettings()

    def ratio(*names: str) -> float:
        return math.prod(getattr(settings, name) / getattr(usual, name) for name in names)

    count = settings.representatives if sounds is None else sounds
    windows = SEVERAL_WINDOWS if len(settings.windows) > 1 else 1
    each = TARGET_PHASE if settings.phase == "target" else windows * settings.effort
    # Of the spectrogram: its bins that the picture occupies, all of them, and the samples of files.
    frames = ratio("analysis_rate") / ratio("hop_length")
    searched, transformed = frames * ratio("band_bins"), frames * ratio("n_fft")
    is_seeded = settings.method != "readme"  # which begins with a random population
    seeded = ratio("audio_weights", "descent_steps") if is_seeded else ratio("population_size")
    work = (
        searched * seeded,
        searched * ratio("generations", "population_size"),
        searched,  # A few points of the front are measured, however many it has.
        transformed * each * count / usual.representatives,
        ratio("sound_rate"),
    )
    measured_s = _interpolate(settings.duration_s * len(settings.carrier_starts))
    if settings.is_published:
        searched_s = np.array(PUBLISHED_S[settings.method])
        measured_s[: len(searched_s)] = searched_s * settings.duration_s / PUBLISHED_DURATION_S
    # Less work shortens a stage by its root only: a part of it does not depend on the settings.
    scaled = [share if share > 1 else share**0.5 for share in work]
    return dict(zip(BLEND_STAGES, measured_s * scaled, strict=True))


def gpu_seconds(prepared: Prepared, task: Task | None = None) -> int:
    """Return how many seconds of a GPU `front_and_sounds(prepared, task)` may ask for.

    They are what two processor cores need and some more, so they are enough wherever a GPU is
    not slower; at most two minutes.
    """
    if isinstance(task, OnePoint):
        needed = {"sounds": seconds_of(prepared.settings, 1)["sounds"]}
    else:
        needed = seconds_of(prepared.settings, NEW_POINTS if task and task.heard else None)
        needed.pop("files")  # They are written outside `front_and_sounds`.
    return _gpu_request(sum(needed.values()))


def seconds_of_sound(design: Design) -> dict[str, float]:
    """Return about how many seconds each stage of a sound takes on two processor cores."""
    usual, settings = SonifySettings(), design.settings

    def transforms(each: SonifySettings) -> float:
        """Return how many values the transforms of a second have."""
        return each.sample_rate * each.n_fft / each.hop_length

    ratio = transforms(settings) / transforms(usual)
    work = ratio * max(settings.effort, 1.0), ratio
    return {
        stage: measured_s * design.duration_s * share
        for stage, measured_s, share in zip(SOUND_STAGES, MEASURED_SOUND_S, work, strict=True)
    }


def gpu_seconds_of_sound(design: Design, device: str) -> int:
    """Return how many seconds of a GPU `synthesise(design, device)` may ask for.

    They are what two processor cores need and some more; at most two minutes.
    """
    return _gpu_request(seconds_of_sound(design)["sounds"])


def _gpu_request(needed_s: float) -> int:
    return math.ceil(min(GPU_MARGIN * needed_s + GPU_START_S, MAX_GPU_S))


def _interpolate(duration_s: float) -> np.ndarray:
    """Return MEASURED_S for this duration (stages,): over logarithms, in proportion outside."""
    durations = np.array(list(MEASURED_S))
    inside = np.clip(duration_s, durations[0], durations[-1])
    logs = np.log(np.array(list(MEASURED_S.values())))
    at = [np.interp(np.log(inside), np.log(durations), column) for column in logs.T]
    return np.exp(at) * duration_s / inside
