"""What is drawn of a whole run: the morph as film and GIF, the front, and how it grew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from moss.blending.prepared import Prepared
from moss.progress import SearchProgress
from moss.render import save_evolution_gif, save_front_plot, save_morph_film, save_morph_gif
from moss.results import names
from moss.results.write_sound import WrittenSound
from moss.signal.pareto import REFERENCE_POINTS, hypervolume

DRAWINGS = 4  # how many there are


@dataclass(frozen=True)
class RunDrawings:
    """The drawings of a run whose sounds are written.

    Attributes
    ----------
    folder : of the run.
    prepared : what the sounds were made of.
    seeds, front, designed : (n, 2) losses of the seeds, of the whole front, and of the points that
        have sounds, as designed.
    history : the events of the search.
    written : the sounds along the front.
    chosen : {name: number of a sound}.
    morph : the sound of the morph, which the film takes in.
    """

    folder: Path
    prepared: Prepared
    seeds: np.ndarray
    front: np.ndarray
    designed: np.ndarray
    history: Sequence[SearchProgress]
    written: Sequence[WrittenSound]
    chosen: Mapping[str, int]
    morph: Path

    @property
    def all(self) -> list[Callable[[], None]]:
        """What makes each of them."""
        return [self._film, self._gif, self._plot, self._evolution]

    @cached_property
    def _keyframes(self) -> list[np.ndarray]:
        """The log magnitudes of the sounds; a journey through one of them stays where it is."""
        keyframes = [sound.log_magnitude for sound in self.written]
        return keyframes * 2 if len(keyframes) == 1 else keyframes

    def _film(self) -> None:
        display = self.prepared.mixture.display
        save_morph_film(
            self.folder / names.MORPH_FILM,
            self._keyframes,
            low=display.low,
            high=display.high,
            wav_path=self.morph,
            duration_s=self.prepared.settings.duration_s,
        )
        self.morph.unlink()

    def _gif(self) -> None:
        display = self.prepared.mixture.display
        save_morph_gif(
            self.folder / names.MORPH_GIF,
            self._keyframes,
            np.resize(self.designed, (len(self._keyframes), 2)),
            low=display.low,
            high=display.high,
        )

    def _plot(self) -> None:
        audio_loss = self.prepared.settings.audio_loss
        replayed = np.array([sound.replayed for sound in self.written])
        reference = REFERENCE_POINTS[audio_loss]
        save_front_plot(
            self.folder / names.FRONT_PLOT,
            seeds=self.seeds,
            front=self.front,
            representatives=self.designed,
            replayed=replayed,
            hypervolume_designed=hypervolume(self.front, reference),
            hypervolume_replayed=hypervolume(replayed, reference),
            audio_loss=audio_loss,
            chosen=self.chosen,
        )

    def _evolution(self) -> None:
        save_evolution_gif(self.folder / names.EVOLUTION_GIF, self.history)
