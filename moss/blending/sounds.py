"""The masks of a front become waveforms whose spectrograms show what was designed."""

import math
import queue
from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import torch

from moss.blending.front import Front
from moss.blending.headroom import Headroom
from moss.blending.mask import MaskBasis, grid_from_uint8
from moss.blending.mixing import Mixture
from moss.parallel import Workers, workers
from moss.phase.descent import descend_on_losses
from moss.phase.griffin_lim import griffin_lim, with_magnitude
from moss.settings.blend import BlendSettings
from moss.signal.band_limit import band_limited
from moss.signal.channels import analysed_channel, channels_of, rest_of
from moss.signal.pareto import normalised
from moss.signal.replay import View
from moss.signal.spectrogram import STFT

# Steps at effort 1, for the pure music and for the pure picture: what is nearly music has phases
# that fit already, and descends further.
GRIFFIN_LIM_STEPS = 4, 20
DESCENT_STEPS = 14, 10
DESCENT_STEPS_ANY = 28, 22  # where several windows pull in different directions
# Of the two sounds that start from the music's phases, and that all others start from, toward the
# music and toward the picture.
FIRST_SHARES = 4.0, 4.0
MUSIC_RATE = 4.0  # near the pure music the descent's steps may be so much larger than usual
MORPH_SHARE = 0.5  # the morph starts from finished sounds and needs fewer steps
DRAFT_STEPS = 8  # of Griffin-Lim alone: four fifths of a refined front in a tenth of its time
TAPER_BINS = 2  # how far a transform's own window smears what ends suddenly
LEAST_AUDIO_WEIGHT = 0.1  # per span of the audio loss: the pure picture alone would say 0


def sounds_of(
    waveform: torch.Tensor,
    mixture: Mixture,
    views: list[View],
    front: Front,
    indices: np.ndarray,
    settings: BlendSettings,
    heard: Mapping[int, np.ndarray] | None = None,
    *,
    morph: bool = True,
    drafts: bool = False,
) -> Iterator[tuple[int, np.ndarray] | None]:
    """Yield (k, sound) for every point of `front` at `indices`, as each is done, then the morph.

    `waveform` (channels, samples) is the part of the track; each sound has its shape and is
    float32 at the waveform's level. k counts along `indices`; the morph is k = len(indices):
    over the length of the part its mask travels through all of them. It is left out unless
    `morph`. The picture goes into the channel of the settings. Beside one in the mid, the side
    fades as the mask takes over; the mid stays as it is beside one in the side.
    `views[0]` is the window that the mixture was made with. Points that were `heard` before,
    {k: sound}, are not made again: each other one starts from the phases of the nearest of them.
    Peaks that would make all sounds quieter than the track are lowered, as `Headroom` says.
    `drafts` are made in a tenth of the time, from the middle of the front outwards, and are not
    lowered: for those who wait, or do not want to.
    Yields None where the next sound takes a while.
    """
    device = mixture.audio.device
    work = _SoundMaker(
        waveform.to(device), mixture, views, front, indices, settings, heard or {}, drafts
    )
    with workers(device) as pool:
        yield from work.run(pool, morph)


