"""Waveform <-> short-time spectrum, its natural-log magnitude, and the range a picture gets."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import pad

from moss.signal.pickling import one_thread

FRAMES_AT_ONCE = 64  # blocks of frames that stay in a processor's cache
SMALLEST_MAGNITUDE = 1e-9  # under the rounding of any float32 waveform; keeps logarithms finite
SMALLEST_ENVELOPE = 1e-6  # samples that no window reaches are zero, not infinite


@dataclass(frozen=True)
class DisplayRange:
    """The log magnitudes, in nats, that a picture's black (`low`) and white (`high`) stand for."""

    low: float
    high: float

    @classmethod
    def below_peak(cls, log_magnitude: torch.Tensor, range_nats: float) -> "DisplayRange":
        """Return the `range_nats` that end half a neper under the loudest bin."""
        high = log_magnitude.max().item() - 0.5
        return cls(high - range_nats, high)

    def normalised(self, log_magnitude: torch.Tensor) -> torch.Tensor:
        """Return `log_magnitude` as brightness in [0, 1], clipped at both ends."""
        return ((log_magnitude - self.low) / (self.high - self.low)).clamp_(0, 1)


class STFT:
    """Short-time Fourier transform of real waveforms of one length, and its least-squares inverse.

    Periodic Hann window; frame t is centred on sample t * hop_length, zeros beyond both ends.
    Spectra have shape (freq, time) with row 0 the lowest frequency. They are stored frame
    after frame, which is the order in which the transform makes them.

    Parameters
    ----------
    length : samples of the waveforms, at least 1.
    n_fft, hop_length : samples; n_fft is even and hop_length at most half of it.
    """

    def __init__(
        self, length: int, n_fft: int, hop_length: int, device: torch.device | str = "cpu"
    ):
        if n_fft % 2 or not 0 < hop_length * 2 <= n_fft:
            raise ValueError("n_fft must be even and hop_length at most half of it")
        self.length, self.n_fft, self.hop_length = length, n_fft, hop_length
        self.frames = 1 + length // hop_length
        self.bins = n_fft // 2 + 1
        self.device = torch.device(device)
        self.window = torch.hann_window(n_fft, device=self.device)
        self._overlap = -(-n_fft // hop_length)
        squared = (self.window**2).expand(self.frames, n_fft)
        self._inverse_envelope = 1 / self._overlap_add(squared).clamp_min(SMALLEST_ENVELOPE)
        self._at_once = FRAMES_AT_ONCE if self.device.type == "cpu" else self.frames

    def __reduce__(self) -> tuple[Callable, tuple[int, int, int]]:
        """Return how another process makes the same transform, on its CPU."""
        return _rebuilt, (self.length, self.n_fft, self.hop_length)

    def __call__(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the complex spectrum (freq, time) of `waveform` (length,)."""
        return torch.fft.rfft(self._framed(waveform) * self.window).T

    def log_magnitude(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return ln |STFT| (freq, time) of `waveform` (length,), in nats."""
        out = torch.empty(self.frames, self.bins, device=self.device)

        def keep(spectrum, frames):
            out[frames] = log_abs(spectrum)

        self._each_block(waveform, keep)
        return out.T

    def inverse(self, spectrum: torch.Tensor) -> torch.Tensor:
        """Return the waveform (length,) whose STFT is nearest to `spectrum` (Griffin, Lim 1984)."""
        frames = torch.fft.irfft(spectrum.T, n=self.n_fft) * self.window
        return self._trimmed(self._overlap_add(frames) * self._inverse_envelope)

    def nearest(self, waveform: torch.Tensor, change: Callable, *, normalise: bool = True):
        """Return the inverse of the changed spectrum of `waveform`, both (length,).

        `change(spectrum, frames)` alters a block (time, freq) of the complex spectrum in
        place; `frames` is the slice of time it covers. Without `normalise` the frames are
        added up without division by the window's envelope: the adjoint of the transform.
        """
        total = self.window.new_zeros(self.frames + self._overlap - 1, self.hop_length)

        def add(spectrum, frames):
            change(spectrum, frames)
            self._add_frames(total, torch.fft.irfft(spectrum, n=self.n_fft) * self.window, frames)

        self._each_block(waveform, add)
        if normalise:
            total *= self._inverse_envelope
        return self._trimmed(total)

    def _each_block(self, waveform, use):
        framed = self._framed(waveform)
        for first in range(0, self.frames, self._at_once):
            frames = slice(first, min(first + self._at_once, self.frames))
            use(torch.fft.rfft(framed[frames] * self.window), frames)

    def _framed(self, waveform):
        half = self.n_fft // 2
        end = (self.frames - 1) * self.hop_length + half - self.length
        padded = pad(waveform, (half, max(end, 0)))
        return padded.unfold(0, self.n_fft, self.hop_length)[: self.frames]

    def _overlap_add(self, frames):
        total = frames.new_zeros(self.frames + self._overlap - 1, self.hop_length)
        self._add_frames(total, frames, slice(0, self.frames))
        return total

    def _add_frames(self, total, frames, where):
        lacking = self._overlap * self.hop_length - self.n_fft  # of a whole number of hops
        pieces = (pad(frames, (0, lacking)) if lacking else frames).reshape(
            -1, self._overlap, self.hop_length
        )
        for k in range(self._overlap):
            total[where.start + k : where.stop + k] += pieces[:, k]

    def _trimmed(self, total):
        samples = total.view(-1)[self.n_fft // 2 :][: self.length]
        return pad(samples, (0, self.length - samples.numel()))


def _rebuilt(length: int, n_fft: int, hop_length: int) -> STFT:
    with one_thread():
        return STFT(length, n_fft, hop_length)


def power(spectrum: torch.Tensor) -> torch.Tensor:
    """Return |spectrum|^2, never below the smallest magnitude's; 10 times faster than abs()."""
    squares = torch.view_as_real(spectrum).square()
    return (squares[..., 0] + squares[..., 1]).clamp_min_(SMALLEST_MAGNITUDE**2)


def log_abs(spectrum: torch.Tensor) -> torch.Tensor:
    """Return ln |spectrum| in nats, never below ln of the smallest magnitude."""
    return power(spectrum).log_().mul_(0.5)
