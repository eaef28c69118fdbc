"""A front and its sounds become the files of a run, and every figure is read from the files."""

import shutil
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from moss.blending.prepared import Prepared
from moss.blending.task import Points
from moss.media import write_wav
from moss.parallel import workers
from moss.progress import RenderProgress, SearchProgress
from moss.render import (
    EvolutionFrame,
    save_evolution_gif,
    save_front_plot,
    save_morph_film,
    save_morph_gif,
)
from moss.results.summary import made_with, rounded, write_summary
from moss.results.write_sound import draw_sound, write_sound
from moss.signal.loudness import decibels, integrated_loudness, level_of, matched_gains
from moss.signal.noise_shaping import quantise
from moss.signal.pareto import hypervolume, normalised

CHOSEN = {"best_musical": 0.8, "balanced": 0.5, "best_visual": 0.2}  # weight of the audio loss
SAME_GAIN_DB = 0.01  # a sound that was heard before keeps its file where its gain moves by less
PICTURES = 5  # of a whole run, film and tables among them


@dataclass(frozen=True)
class Found:
    """What a computation found: all that becomes files.

    points : the front, and which of its K points have sounds.
    seeds : (n, 2), the losses that the evolution started from.
    history : the events of the search in their order.
    sounds : {k: (channels, samples)} at the level of the track of the points that were not
        heard before; K is the morph.
    """

    points: Points
    seeds: np.ndarray
    history: Sequence[SearchProgress]
    sounds: Mapping[int, np.ndarray]


def write_run(
    prepared: Prepared,
    found: Found,
    folder: Path,
    seconds: dict[str, float],
    steered: dict[str, Any] | None = None,
) -> Generator[RenderProgress, None, dict[str, Any]]:
    """Write every file of a run into `folder`; yield progress, return what summary.json says.

    `seconds` holds those spent so far and gains the files'. `steered` is what the summary says
    of the run that this one went on from; it gains the places of the new points.
    """
    return (yield from _Writer(prepared, found, folder, seconds, steered).run())


