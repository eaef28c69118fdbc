"""Brightness over time and frequency becomes a waveform that shows it, piece by piece.

A long segment is made in pieces, on all processor cores at once, so that memory stays small. Two
neighbours do not agree in phase where they meet. So they are laid over each other there, and the
seam itself is made again, between samples on both sides that stay as they are.
"""

import math
import threading
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from torchaudio.functional import griffinlim

from moss.parallel import check_cancelled, workers
from moss.phase.descent import descend_on_losses
from moss.phase.griffin_lim import MOMENTUM, griffin_lim
from moss.phase.pghi import pghi
from moss.settings.sonify import SonifySettings
from moss.signal.replay import View
from moss.signal.similarity import WINDOW_SIZE
from moss.signal.spectrogram import STFT
from moss.sonification.design import Design
from moss.sonification.parts import Segment

GRIFFIN_LIM_STEPS = 36  # at effort 1; more gain little for their time
DESCENT_STEPS = 40
TORCHAUDIO_STEPS = 64
SEAM_STEPS = 24  # a seam starts from both neighbours and needs fewer
PIECE_S = 12.0  # a seam shows the picture less well than what is around it
LEAST_REACHES = 16  # of a piece, so that where windows are long most of it is no seam
SEAM_WINDOWS = 2  # on each side of a seam are made again; one more is only looked at
FADE_S = 0.01  # where a segment begins and ends: no click
GLOBAL_STATE = threading.Lock()  # of PyTorch's random numbers, which torchaudio draws from

# A segment, and the samples of it where a piece begins and ends.
Piece = tuple[Segment, int, int]
# A segment, and the sample of it where two pieces meet.
Seam = tuple[Segment, int]


