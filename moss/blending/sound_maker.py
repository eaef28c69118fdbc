"""One mask of a front becomes a waveform whose spectrogram shows what was designed."""

import math
from collections.abc import Mapping

import numpy as np
import torch

from moss.blending.headroom import Headroom, Lowered
from moss.blending.mask import MaskBasis, grid_from_uint8
from moss.blending.prepared import Prepared
from moss.blending.task import Points
from moss.phase.descent import descend_on_losses
from moss.phase.griffin_lim import griffin_lim, with_magnitude
from moss.signal.band_limit import band_limited
from moss.signal.channels import analysed_channel, channels_of, rest_of
from moss.signal.spectrogram import STFT

# Steps at effort 1, for the pure music and for the pure picture: what is nearly music has phases
# that fit already, and descends further.
GRIFFIN_LIM_STEPS = 10, 46
DESCENT_STEPS = 16, 14
DESCENT_STEPS_ANY = 32, 32  # where several windows pull in different directions
MUSIC_RATE = 6.0  # near the pure music the descent's steps may be so much larger than usual
MORPH_SHARE = 0.5  # the morph starts from finished sounds and needs fewer steps
DRAFT_STEPS = 8  # of Griffin-Lim alone: four fifths of a refined front in a tenth of its time
TAPER_BINS = 2  # how far a transform's own window smears what ends suddenly
LEAST_AUDIO_WEIGHT = 0.1  # per span of the audio loss: the pure picture alone would say 0


