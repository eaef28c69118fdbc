"""A front and its sounds become the files of a run, and every figure is read from the files."""

import shutil
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from moss import __version__
from moss.blending.prepared import Prepared
from moss.blending.task import Heard, Points
from moss.media import write_audio
from moss.media.coding import Codec
from moss.media.files import name_of
from moss.media.tags import commented, tags_of
from moss.parallel import Workers, workers
from moss.progress import RenderProgress, SearchProgress
from moss.results import names
from moss.results.draw_run import DRAWINGS, RunDrawings
from moss.results.picks import CHOSEN, Pick, chosen_points
from moss.results.shared import SHARED, share
from moss.results.songs import Songs
from moss.results.summary import made_with, rounded, write_summary
from moss.results.write_sound import WrittenSound, draw_sound, write_sound
from moss.signal.loudness import (
    decibels,
    integrated_loudness,
    level_of,
    matched_gains,
    peak_gain,
)
from moss.signal.noise_shaping import quantise
from moss.signal.pareto import REFERENCE_POINTS, hypervolume

COARSE_BITS = 16  # whose rounding may veil the picture
MAX_ROUNDING_COST = 0.01  # in visual loss, which nobody sees
DRAWING_STEPS = 3  # a drawing takes as long as so many sounds
SAME_GAIN_DB = 0.01  # a sound that was heard before keeps its file where its gain moves by less

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Found:
    """What a computation found: all that becomes files.

    Attributes
    ----------
    points : the front, and which of its K points have sounds.
    seeds : (n, 2), the losses that the evolution started from.
    history : the events of the search in their order.
    sounds : {k: (channels, samples)} at the level of the track of the points that were not
        heard before; K is the morph.
    heard : {k: point} of those that were.
    """

    points: Points
    seeds: np.ndarray
    history: Sequence[SearchProgress]
    sounds: Mapping[int, np.ndarray]
    heard: Mapping[int, Heard] = field(default_factory=dict)


def write_run(
    prepared: Prepared,
    found: Found,
    folder: Path,
    seconds: dict[str, float],
    steered: dict[str, Any] | None = None,
    *,
    draw: bool = True,
) -> Generator[RenderProgress, None, dict[str, Any]]:
    """Write every file of a run into `folder`; yield progress, return what summary.json says.

    `seconds` holds those spent so far and gains the files'. `steered` is what the summary says
    of the run that this one went on from; it gains the places of the new points. Unless `draw`,
    there are no pictures, animations and films, and the morph stays a sound.
    """
    return (yield from _Writer(prepared, found, folder, seconds, steered, draw).run())


