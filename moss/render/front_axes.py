"""What every drawing of a front shares: its axes, its captions and a colour for each role.

The drawings are `front_plot` (PNG), `evolution` (GIF) and plot.js of the player, which gets the
axes and captions as data. The page is light or dark as its visitor likes, so its colours are
variables in `moss/ui/page.css`; those of the dark theme are the ones here.
"""

import math
from dataclasses import dataclass

import numpy as np

from moss.render.style import MUTED, Colour

VISUAL_CAPTION = "looks less like the picture →"
AUDIO_CAPTION = "sounds less like the music →"
PURE_MUSIC = "pure music"
PURE_PICTURE = "pure picture"

# Of the page's dark theme, and all but the grey one are colours of magma as well.
SEEDS: Colour = (111, 105, 127)
POPULATION: Colour = (181, 54, 122)
FRONT: Colour = (254, 159, 109)
# Once there are files, they are the front: they take its colour, and the design stands back.
REPLAYED = FRONT
DESIGNED = MUTED

TICK_STEPS = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
MAX_STEPS = 6  # on an axis: its labels keep their distance, even on a phone
VISUAL_END = 1.0  # 1 - SSIM goes beyond it only where a sound looks like the negative
HEADROOM = 1.02  # above the greatest audio loss, so that its dot is clear of the edge
LEAST_END = 1e-6  # an axis of losses that are all zero still has a length


@dataclass(frozen=True)
class LossAxis:
    """One axis: its caption, and its ticks from 0 to its end with their labels."""

    caption: str
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    @property
    def end(self) -> float:
        """The greatest loss on the axis."""
        return self.ticks[-1]


def loss_axes(losses: np.ndarray) -> tuple[LossAxis, LossAxis]:
    """Return the axes of visual and of audio loss that show all of `losses`.

    Both start at no loss and end at a tick. That of visual loss ends at 1 unless a loss is
    greater, so that the drawings of different runs can be compared.

    Parameters
    ----------
    losses : (n, 2) visual and audio loss, finite, n at least 1.
    """
    visual, audio = np.asarray(losses, dtype=float).max(axis=0)
    return (
        _axis(VISUAL_CAPTION, max(visual, VISUAL_END)),
        _axis(AUDIO_CAPTION, max(HEADROOM * audio, LEAST_END)),
    )


def _axis(caption: str, least_end: float) -> LossAxis:
    """Return the axis that ends at the first tick from `least_end` on."""
    step = next((step for step in TICK_STEPS if least_end <= MAX_STEPS * step), TICK_STEPS[-1])
    digits = max(0, -math.floor(math.log10(step)))
    count = math.ceil(least_end / step)
    ticks = tuple(round(k * step, digits) for k in range(count + 1))
    return LossAxis(caption, ticks, tuple(f"{tick:.{digits}f}" for tick in ticks))
