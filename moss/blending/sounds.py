"""The masks of a front become waveforms: in which order, and each from which phases."""

import queue
from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import torch

from moss.blending.prepared import Prepared
from moss.blending.sound_maker import SoundMaker
from moss.blending.task import Points
from moss.parallel import Workers, workers
from moss.signal.pareto import normalised

LEAP_SHARE = 1.75  # the second half starts from the music's phases; all after it gain by more


def sounds_of(
    prepared: Prepared,
    points: Points,
    heard: Mapping[int, np.ndarray] | None = None,
    *,
    morph: bool = True,
    drafts: bool = False,
) -> Iterator[tuple[int, np.ndarray] | None]:
    """Yield (k, sound) for every one of the `points`, as each is done, then the morph.

    Each sound has the shape of the waveform and is float32 at its level. k counts along the points;
    the morph is k = their number: over the length of the part its mask travels through all of
    them. It is left out unless `morph`. The picture goes into the channel of the settings. Beside
    one in the mid, the side fades as the mask takes over; the mid stays as it is beside one in the
    side. Points that were `heard` before, {k: sound}, are not made again: each other one starts
    from the phases of the nearest of them. Peaks that would make all sounds quieter than the track
    are lowered, as `Headroom` says.
    `drafts` are made in a tenth of the time, from the middle of the front outwards, and are not
    lowered: for those who wait, or do not want to.
    Yields None where the next sound takes a while.
    """
    maker = SoundMaker(prepared, points, drafts=drafts)
    places = normalised(points.front.losses)[points.indices]
    with workers(prepared.mixture.audio.device) as pool:
        if not drafts:
            # Before all workers ask for them at once, and each makes its own.
            pool.map(lambda view: (view.similarity, view.difference), prepared.views)
        yield from _Order(maker, places, heard or {}, alone=drafts, morph=morph).run(pool)


class _Order:
    """Lets the sounds of a run be made one after another, each from a neighbour's phases.

    Parameters
    ----------
    maker : makes them.
    places : (k, 2) normalised losses.
    heard : {k: sound} of those that are there.
    alone : whether each starts from the music's phases, or from those of a heard one.
    morph : whether the morph is made of them.
    """

    def __init__(
        self,
        maker: SoundMaker,
        places: np.ndarray,
        heard: Mapping[int, np.ndarray],
        *,
        alone: bool,
        morph: bool,
    ) -> None:
        self._maker, self._places, self._morph = maker, places, morph
        # Where the second half begins: the pure music takes no time and a leap nearly twice as
        # much, so that both halves take the same.
        self._leap = min(maker.count - 1, maker.count // 2 + 1)
        self._heard = {k: maker.analysed_in(sound) for k, sound in heard.items()}
        self._alone = alone or bool(heard)
        # Of what is done only its part of the morph is kept: sounds of minutes are large.
        self._parts: dict[int, torch.Tensor] = {}
        for k, made in self._heard.items():
            self._keep(k, made)
        self._done: queue.SimpleQueue[tuple[int, np.ndarray]] = queue.SimpleQueue()
        self._loud: dict[int, torch.Tensor] = {}  # points that would lower all others

    def run(self, pool: Workers) -> Iterator[tuple[int, np.ndarray] | None]:
        count = self._maker.count
        if self._alone:
            outwards = sorted(range(count), key=lambda k: abs(k - count // 2))
            chains = [(self._nearest(k), range(k, k + 1)) for k in outwards if k not in self._heard]
        else:
            # Every sound starts from the phases of the one before it, and both halves from the
            # music's: what is kept of the music then keeps its phases too. Toward the music they
            # would never be found again.
            halves = range(self._leap), range(self._leap, count)
            chains = [(self._maker.analysed, half) for half in halves]
        yield from self._delivered(pool.as_completed(self._follow, chains))
        # The one with most picture is the hardest to lower: no other has to go lower than it can.
        wanted = self._maker.ceiling
        loud = sorted(self._loud, reverse=True)
        for some in (loud[:1], loud[1:]):
            for lower in pool.as_completed(partial(self._lower, wanted), some):
                if lower:
                    wanted = max(wanted, lower[1][1])
                yield (some[lower[0]], lower[1][0]) if lower else None
        if self._morph:
            for made in pool.as_completed(partial(self._maker.morph, self._parts), [wanted]):
                yield (count, made[1].numpy()) if made else None

    def _follow(self, chain: tuple[torch.Tensor, range]) -> None:
        before, places = chain
        for k in places:
            is_leap = before is self._maker.analysed and k == self._leap
            before = self._maker.point(k, before, LEAP_SHARE if is_leap else 1.0)
            sound = self._maker.sound(k, before)
            if self._maker.needed(k, sound) > self._maker.ceiling:
                self._loud[k] = before
            else:
                self._keep(k, before)
                self._done.put((k, sound.numpy()))

    def _delivered(self, work: Iterator[object]) -> Iterator[tuple[int, np.ndarray] | None]:
        """Yield the sounds that are done meanwhile, and None where that takes a while."""
        for _ in work:
            if self._done.empty():
                yield None
            while not self._done.empty():
                yield self._done.get()

    def _lower(self, wanted: float, k: int) -> tuple[np.ndarray, float]:
        """Return the sound of point k with peaks that need about `wanted`, and what they need."""
        made, sound, needed = self._maker.lowered_point(k, self._loud.pop(k), wanted)
        self._keep(k, made)
        return sound.numpy(), needed

    def _keep(self, k: int, made: torch.Tensor) -> None:
        if self._morph:
            self._parts[k] = self._maker.morph_part(k, made)

    def _nearest(self, k: int) -> torch.Tensor:
        """Return the heard point that is nearest to point k, or the music."""
        if not self._heard:
            return self._maker.analysed
        return self._heard[
            min(self._heard, key=lambda j: np.hypot(*(self._places[j] - self._places[k])))
        ]