class _Writer:
    """Writes one run; the steps of its progress are those of everything that it writes."""

    def __init__(
        self,
        prepared: Prepared,
        found: Found,
        folder: Path,
        seconds: dict[str, float],
        steered: dict[str, Any] | None,
        draw: bool,
    ):
        self._started = time.perf_counter()
        self._prepared, self._found, self._folder, self._draw = prepared, found, folder, draw
        self._settings, self._seconds, self._steered = prepared.settings, seconds, steered
        self._format = prepared.settings.file_format
        self._tags = tags_of(Path(prepared.inputs["audio"]["path"]))
        self._shared: list[dict[str, Any]] = []
        self._songs: list[dict[str, Any]] = []
        self._points, self._indices = found.points, found.points.indices
        self._designed = self._points.front.losses[self._indices]
        self._front = self._points.front.undominated()
        sounds = {**found.sounds, **{k: point.sound for k, point in found.heard.items()}}
        self._sounds = [torch.from_numpy(sounds[k]) for k in range(len(self._indices) + 1)]
        begins_with_track = not self._points.front.masks[self._indices[0]].any()
        self._track = [] if begins_with_track else [prepared.heard_track]
        self._rounding_costs: dict[int, float] = {}  # by point, in visual loss
        self._step = 0
        self._steps = len(self._sounds) + DRAWING_STEPS * (draw * DRAWINGS + 1)
        if self._settings.share:
            (folder / names.SHARE).mkdir()
            self._steps += len(CHOSEN) * len(SHARED)
        if self._settings.whole:
            self._steps += 1 + len(CHOSEN)
        (folder / names.FRONT).mkdir()

    def run(self) -> Generator[RenderProgress, None, dict[str, Any]]:
        with workers() as pool:
            gains = yield from self._gains(pool)
            jobs = list(enumerate(gains[: len(self._sounds)]))
            *self._written, morph = yield from self._each(pool, self._write_sound, jobs)
            self._replayed = np.array([sound.replayed for sound in self._written])
            self._chosen = chosen_points(self._replayed)
            for name, k in self._chosen.items():
                copy = self._folder / names.chosen_sound(name, self._format)
                shutil.copyfile(self._folder / self._front_sound(k), copy)
            if self._track:
                pool.map(self._write_original, gains[-1:])
            drawings = self._drawings.all if self._draw else []
            writers = [*drawings, self._results]
            yield from self._each(pool, lambda write: write(), writers, DRAWING_STEPS)
            if self._settings.share:
                picks = list(product(self._chosen, SHARED))
                self._shared = yield from self._each(pool, self._share, picks)
            if self._settings.whole:
                (songs,) = yield from self._each(pool, Songs, [self._prepared])
                for name in self._chosen:  # one after another: they share the memory of the track
                    write = partial(self._write_song, songs)
                    self._songs += yield from self._each(pool, write, [name])
        self._seconds["files"] = time.perf_counter() - self._started
        summary = self._summary(morph)
        write_summary(self._folder, summary)
        return summary

    def _each(
        self, pool: Workers, make: Callable[[Item], Made], items: Sequence[Item], steps: int = 1
    ) -> Generator[RenderProgress, None, list[Made]]:
        """Return [make(item) for item in items], and yield how far everything is meanwhile.

        An item is so many `steps` of everything.
        """
        results: dict[int, Made] = {}
        yield self._progress()
        for done in pool.as_completed(make, items):
            if done:
                results[done[0]] = done[1]
                self._step += steps
            yield self._progress()
        return [results[k] for k in range(len(items))]

    def _progress(self) -> RenderProgress:
        elapsed_s = time.perf_counter() - self._started
        return RenderProgress("files", self._step, self._steps, elapsed_s)

    def _gains(self, pool: Workers) -> Generator[RenderProgress, None, list[float]]:
        """Return what brings the sounds, and the track if it is none of them, to one loudness.

        The published methods bring each to one peak instead.
        """
        track, rate = self._prepared.heard_track, self._prepared.sound_rate
        audible = range(len(self._sounds) + len(self._track))
        if self._settings.is_published:
            return (yield from self._each(pool, lambda k: peak_gain(self._heard(k)), audible, 0))
        levels = yield from self._each(pool, lambda k: level_of(self._heard(k), rate), audible, 0)
        # In a worker as well: on several threads its FFTs would wait for a busy core.
        (wanted_lufs,) = pool.map(lambda sound: integrated_loudness(sound, rate), [track])
        return matched_gains(levels, wanted_lufs)

    def _heard(self, k: int) -> torch.Tensor:
        """Return sound k at the rate of its file and the level of the track; beyond, the track."""
        if k == len(self._sounds):
            return self._track[0]
        before = self._found.heard.get(k)
        if before:
            return torch.from_numpy(before.samples / np.float32(before.gain))
        return self._prepared.at_sound_rate(self._sounds[k])

    def _write_sound(self, job: tuple[int, float]) -> WrittenSound:
        """Write sound k, read it again, and take every figure from what was read."""
        k, gain = job
        is_morph = k == len(self._indices)
        path = self._folder / (self._morph_sound if is_morph else self._front_sound(k))
        before = self._found.heard.get(k)
        if before and abs(decibels(gain / before.gain)) < SAME_GAIN_DB:
            samples, gain = before.samples, before.gain
        else:
            samples = quantise((gain * self._heard(k)).numpy(), self._settings.bit_depth)
        tags = commented(self._tags, self._comment("the morph" if is_morph else f"point {k}"))
        sound = write_sound(path, samples, gain, self._prepared, tags)
        if self._settings.bit_depth == COARSE_BITS and not is_morph:
            unrounded, _ = self._prepared.losses(self._prepared.at_analysis_rate(self._heard(k)))
            self._rounding_costs[k] = sound.replayed[0] - unrounded
        if self._draw and not is_morph:
            title = f"Point {k} of {len(self._indices) - 1}, from music to picture"
            draw_sound(path.with_suffix(".png"), sound, self._prepared, title)
        return sound.shrunk(self._prepared.mixture.display)

    def _write_original(self, gain: float) -> None:
        """Write the untouched track at the loudness of the set."""
        track, rate, depth = self._track[0], self._prepared.sound_rate, self._settings.bit_depth
        path = self._folder / names.original_sound(self._format)
        write_audio(path, quantise((gain * track).numpy(), depth), rate, depth)

    def _pick(self, name: str, place: str = "") -> Pick:
        """Return a chosen point; `place` says where its sound is."""
        k = self._chosen[name]
        tags = commented(self._tags, self._comment(f"point {k}{place}"))
        file = self._folder / self._front_sound(k)
        return Pick(name, self._sounds[k], self._written[k].gain, file, tags)

    def _share(self, job: tuple[str, Codec]) -> dict[str, Any]:
        """Write a lossy copy of a chosen sound, and measure it."""
        name, codec = job
        return share(self._pick(name), codec, self._prepared, self._folder)

    def _write_song(self, songs: Songs, name: str) -> dict[str, Any]:
        """Write the whole track with a chosen sound in it."""
        return songs.write(self._pick(name, " in the whole track"), self._folder)

    def _comment(self, place: str) -> str:
        """Return what a file says MOSS has made of the track."""
        picture = name_of(self._prepared.inputs["picture"]["path"])
        count = len(self._indices) - 1
        return f"MOSS {__version__} drew {picture}: {place}, of 0 (music) to {count} (picture)"

    def _front_sound(self, k: int) -> str:
        return names.front_sound(k, self._format)

    @property
    def _morph_sound(self) -> str:
        return names.morph_sound(self._format)

    @property
    def _warnings(self) -> list[str]:
        """What somebody should know of the files, in sentences."""
        found = list(self._prepared.warnings)
        cost, k = max(((cost, k) for k, cost in self._rounding_costs.items()), default=(0.0, 0))
        if cost <= MAX_ROUNDING_COST:
            return found
        return [
            *found,
            f"Rounding to {COARSE_BITS} bits costs the picture {cost:.3f} of visual loss in "
            f"{self._front_sound(k)}; a bit depth of 24 keeps it.",
        ]

    @property
    def _drawings(self) -> RunDrawings:
        return RunDrawings(
            folder=self._folder,
            prepared=self._prepared,
            seeds=self._found.seeds,
            front=self._front.losses,
            designed=self._designed,
            history=self._found.history,
            written=self._written,
            chosen=self._chosen,
            morph=self._folder / self._morph_sound,
        )

    def _hypervolume(self, losses: np.ndarray) -> float:
        """Return the hypervolume of losses (n, 2), of which the audio loss is the searched one."""
        return hypervolume(losses, REFERENCE_POINTS[self._settings.audio_loss])

    @property
    def _as_published(self) -> np.ndarray:
        """What the files replay (k, 2), by the published audio loss whatever was searched."""
        return np.array([(each.replayed[0], each.differences["log"]) for each in self._written])

    def _results(self) -> None:
        front = self._points.front
        masks = front.masks
        row = [("mask", "u1", masks.shape[1:]), ("designed", "f8", 2), ("replayed", "f8", 2)]
        results = np.zeros(len(masks), row)
        results["mask"], results["designed"] = masks, front.losses
        results["replayed"] = np.nan
        results["replayed"][self._indices] = self._replayed
        np.save(self._folder / names.RESULTS, results, allow_pickle=False)

    def _summary(self, morph: WrittenSound) -> dict[str, Any]:
        steered = {"steered": self._steered | {"new": self._points.new}} if self._steered else {}
        return {
            **made_with(self._prepared.device),
            "inputs": self._prepared.inputs,
            "settings": self._settings.as_dict(),
            "sample_rate": self._prepared.sound_rate,
            "hypervolume": {
                "designed": self._hypervolume(self._front.losses),
                "replayed": self._hypervolume(self._replayed),
                "replayed_as_published": hypervolume(self._as_published),
            },
            "points": [
                {
                    "index": int(self._indices[k]),
                    "file": self._front_sound(k),
                    **sound.figures,
                    "designed": self._designed[k].tolist(),
                }
                for k, sound in enumerate(self._written)
            ],
            "morph": morph.figures
            | {"file": names.MORPH_FILM if self._draw else self._morph_sound},
            "chosen": {name: self._front_sound(k) for name, k in self._chosen.items()},
            "original": {
                "file": names.original_sound(self._format) if self._track else self._front_sound(0)
            },
            "share": self._shared,
            "songs": self._songs,
            "warnings": self._warnings,
            "front": self._front.losses.tolist(),
            "seeds": self._found.seeds.tolist(),
            "seconds": rounded(self._seconds),
        } | steered