class _Writer:
    def __init__(self, prepared, found, folder, seconds, steered):
        self._started = time.perf_counter()
        self._prepared, self._found, self._folder = prepared, found, folder
        self._settings, self._seconds, self._steered = prepared.settings, seconds, steered
        self._points, self._indices = found.points, found.points.indices
        self._designed = self._points.front.losses[self._indices]
        self._front = self._points.front.undominated()
        heard = {k: point.sound for k, point in self._points.heard.items()}
        sounds = {**found.sounds, **heard}
        self._sounds = [torch.from_numpy(sounds[k]) for k in range(len(self._indices) + 1)]
        self._display = prepared.mixture.display
        (folder / "front").mkdir()

    def run(self):
        with workers() as pool:
            track, rate = self._prepared.waveform, self._settings.sample_rate
            begins_with_track = not self._points.front.masks[self._indices[0]].any()
            heard = self._sounds if begins_with_track else [*self._sounds, track]
            steps = len(heard) + len(self._sounds) + PICTURES
            for levels in pool.gather(lambda sound: level_of(sound, rate), heard):
                yield self._progress(len(heard) - levels.count(None), steps)
            gains = matched_gains(levels, integrated_loudness(track, rate))
            jobs = list(enumerate(gains[: len(self._sounds)]))
            for points in pool.gather(self._write_sound, jobs):
                yield self._progress(len(heard) + len(jobs) - points.count(None), steps)
            morph = points.pop()
            replayed = np.array([point["replayed"] for point in points])
            chosen = chosen_points(replayed)
            for name, k in chosen.items():
                shutil.copyfile(self._folder / points[k]["file"], self._folder / f"{name}.wav")
            keyframes = [point.pop("log_magnitude") for point in points]
            keyframes *= 2 if len(keyframes) == 1 else 1  # a journey that stays where it is
            morph.pop("log_magnitude")
            original = points[0]["file"] if begins_with_track else self._original(gains[-1])
            pictures = [
                lambda: self._film(keyframes),
                lambda: self._gif(keyframes),
                lambda: self._plot(replayed, chosen),
                self._evolution,
                lambda: self._results(replayed),
            ]
            for drawn in pool.gather(lambda draw: draw() or True, pictures):
                yield self._progress(steps - drawn.count(None), steps)
        self._seconds["files"] = time.perf_counter() - self._started
        summary = self._summary(points, morph, replayed, chosen, original)
        write_summary(self._folder, summary)
        return summary

    def _write_sound(self, job):
        """Write sound k, read it again, and take every figure from what was read."""
        k, gain = job
        settings = self._settings
        is_morph = k == len(self._indices)
        name = "pareto_morph.wav" if is_morph else f"front/{k:02d}.wav"
        path = self._folder / name
        before = self._points.heard.get(k)
        if before and abs(decibels(gain / before.gain)) < SAME_GAIN_DB:
            samples, gain = before.samples, before.gain
        else:
            samples = quantise((gain * self._sounds[k]).numpy(), settings.bit_depth)
        figures, log_magnitude = write_sound(path, samples, gain, self._prepared)
        point = {"file": name, **figures, "log_magnitude": log_magnitude}
        if not is_morph:
            point["designed"] = self._designed[k].tolist()
            title = f"Point {k} of {len(self._indices) - 1}, from music to picture"
            draw_sound(path.with_suffix(".png"), log_magnitude, self._prepared, title)
        return point

    def _original(self, gain):
        """Write the untouched track at the loudness of the set."""
        settings = self._settings
        samples = quantise((gain * self._prepared.waveform).numpy(), settings.bit_depth)
        write_wav(self._folder / "original.wav", samples, settings.sample_rate, settings.bit_depth)
        return "original.wav"

    def _film(self, keyframes):
        save_morph_film(
            self._folder / "pareto_morph.mp4",
            keyframes,
            low=self._display.low,
            high=self._display.high,
            wav_path=self._folder / "pareto_morph.wav",
            duration_s=self._settings.duration_s,
        )
        (self._folder / "pareto_morph.wav").unlink()

    def _gif(self, keyframes):
        save_morph_gif(
            self._folder / "pareto_morph.gif",
            keyframes,
            np.resize(self._designed, (len(keyframes), 2)),
            low=self._display.low,
            high=self._display.high,
        )

    def _plot(self, replayed, chosen):
        save_front_plot(
            self._folder / "pareto_front.png",
            seeds=self._found.seeds,
            front=self._front.losses,
            representatives=self._designed,
            replayed=replayed,
            hypervolume_designed=self._front.hypervolume,
            hypervolume_replayed=hypervolume(replayed),
            chosen=chosen,
        )

    def _evolution(self):
        frames = [
            EvolutionFrame(
                event.stage,
                event.step,
                event.steps,
                event.losses,
                event.on_front,
                event.hypervolume,
            )
            for event in self._found.history
        ]
        save_evolution_gif(self._folder / "pareto_evolution.gif", frames)

    def _results(self, replayed):
        front = self._points.front
        masks = front.masks
        row = [("mask", "u1", masks.shape[1:]), ("designed", "f8", 2), ("replayed", "f8", 2)]
        results = np.zeros(len(masks), row)
        results["mask"], results["designed"] = masks, front.losses
        results["replayed"] = np.nan
        results["replayed"][self._indices] = replayed
        np.save(self._folder / "results.npy", results, allow_pickle=False)

    def _summary(self, points, morph, replayed, chosen, original):
        steered = {"steered": self._steered | {"new": self._points.new}} if self._steered else {}
        return {
            **made_with(self._prepared.device),
            "inputs": self._prepared.inputs,
            "settings": self._settings.as_dict(),
            "hypervolume": {
                "designed": self._front.hypervolume,
                "replayed": hypervolume(replayed),
            },
            "points": [
                {"index": int(i)} | point for i, point in zip(self._indices, points, strict=True)
            ],
            "morph": morph | {"file": "pareto_morph.mp4"},
            "chosen": {name: points[k]["file"] for name, k in chosen.items()},
            "original": {"file": original},
            "front": self._front.losses.tolist(),
            "seeds": self._found.seeds.tolist(),
            "seconds": rounded(self._seconds),
        } | steered

    def _progress(self, step, steps):
        return RenderProgress("files", step, steps, time.perf_counter() - self._started)


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
