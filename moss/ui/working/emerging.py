"""A run as it is heard and seen while it is made: the music, then drafts, then refined sounds."""

import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import torch

from moss.blending.prepared import Prepared
from moss.blending.task import DraftsProgress, Points, SoundsProgress
from moss.media import write_audio
from moss.progress import RenderProgress, SearchProgress
from moss.results.picks import chosen_points
from moss.signal.channels import carriers_of
from moss.signal.loudness import integrated_loudness, level_of, matched_gains
from moss.signal.pareto import normalised
from moss.ui.components.player.player import working_value
from moss.ui.host.files import url_of
from moss.ui.working.picture import spectrogram_image

FOLDER = "emerging"  # beside the run's, in what is the run's alone
SIZE = (560, 972)  # rows and columns of a picture, as many as the finished ones show
QUALITY = 88  # of JPEG, up to 100
BIT_DEPTH = 16  # is enough for what will be replaced in a while
DRAFT, REFINED, FINAL = "draft", "refined", "final"


@dataclass(frozen=True)
class _Made:
    """What there is of a point: its sound, its picture, and which state they are in."""

    sound: Path
    image: Path
    state: str


class Emerging:
    """Writes what there is of a run to files, and says what a Player plays of it.

    At first that is the music alone. Where a point has no sound yet, that of the nearest one
    takes its place.

    Parameters
    ----------
    prepared : what the run works with.
    home : the folder that is the run's alone.

    Raises
    ------
    OSError, OutputError
        There is no room, or the run has ended meanwhile and its home is gone; also of `take`.
    """

    def __init__(self, prepared: Prepared, home: Path) -> None:
        self._prepared, self._run = prepared, home.name
        self._folder = home / FOLDER
        self._folder.mkdir()
        self._numbers = count()  # of the files: what takes another's place has another name
        self._loudness = integrated_loudness(prepared.heard_track, prepared.sound_rate)
        self._music = self._write(prepared.waveform.numpy(), FINAL)
        self._made = {0: self._music}
        self._designed = np.zeros((1, 2))  # losses of the points
        self._front = self._seeds = np.zeros((0, 2))

    def close(self) -> None:
        """Delete the files, which finished ones have replaced, or nothing will."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def take(self, event: SearchProgress | RenderProgress) -> bool:
        """Take in what `event` brings of the front and the sounds; return whether a sound has come.

        The drafts of a sketch stand for the points of the front that are nearest to them.
        """
        if isinstance(event, SearchProgress):
            self._front = event.losses[event.on_front]
            if event.stage == "seeding" and event.step == event.steps:
                self._seeds = self._front if event.seeds is None else event.seeds
            return False
        if isinstance(event, DraftsProgress | SoundsProgress) and event.points:
            self._place(event.points)
        state = DRAFT if isinstance(event, DraftsProgress) else REFINED
        points = {k: sound for k, sound in event.sounds.items() if k < len(self._designed)}
        for k, sound in points.items():  # The morph, which comes after them, is none.
            self._made[k] = self._write(sound, state) if k else self._music
        return bool(points)

    def value(self) -> str:
        """Return what a Player plays of the run by now."""
        points = [
            {
                "file": None,
                "sound": url_of(made.sound),
                "image": url_of(made.image),
                "state": made.state,
            }
            for made in map(self._nearest, range(len(self._designed)))
        ]
        return working_value(
            self._prepared,
            self._run,
            points,
            designed=self._designed if len(self._designed) > 1 else None,
            front=self._front,
            seeds=self._seeds,
            original=self._music.sound,
            at=self._opening_point(),
        )

    def _place(self, points: Points) -> None:
        """Let what is made stand for the nearest of the `points`, from which on they count."""
        losses = points.front.losses[points.indices]
        before, self._designed = self._designed, losses
        if len(self._made) == 1:
            return
        made = sorted(self._made)
        places = normalised(np.concatenate((losses, before[made])))
        here, there = places[: len(losses)], places[len(losses) :]
        nearest = np.linalg.norm(here[:, None] - there, axis=2).argmin(axis=1)
        self._made = {k: self._made[made[j]] for k, j in enumerate(nearest)}

    def _nearest(self, k: int) -> _Made:
        return self._made[min(self._made, key=lambda j: abs(j - k))]

    def _opening_point(self) -> int:
        """Return the balanced point by design, or what is nearest to it of what is made."""
        balanced = chosen_points(self._designed)["balanced"]
        return min(self._made, key=lambda k: abs(k - balanced))

    def _write(self, sound: np.ndarray, state: str) -> _Made:
        """Write a sound (channels, samples) at the level of the track, and what it looks like."""
        prepared, name = self._prepared, f"{next(self._numbers):03d}-{state}"
        waveform = torch.from_numpy(sound)
        heard = prepared.at_sound_rate(waveform)
        (gain,) = matched_gains([level_of(heard, prepared.sound_rate)], self._loudness)
        path = self._folder / f"{name}.wav"
        write_audio(path, gain * heard, prepared.sound_rate, BIT_DEPTH)
        # The player shows one picture of a point, that of the left where there are two.
        carrier = carriers_of(waveform, prepared.settings.channel)[0]
        log_magnitude = prepared.carrier_views[0].stft.log_magnitude(carrier)
        image = path.with_suffix(".jpg")
        picture = spectrogram_image(log_magnitude.numpy(), prepared.mixture.display, SIZE)
        picture.save(image, quality=QUALITY, subsampling=0)
        return _Made(path, image, state)