class Synthesis:
    """Makes the waveform of a whole."""

    def __init__(self, design: Design, device: torch.device | str = "cpu") -> None:
        self._design, self._settings = design, design.settings
        self._device = torch.device(device)
        # Not PyTorch's: in a process that was forked, its threads would never fill it.
        self._out = torch.from_numpy(np.zeros(design.length, np.float32))
        self._adding = threading.Lock()
        self._pieces = [
            piece
            for segment in design.segments
            if segment.brightness.any()  # black is silence, not noise that nothing outshines
            for piece in _pieces_of(segment, self._settings)
        ]

    def run(self) -> Iterator[tuple[int, int]]:
        """Make it; yield (step, steps) as work is done and again where it takes a while."""
        seams = [
            (segment, begin)
            for (before, _, _), (segment, begin, _) in pairwise(self._pieces)
            if before is segment
        ]
        steps, step = len(self._pieces) + len(seams), 0
        with workers(self._device) as pool:
            for done in pool.as_completed(self._add_piece, self._pieces):
                step += done is not None
                yield step, steps
            # Not before all pieces are there: a seam begins with what lies on both of its sides.
            for done in pool.as_completed(self._mend_seam, seams):
                step += done is not None
                yield step, steps
        self._fade()

    @property
    def waveform(self) -> torch.Tensor:
        """The whole, float32 (length,), once it is made."""
        return self._out

    def _view_of(self, segment: Segment, begin: int, end: int) -> View:
        """Return the view of samples `begin` to `end` of a segment, both on its grid of frames."""
        hop = self._settings.hop_length
        stft = STFT(end - begin, self._settings.n_fft, hop, self._device)
        first = begin // hop
        picture = self._design.picture(segment, slice(first, first + stft.frames)).to(self._device)
        return View(stft, None, picture, self._settings.band, self._design.display)

    def _magnitude_of(self, view: View) -> torch.Tensor:
        """Return the magnitude (freq, time) that a sound should have to show the view's picture."""
        log_magnitude = torch.full(
            (view.stft.bins, view.stft.frames), view.display.low, device=self._device
        )
        log_magnitude[view.band] += self._settings.range_nats * view.picture
        return log_magnitude.exp_().T.contiguous().T

    def _add_piece(self, piece: Piece) -> None:
        segment, begin, end = piece
        reach = _seam_reach(self._settings)
        first, last = max(0, begin - reach), min(segment.length, end + reach)
        view = self._view_of(segment, first, last)
        generator = torch.Generator().manual_seed(self._settings.seed + segment.first + begin)
        sound = self._make(view, generator).cpu()
        # Neighbours fade into each other over the reach on both sides of where they meet.
        weight = torch.ones(last - first)
        if begin:
            weight[: begin - first + reach] = torch.linspace(0, 1, begin - first + reach)
        if end < segment.length:
            weight[-(last - end + reach) :] = torch.linspace(1, 0, last - end + reach)
        whole = segment.first
        with self._adding:
            self._out[whole + first : whole + last] += sound * weight

    def _make(self, view: View, generator: torch.Generator) -> torch.Tensor:
        """Return a sound for a view by the method that the settings name."""
        settings, stft = self._settings, view.stft
        magnitude = self._magnitude_of(view)
        seed = generator.initial_seed()
        is_plain = settings.phase == "griffin-lim"
        # torchaudio mirrors half a window at both ends, and a short sound has less than that.
        if is_plain and stft.length > settings.n_fft // 2:
            return self._run_torchaudio(stft, magnitude, seed)
        if settings.phase == "pghi":
            phase = pghi(magnitude, settings.n_fft, settings.hop_length, seed=seed)
            return stft.inverse(torch.polar(magnitude, phase.to(self._device)))
        noise = torch.randn(stft.length, generator=generator).to(self._device)
        steps = round(GRIFFIN_LIM_STEPS * settings.effort)
        sound = griffin_lim(stft, magnitude, noise, steps)
        return sound if is_plain else self._descend(view, sound, generator)

    def _run_torchaudio(self, stft: STFT, magnitude: torch.Tensor, seed: int) -> torch.Tensor:
        steps = max(1, round(TORCHAUDIO_STEPS * self._settings.effort))
        # Its random start is drawn from the state of all, which is put back.
        with GLOBAL_STATE, torch.random.fork_rng(devices=[]):
            check_cancelled()
            torch.manual_seed(seed)
            return griffinlim(
                magnitude,
                stft.window,
                stft.n_fft,
                stft.hop_length,
                stft.n_fft,
                power=1.0,
                n_iter=steps,
                momentum=MOMENTUM,
                length=stft.length,
                rand_init=True,
            )

    def _descend(
        self,
        view: View,
        sound: torch.Tensor,
        generator: torch.Generator,
        free: torch.Tensor | None = None,
    ) -> torch.Tensor:
        if view.stft.frames < WINDOW_SIZE:
            return sound  # too short for its similarity to the picture to be told
        steps = round(DESCENT_STEPS * self._settings.effort)
        return descend_on_losses([view], sound, 0.0, steps, generator, free)

    def _mend_seam(self, seam: Seam) -> None:
        segment, at = seam
        reach = _seam_reach(self._settings)
        within = SEAM_WINDOWS * reach
        first, last = max(0, at - within - reach), min(segment.length, at + within + reach)
        view = self._view_of(segment, first, last)
        free = torch.zeros(last - first)
        free[at - first - within : at - first + within] = 1
        free = free.to(self._device)
        whole = slice(segment.first + first, segment.first + last)
        start = self._out[whole].to(self._device)
        magnitude = self._magnitude_of(view)
        sound = griffin_lim(view.stft, magnitude, start, SEAM_STEPS, free)
        if self._settings.phase == "refined":
            generator = torch.Generator().manual_seed(self._settings.seed + at)
            sound = self._descend(view, sound, generator, free)
        self._out[whole] = sound.cpu()

    def _fade(self) -> None:
        rise = torch.linspace(0, 1, round(FADE_S * self._settings.sample_rate))
        rise = (1 - torch.cos(math.pi * rise)) / 2
        for segment in self._design.segments:
            count = min(len(rise), segment.length // 2)
            sound = self._out[segment.first : segment.first + segment.length]
            sound[:count] *= rise[:count]
            sound[segment.length - count :] *= rise[:count].flip(0)


def _seam_reach(settings: SonifySettings) -> int:
    """Return the samples that a seam reaches to each side: whole hops, at least a window."""
    return -(-settings.n_fft // settings.hop_length) * settings.hop_length


def _pieces_of(segment: Segment, settings: SonifySettings) -> list[Piece]:
    """Return pieces that are nearly equal, with ends on the grid of frames."""
    hop = settings.hop_length
    longest = max(PIECE_S * settings.sample_rate, LEAST_REACHES * _seam_reach(settings))
    count = math.ceil(segment.length / longest)
    ends = [round(k * segment.length / count / hop) * hop for k in range(1, count)]
    begins = [0, *ends]
    return [(segment, *part) for part in zip(begins, [*ends, segment.length], strict=True)]
