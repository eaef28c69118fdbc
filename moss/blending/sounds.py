"""The masks of a front become waveforms whose spectrograms show what was designed."""

import queue
from collections.abc import Iterator, Mapping

import numpy as np
import torch

from moss.blending.front import Front
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

GRIFFIN_LIM_STEPS = 36  # at effort 1: measured, each phase stops where the other gains more
DESCENT_STEPS = 16
DESCENT_STEPS_ANY = 32  # where several windows pull in different directions
LEAP_SHARE = 2.0  # the picture's end starts from the music's phases; all after it gain by more
MORPH_SHARE = 0.5  # the morph starts from finished sounds and needs fewer steps
TAPER_BINS = 2  # how far a transform's own window smears what ends suddenly
LEAST_AUDIO_WEIGHT = 0.03  # of audio: at the pure picture the front alone would say 0


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
) -> Iterator[tuple[int, np.ndarray] | None]:
    """Yield (k, sound) for every point of `front` at `indices`, as each is done, then the morph.

    `waveform` (channels, samples) is the part of the track; each sound has its shape and is
    float32 at the waveform's level. k counts along `indices`; the morph is k = len(indices):
    over the length of the part its mask travels through all of them. It is left out unless
    `morph`. The picture goes into the channel of the settings. Beside one in the mid, the side
    fades as the mask takes over; the mid stays as it is beside one in the side.
    `views[0]` is the window that the mixture was made with. Points that were `heard` before,
    {k: sound}, are not made again: each other one starts from the phases of the nearest of them.
    Yields None where the next sound takes a while.
    """
    device = mixture.audio.device
    work = _SoundMaker(waveform.to(device), mixture, views, front, indices, settings, heard or {})
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
    ):
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
        self._audio_weights = [
            max(best.audio_weight(best.nearest(front.losses[i])), LEAST_AUDIO_WEIGHT)
            for i in indices
        ]
        self._places = normalised(front.losses)[indices]
        self._heard = {
            k: analysed_channel(torch.from_numpy(sound).to(self._analysed.device), settings)
            for k, sound in heard.items()
        }
        self._made = dict(self._heard)

    def run(self, pool: Workers, morph: bool) -> Iterator[tuple[int, np.ndarray] | None]:
        count = len(self._grids)
        if self._heard:
            chains = [
                (self._nearest(k), range(k, k + 1)) for k in range(count) if k not in self._heard
            ]
        else:
            # From each anchor inwards: every sound starts from the phases of the one before it.
            inwards = range(0, count // 2), range(count - 1, count // 2 - 1, -1)
            chains = [(self._analysed, chain) for chain in inwards]
        done: queue.SimpleQueue[tuple[int, np.ndarray]] = queue.SimpleQueue()

        def follow(chain: tuple[torch.Tensor, range]) -> None:
            before, places = chain
            for k in places:
                before = self._made[k] = self._point(k, before)
                done.put((k, self._sound(k, before)))

        for _ in pool.as_completed(follow, chains):
            if done.empty():
                yield None
            while not done.empty():
                yield done.get()
        if morph:
            for made in pool.as_completed(lambda _: self._morph(), [None]):
                yield (count, made[1]) if made else None

    def _nearest(self, k: int) -> torch.Tensor:
        """Return the sound of the heard point that is nearest to point k."""
        return self._heard[
            min(self._heard, key=lambda j: np.hypot(*(self._places[j] - self._places[k])))
        ]

    def _mask(self, k: int) -> torch.Tensor:
        grid = grid_from_uint8(self._grids[k], self._analysed.device)
        return self._basis.mask(grid)

    def _point(self, k: int, before: torch.Tensor) -> torch.Tensor:
        if not self._grids[k].any():
            return self._analysed  # pure audio is the input itself
        leaps = before is self._analysed and k == len(self._grids) - 1
        share = LEAP_SHARE if leaps else 1.0
        return self._refined(self._mask(k), before, self._audio_weights[k], share, k)

    def _sound(self, k: int, made: torch.Tensor) -> np.ndarray:
        if not self._grids[k].any():
            # Mid and side would give every sample but its last bit.
            return self._waveform.cpu().numpy()
        return self._with_rest(made, self._mask(k))

    def _refined(
        self, mask: torch.Tensor, start: torch.Tensor, audio_weight: float, share: float, draw: int
    ) -> torch.Tensor:
        magnitude = self._mixture.log_magnitude(mask).exp_().T.contiguous().T
        if self._settings.phase == "target":
            return with_magnitude(self._stft, magnitude, self._analysed)
        effort = self._settings.effort * share
        steps = DESCENT_STEPS if len(self._views) == 1 else DESCENT_STEPS_ANY
        sound = with_magnitude(self._stft, magnitude, start)
        sound = griffin_lim(self._stft, magnitude, sound, round(GRIFFIN_LIM_STEPS * effort))
        return descend_on_losses(
            self._views,
            sound,
            audio_weight,
            round(steps * effort),
            torch.Generator().manual_seed(self._settings.seed + draw),
        )

    def _morph(self) -> np.ndarray:
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
        return self._with_rest(made, mask)

    def _with_rest(self, made: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
        rest = self._rest
        if rest is not None and self._settings.channel == "mid":
            # A side that stayed would veil the picture in the left and the right channel. A mid
            # stays beside a picture in the side: it is all that is heard in mono.
            keep = torch.ones_like(self._mixture.audio).T
            keep[:, self._mixture.band] -= mask.T
            rest = self._stft.nearest(rest, lambda spectrum, frames: spectrum.mul_(keep[frames]))
        return self._untouched_outside(channels_of(made, rest, self._settings)).cpu().numpy()

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
