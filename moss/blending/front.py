"""The Pareto front in (visual loss, audio loss): both are minimised."""

from dataclasses import dataclass

import numpy as np

from moss.signal.pareto import (
    arc_of,
    evenly_along_arc,
    non_dominated,
    normalised,
    thinned,
)

ARC_SPAN = 0.2  # of the arc: how far one look for more picture or more music goes


@dataclass(frozen=True)
class Front:
    """Mutually non-dominated masks, sorted from pure audio to pure picture.

    Masks that somebody has heard may be among them, even where others have become better.

    Attributes
    ----------
    masks : (n, height, width) uint8, 255 shows the picture.
    losses : (n, 2) float64, visual and audio loss.
    """

    masks: np.ndarray
    losses: np.ndarray

    def representatives(self, count: int) -> np.ndarray:
        """Return the indices of `count` points evenly along the arc, both ends included."""
        return evenly_along_arc(self.losses, count)

    def undominated(self) -> "Front":
        """Return the front without the points that another one dominates."""
        kept = non_dominated(self.losses)
        return Front(self.masks[kept], self.losses[kept])

    @property
    def arc(self) -> np.ndarray:
        """How far along the front each point lies (n,), from 0 at pure audio to 1."""
        length = arc_of(self.losses)
        return length / (length[-1] or 1.0)

    def nearest(self, losses: np.ndarray) -> int:
        """Return the index of the point nearest to `losses` (2,), both normalised by the front."""
        together = normalised(np.vstack((self.losses, losses)))
        return int(np.hypot(*(together[:-1] - together[-1]).T).argmin())

    def best_at(self, audio_weight: float) -> int:
        """Return the index of the least visual loss + `audio_weight` * audio loss."""
        return int((self.losses @ (1.0, audio_weight)).argmin())

    def thinned(self, count: int) -> "Front":
        """Return the `count` points that keep most hypervolume, both ends included."""
        kept = thinned(self.losses, count)
        return Front(self.masks[kept], self.losses[kept])

    def audio_weight(self, index: int) -> float:
        """Return how much visual loss one nat of audio loss buys around point `index`.

        It is -d visual / d audio over the neighbours' chord: the weight of the audio loss for
        which this point is the best of the front.
        """
        reach = max(1, len(self.losses) // 30)  # a chord over 6 %: single steps are noisy
        first, last = max(0, index - reach), min(len(self.losses) - 1, index + reach)
        d_visual, d_audio = self.losses[last] - self.losses[first]
        return float(-d_visual / d_audio) if d_audio > 0 else 0.0

    def arc_span_toward(self, side: str, index: int) -> tuple[float, float]:
        """Return where on the arc the `ARC_SPAN` from point `index` toward a side begins and ends.

        `side` is "picture" or "music"; near the end of the front the span is shorter.
        """
        here = float(self.arc[index])
        if side == "music":
            return max(0.0, here - ARC_SPAN), here
        return here, min(1.0, here + ARC_SPAN)

    def arc_span_around(self, index: int) -> tuple[float, float]:
        """Return where on the arc half a `ARC_SPAN` around point `index` begins and ends."""
        start = min(max(float(self.arc[index]) - ARC_SPAN / 4, 0.0), 1.0 - ARC_SPAN / 2)
        return start, start + ARC_SPAN / 2


def audio_weight_of(front: Front, music: float) -> float:
    """Return the weight of the audio loss whose best point is that by a share of `music` in (0, 1).

    It is the best of music * audio loss + (1 - music) * visual loss, both over their spans.
    """
    visual_span, audio_span = np.ptp(front.losses, axis=0)
    if audio_span == 0:
        return 0.0
    return float(music / audio_span * visual_span / (1 - music))
