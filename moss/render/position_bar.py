"""A slim bar from "music" to "picture" with a knob where the journey is."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Of the bar's height, so that it looks the same in a GIF and in a film.
LETTERS = 0.42  # the size of the words
MARGIN = 0.4  # from the sides to the words
GAP = 0.55  # from the words to the rail
RAIL = 0.035  # half its thickness
KNOB = 0.19  # radius

# Coverage by the colour of the text: words stand out, the rail is there to be covered.
WORDS_COVERAGE = 205  # of 255
RAIL_COVERAGE = 0.3


class PositionBar:
    """What a bar of one size covers: the words and rail once, the knob at any position.

    `background` is float32 (height, width) in [0, 1], the coverage by the text's colour.
    """

    def __init__(self, width: int, height: int) -> None:
        font = ImageFont.load_default(size=LETTERS * height)
        margin, gap = MARGIN * height, GAP * height
        image = Image.new("L", (width, height))
        draw = ImageDraw.Draw(image)
        middle, right = height / 2, width - margin
        draw.text((margin, middle), "music", font=font, fill=WORDS_COVERAGE, anchor="lm")
        draw.text((right, middle), "picture", font=font, fill=WORDS_COVERAGE, anchor="rm")
        self._left = margin + draw.textlength("music", font=font) + gap
        self._right = width - margin - draw.textlength("picture", font=font) - gap
        self._x = np.arange(width, dtype=np.float32) + 0.5
        self._from_middle = (np.abs(np.arange(height) + 0.5 - middle)[:, None]).astype(np.float32)
        self._knob = KNOB * height
        self._rail = np.clip(RAIL * height + 0.5 - self._from_middle, 0, 1)
        rail = self._rail * _segment_coverage(self._x, self._left, self._right)
        words = np.asarray(image, dtype=np.float32) / 255
        self.background = np.maximum(words, RAIL_COVERAGE * rail)

    def knob(self, position: float) -> np.ndarray:
        """Return the coverage by the accent colour, float32 (height, width), at 0 to 1."""
        at = self._left + position * (self._right - self._left)
        coverage = self._rail * _segment_coverage(self._x, self._left, at)
        # The columns that the knob and its soft edge can reach.
        near = slice(int(at - self._knob) - 2, int(at + self._knob) + 3)
        # Exact coverage moves the knob by parts of a pixel: no two positions look the same.
        distance = np.hypot(self._x[near] - at, self._from_middle)
        knob = np.clip(self._knob + 0.5 - distance, 0, 1)
        coverage[:, near] = np.maximum(coverage[:, near], knob)
        return coverage


def _segment_coverage(x: np.ndarray, left: float, right: float) -> np.ndarray:
    """Return how much of the pixels around `x` lies between `left` and `right`."""
    return np.clip(np.minimum(x - left, right - x) + 0.5, 0, 1)
