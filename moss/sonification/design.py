"""The spectrogram that a sound made of what is visible should have, before there is a sound."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from moss.settings.sonify import SonifySettings
from moss.signal.rows import bins_from_rows
from moss.signal.spectrogram import DisplayRange
from moss.sonification.parts import Segment


class Design:
    """What should be seen of `length` samples, of which `segments` sound and the rest is silent.

    `display` is the range of log magnitudes that it is shown in.
    """

    def __init__(self, length: int, segments: Sequence[Segment], settings: SonifySettings) -> None:
        self.length, self.segments, self.settings = length, segments, settings
        self.display = DisplayRange(-settings.range_nats, 0.0)

    def __reduce__(self) -> tuple[type["Design"], tuple[int, Sequence[Segment], SonifySettings]]:
        """Pickle only what it was made of, in which there are NumPy arrays and no tensors."""
        return Design, (self.length, self.segments, self.settings)

    @property
    def duration_s(self) -> float:
        """How long the sound is."""
        return self.length / self.settings.sample_rate

    def picture(self, segment: Segment, frames: slice | np.ndarray) -> torch.Tensor:
        """Return what should be seen of a segment in `frames`: (bins of the band, time)."""
        return self._matrix @ torch.from_numpy(segment.brightness[:, frames]).float()

    @cached_property
    def _matrix(self) -> torch.Tensor:
        settings = self.settings
        rows = len(self.segments[0].brightness)
        return bins_from_rows(rows, settings.band, settings.bin_hz, settings)