class _SoundMaker:
    """Makes the sounds of one run, and keeps the channels that others start from."""

    def __init__(
        self,
        waveform: torch.Tensor,
        mixture: Mixture,
        views: list[View],
        front: Front,
        indices: np.ndarray,
        settings: BlendSettings,
        heard: Mapping[int, np.ndarray],
        drafts: bool,
    ):
        self._drafts = drafts
        self._settings, self._mixture, self._views = settings, mixture, views
        self._waveform = waveform
        self._stft: STFT = views[0].stft
        self._analysed = analysed_channel(waveform, settings)
        self._rest = rest_of(waveform, settings.channel)
        bins, frames = mixture.picture.shape
        height, width = front.masks.shape[1:]
        self._basis = MaskBasis(
            (bins, frames), (height, width), settings.smoothing_sigma, mixture.audio.device
        )
        self._grids = [front.masks[i] for i in indices]
        best = front.undominated()
        least = LEAST_AUDIO_WEIGHT / (np.ptp(front.losses[:, 1]) or 1.0)
        self._audio_weights = [
            max(best.audio_weight(best.nearest(front.losses[i])), least) for i in indices
        ]
        self._places = normalised(front.losses)[indices]
        self._heard = {
            k: analysed_channel(torch.from_numpy(sound).to(self._analysed.device), settings)
            for k, sound in heard.items()
        }
        self._made = dict(self._heard)
        self._done: queue.SimpleQueue[tuple[int, np.ndarray]] = queue.SimpleQueue()
        self._loud: list[int] = []  # points that would lower all others
        # The published levels are not loudness, and the target's phases stay as they are.
        same_loudness = not (drafts or settings.is_published or settings.phase == "target")
        self._headroom = Headroom(waveform, settings.analysis_rate) if same_loudness else None

    def run(self, pool: Workers, morph: bool) -> Iterator[tuple[int, np.ndarray] | None]:
        count = len(self._grids)
        if self._heard or self._drafts:
            outwards = sorted(range(count), key=lambda k: abs(k - count // 2))
            chains = [(self._nearest(k), range(k, k + 1)) for k in outwards if k not in self._heard]
        else:
            # Every sound starts from its neighbour, from the middle outwards: that is heard first.
            # Both halves begin with the music's phases: what is kept of it keeps its phases too.
            middle = count // 2
            halves = range(middle, -1, -1), range(middle + 1, count)
            chains = [(self._analysed, half) for half in halves]
        yield from self._delivered(pool.as_completed(self._follow, chains))
        # The one with most picture is the hardest to lower: no other has to go lower than it can.
        wanted = self._ceiling
        loud = sorted(self._loud, reverse=True)
        for some in (loud[:1], loud[1:]):
            for lower in pool.as_completed(partial(self._lower_point, wanted), some):
                if lower:
                    wanted = max(wanted, lower[1][1])
                yield (some[lower[0]], lower[1][0]) if lower else None
        if morph:
            for made in pool.as_completed(self._morph, [wanted]):
                yield (count, made[1]) if made else None

    def _follow(self, chain: tuple[torch.Tensor, range]) -> None:
        before, places = chain
        for k in places:
            before = self._make(k, before, self._share(k, before))

    def _share(self, k: int, before: torch.Tensor) -> float:
        """Return how much longer than others point k is refined, which starts from `before`."""
        if before is not self._analysed:
            return 1.0
        toward_music, toward_picture = FIRST_SHARES
        return toward_music if k <= len(self._grids) // 2 else toward_picture

    def _make(self, k: int, before: torch.Tensor, share: float) -> torch.Tensor:
        """Return what is analysed of point k; its sound is done, unless it has to be lowered."""
        made = self._made[k] = self._point(k, before, share)
        sound = self._sound(k, made)
        if self._needed(k, sound) > self._ceiling:
            self._loud.append(k)
        else:
            self._done.put((k, sound.numpy()))
        return made

    def _delivered(self, work: Iterator[object]) -> Iterator[tuple[int, np.ndarray] | None]:
        """Yield the sounds that are done meanwhile, and None where that takes a while."""
        for _ in work:
            if self._done.empty():
                yield None
            while not self._done.empty():
                yield self._done.get()

    @property
    def _ceiling(self) -> float:
        return self._headroom.ceiling if self._headroom else math.inf

    def _needed(self, k: int, sound: torch.Tensor) -> float:
        """Return what point k needs of full scale; the track itself is the measure."""
        return self._headroom.needed(sound) if self._headroom and self._grids[k].any() else 0.0

    def _lower_point(self, wanted: float, k: int) -> tuple[np.ndarray, float]:
        """Return the sound of point k with peaks that need about `wanted`, and what they need."""
        mask = self._mask(k)
        made = self._made[k] = self._lowered(self._made[k], mask, wanted, self._audio_weights[k], k)
        sound = self._with_rest(made, mask)
        return sound.numpy(), self._needed(k, sound)

    def _lowered(
        self, made: torch.Tensor, mask: torch.Tensor, wanted: float, audio_weight: float, draw: int
    ) -> torch.Tensor:
        if self._headroom is None:
            return made
        return self._headroom.lowered(
            self._views,
            made,
            self._rest_beside(mask),
            lambda carrier: self._with_rest(carrier, mask),
            wanted,
            audio_weight,
            torch.Generator().manual_seed(self._settings.seed + draw),
        )

    def _nearest(self, k: int) -> torch.Tensor:
        """Return the sound of the heard point that is nearest to point k, or the music."""
        if not self._heard:
            return self._analysed
        return self._heard[
            min(self._heard, key=lambda j: np.hypot(*(self._places[j] - self._places[k])))
        ]

    def _mask(self, k: int) -> torch.Tensor:
        grid = grid_from_uint8(self._grids[k], self._analysed.device)
        return self._basis.mask(grid)

    def _point(self, k: int, before: torch.Tensor, share: float) -> torch.Tensor:
        if not self._grids[k].any():
            return self._analysed  # pure audio is the input itself
        return self._refined(self._mask(k), before, self._audio_weights[k], share, k)

    def _sound(self, k: int, made: torch.Tensor) -> torch.Tensor:
        if not self._grids[k].any():
            # Mid and side would give every sample but its last bit.
            return self._waveform.cpu()
        return self._with_rest(made, self._mask(k))

    def _refined(
        self, mask: torch.Tensor, start: torch.Tensor, audio_weight: float, share: float, draw: int
    ) -> torch.Tensor:
        magnitude = self._mixture.log_magnitude(mask).exp_().T.contiguous().T
        if self._settings.phase == "target":
            return with_magnitude(self._stft, magnitude, self._analysed)
        effort, shown = self._settings.effort * share, mask.mean().item()
        sound = with_magnitude(self._stft, magnitude, start)
        if self._drafts:
            return griffin_lim(self._stft, magnitude, sound, DRAFT_STEPS)
        steps = _between(GRIFFIN_LIM_STEPS, shown) * effort
        sound = griffin_lim(self._stft, magnitude, sound, round(steps))
        descent_steps = DESCENT_STEPS if len(self._views) == 1 else DESCENT_STEPS_ANY
        return descend_on_losses(
            self._views,
            sound,
            audio_weight,
            round(_between(descent_steps, shown) * effort),
            torch.Generator().manual_seed(self._settings.seed + draw),
            rate=MUSIC_RATE ** (1 - shown),
        )

    def _morph(self, wanted: float) -> np.ndarray:
        count = len(self._grids)
        mask = torch.zeros_like(self._mixture.picture)
        start = torch.zeros_like(self._analysed)
        for k in range(count):
            mask = mask + self._mask(k) * self._tent(
                k, count, self._stft.frames, self._stft.hop_length
            )
            start = start + self._made[k] * self._tent(k, count, self._stft.length, 1)
        audio_weight = float(np.mean(self._audio_weights))
        made = self._refined(mask, start, audio_weight, MORPH_SHARE, count)
        made = self._lowered(made, mask, wanted, audio_weight, count)
        return self._with_rest(made, mask).numpy()

    def _with_rest(self, made: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        sound = channels_of(made, self._rest_beside(mask), self._settings)
        return self._untouched_outside(sound).cpu()

    def _rest_beside(self, mask: torch.Tensor) -> torch.Tensor | None:
        rest = self._rest
        if rest is not None and self._settings.channel == "mid":
            # A side that stayed would veil the picture in the left and the right channel. A mid
            # stays beside a picture in the side: it is all that is heard in mono.
            keep = torch.ones_like(self._mixture.audio).T
            keep[:, self._mixture.band] -= mask.T
            rest = self._stft.nearest(rest, lambda spectrum, frames: spectrum.mul_(keep[frames]))
        return rest

    def _untouched_outside(self, sound: torch.Tensor) -> torch.Tensor:
        """Return `sound` (channels, samples) with nothing but the track outside of the band."""
        settings = self._settings
        if settings.is_whole:
            return sound
        change = band_limited(
            sound - self._waveform,
            settings.bottom_hz,
            settings.top_hz,
            settings.analysis_rate,
            TAPER_BINS * settings.bin_hz,
        )
        return self._waveform + change

    def _tent(self, k: int, count: int, size: int, step: int) -> torch.Tensor:
        """Return the weight of keyframe k at `size` moments of a journey through `count` of them.

        The moments are `step` samples apart. Carriers that follow each other in what is analysed
        make the journey at the same time.
        """
        device = self._analysed.device
        starts = [start // step for start in self._settings.carrier_starts]
        own = size - starts[-1]
        position = torch.zeros(size, device=device)
        for start in starts:
            position[start : start + own] = torch.linspace(0, count - 1, own, device=device)
        return (1 - (position - k).abs()).clamp_min(0)


def _between(ends: tuple[float, float], share: float) -> float:
    """Return what is a `share` of the way from the first of the `ends` to the second."""
    return ends[0] + (ends[1] - ends[0]) * share
