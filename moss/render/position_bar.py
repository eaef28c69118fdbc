"""A slim bar from "music" to "picture" with a knob where the journey is."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont


class PositionBar:
    """What a bar of one size covers: the text and rail once, the knob at any position.

    `still` is float32 (height, width) in [0, 1], the coverage by text colour.
    """

    def __init__(self, width: int, height: int):
        font = ImageFont.load_default(size=0.42 * height)
        margin, gap = 0.4 * height, 0.55 * height
        image = Image.new("L", (width, height))
        draw = ImageDraw.Draw(image)
        middle = height / 2
        draw.text((margin, middle), "music", font=font, fill=205, anchor="lm")
        draw.text((width - margin, middle), "picture", font=font, fill=205, anchor="rm")
        self._left = margin + draw.textlength("music", font=font) + gap
        self._right = width - margin - draw.textlength("picture", font=font) - gap
        self._x = np.arange(width, dtype=np.float32) + 0.5
        self._from_middle = (np.abs(np.arange(height) + 0.5 - middle)[:, None]).astype(np.float32)
        self._knob = 0.19 * height
        self._rail = np.clip(0.035 * height + 0.5 - self._from_middle, 0, 1)
        within = _between(self._x, self._left, self._right)
        self.still = np.maximum(
            np.asarray(image, dtype=np.float32) / 255, 0.3 * self._rail * within
        )

    def knob(self, position: float) -> np.ndarray:
        """Return the coverage by the accent colour, float32 (height, width), at 0 to 1."""
        at = self._left + position * (self._right - self._left)
        covered = self._rail * _between(self._x, self._left, at)
        near = slice(int(at - self._knob) - 2, int(at + self._knob) + 3)
        # Exact coverage moves the knob by parts of a pixel: no two positions look the same.
        distance = np.hypot(self._x[near] - at, self._from_middle)
        knob = np.clip(self._knob + 0.5 - distance, 0, 1)
        covered[:, near] = np.maximum(covered[:, near], knob)
        return covered


def _between(x: np.ndarray, left: float, right: float) -> np.ndarray:
    return np.clip(np.minimum(x - left, right - x) + 0.5, 0, 1)