class SoundMaker:
    """Makes sounds of `points`, by their places k among those.

    What is made first is one signal, the analysed one; the sound around it has all channels.

    Parameters
    ----------
    prepared, points : as `sounds_of` has them.
    drafts : whether a few steps have to do, and peaks stay as they are.

    Attributes
    ----------
    analysed : what is analysed of the waveform, (length,).
    count : how many points there are.
    """

    def __init__(self, prepared: Prepared, points: Points, *, drafts: bool) -> None:
        self._drafts = drafts
        self._settings, self._mixture = prepared.settings, prepared.mixture
        self._views = prepared.views
        settings, mixture, front = prepared.settings, prepared.mixture, points.front
        self._waveform = waveform = prepared.waveform.to(mixture.audio.device)
        self._stft: STFT = self._views[0].stft
        self.analysed = analysed_channel(waveform, settings)
        self._rest = rest_of(waveform, settings.channel)
        bins, frames = mixture.picture.shape
        height, width = front.masks.shape[1:]
        self._basis = MaskBasis(
            (bins, frames), (height, width), settings.smoothing_sigma, mixture.audio.device
        )
        self._grids = [front.masks[i] for i in points.indices]
        self.count = len(self._grids)
        best = front.undominated()
        least = LEAST_AUDIO_WEIGHT / (np.ptp(front.losses[:, 1]) or 1.0)
        self._audio_weights = [
            max(best.audio_weight(best.nearest(front.losses[i])), least) for i in points.indices
        ]
        # The published levels are not loudness, and the target's phases stay as they are.
        same_loudness = not (drafts or settings.is_published or settings.phase == "target")
        self._headroom = Headroom(waveform, settings.analysis_rate) if same_loudness else None

    @property
    def ceiling(self) -> float:
        """What a sound may need of full scale without lowering all others."""
        return self._headroom.ceiling if self._headroom else math.inf

    def needed(self, k: int, sound: torch.Tensor) -> float:
        """Return what the `sound` of point k needs of full scale; the track is the measure."""
        return self._headroom.needed(sound) if self._headroom and self._grids[k].any() else 0.0

    def analysed_in(self, sound: np.ndarray) -> torch.Tensor:
        """Return what is analysed of a finished `sound` (channels, samples)."""
        return analysed_channel(torch.from_numpy(sound).to(self.analysed.device), self._settings)

    def point(self, k: int, start: torch.Tensor, share: float = 1.0) -> torch.Tensor:
        """Return what is analysed of point k (length,).

        Its first phases are those of `start`; `share` is how much longer than usual it is refined.
        """
        if not self._grids[k].any():
            return self.analysed  # pure audio is the input itself
        designed, shown = self._designed(self._mask(k), start, share)
        return self._descended(designed, shown, self._audio_weights[k], share, k)

    def sound(self, k: int, made: torch.Tensor) -> torch.Tensor:
        """Return the sound (channels, samples) of point k, of which `made` is analysed."""
        if not self._grids[k].any():
            # Mid and side would give every sample but its last bit.
            return self._waveform.cpu()
        return self._with_rest(made, self._rest_beside(self._mask(k)))

    def lowered_point(self, k: int, made: torch.Tensor, wanted: float) -> Lowered:
        """Return point k as it was `made`, with peaks that need about `wanted` of full scale."""
        return self._lowered(made, self._mask(k), wanted, self._audio_weights[k], k)

    def morph_part(self, k: int, made: torch.Tensor) -> torch.Tensor:
        """Return what the morph needs of point k, which is `made`: (n,) weighted samples."""
        tent = self._sample_tent(k)
        return (made * tent)[tent > 0]

    def morph(self, parts: Mapping[int, torch.Tensor], wanted: float) -> torch.Tensor:
        """Return the sound whose mask travels through all points; `parts` are their parts of it."""
        count = self.count
        mask = torch.zeros_like(self._mixture.picture)
        start = torch.zeros_like(self.analysed)
        for k in range(count):
            tent = self._tent(k, count, self._stft.frames, self._stft.hop_length)
            mask += self._mask(k).mul_(tent)
            start[self._sample_tent(k) > 0] += parts[k]
        audio_weight = float(np.mean(self._audio_weights))
        whole = self._descended(
            *self._designed(mask, start, MORPH_SHARE), audio_weight, MORPH_SHARE, count
        )
        return self._lowered(whole, mask, wanted, audio_weight, count).sound

    def _sample_tent(self, k: int) -> torch.Tensor:
        return self._tent(k, self.count, self._stft.length, 1)

    def _mask(self, k: int) -> torch.Tensor:
        grid = grid_from_uint8(self._grids[k], self.analysed.device)
        return self._basis.mask(grid)

    def _lowered(
        self, made: torch.Tensor, mask: torch.Tensor, wanted: float, audio_weight: float, draw: int
    ) -> Lowered:
        rest = self._rest_beside(mask)
        if self._headroom is None:
            return Lowered(made, self._with_rest(made, rest), 0.0)
        return self._headroom.lowered(
            self._views,
            made,
            rest,
            lambda carrier: self._with_rest(carrier, rest),
            wanted,
            audio_weight,
            torch.Generator().manual_seed(self._settings.seed + draw),
        )

    def _designed(
        self, mask: torch.Tensor, start: torch.Tensor, share: float
    ) -> tuple[torch.Tensor, float]:
        """Return a sound near the design of `mask`, and how much picture that shows."""
        magnitude = self._mixture.log_magnitude(mask).exp_().T.contiguous().T
        shown = mask.mean().item()
        if self._settings.phase == "target":
            return with_magnitude(self._stft, magnitude, self.analysed), shown
        sound = with_magnitude(self._stft, magnitude, start)
        steps = _between(GRIFFIN_LIM_STEPS, shown) * self._settings.effort * share
        steps = DRAFT_STEPS if self._drafts else round(steps)
        return griffin_lim(self._stft, magnitude, sound, steps), shown

    def _descended(
        self, sound: torch.Tensor, shown: float, audio_weight: float, share: float, draw: int
    ) -> torch.Tensor:
        """Return what is `designed` refined; by now the design is let go."""
        if self._drafts or self._settings.phase == "target":
            return sound
        steps = DESCENT_STEPS if len(self._views) == 1 else DESCENT_STEPS_ANY
        return descend_on_losses(
            self._views,
            sound,
            audio_weight,
            round(_between(steps, shown) * self._settings.effort * share),
            torch.Generator().manual_seed(self._settings.seed + draw),
            rate=MUSIC_RATE ** (1 - shown),
        )

    def _with_rest(self, made: torch.Tensor, rest: torch.Tensor | None) -> torch.Tensor:
        return self._untouched_outside(channels_of(made, rest, self._settings)).cpu()

    def _rest_beside(self, mask: torch.Tensor) -> torch.Tensor | None:
        rest = self._rest
        if rest is not None and self._settings.channel == "mid":
            # A side that stayed would veil the picture in the left and the right channel. A mid
            # stays beside a picture in the side: it is all that is heard in mono.
            band = self._mixture.band

            def fade(spectrum: torch.Tensor, frames: slice) -> None:
                spectrum[:, band].mul_(1 - mask[:, frames].T)

            rest = self._stft.nearest(rest, fade)
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
        device = self.analysed.device
        starts = [start // step for start in self._settings.carrier_starts]
        own = size - starts[-1]
        position = torch.zeros(size, device=device)
        for start in starts:
            position[start : start + own] = torch.linspace(0, count - 1, own, device=device)
        return (1 - (position - k).abs()).clamp_min(0)


def _between(ends: tuple[float, float], share: float) -> float:
    """Return what is a `share` of the way from the first of the `ends` to the second."""
    return ends[0] + (ends[1] - ends[0]) * share
