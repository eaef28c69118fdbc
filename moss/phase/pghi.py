"""Phase gradient heap integration: phases from one pass over a magnitude, without iterations."""

import math
from collections.abc import Callable
from functools import cache
from heapq import heappop, heappush

import numpy as np
import torch

# The Gaussian nearest to a Hann window of n samples has gamma this * n^2 (Prusa et al.).
GAMMA_HANN = 0.25645
TOLERANCE = 1e-7  # of the loudest bin: quieter bins hold rounding, and get random phases


def pghi(
    magnitude: np.ndarray | torch.Tensor,
    n_fft: int,
    hop_length: int,
    *,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> torch.Tensor:
    """Return phases (freq, time) for a `magnitude` (freq, time), float32 radians in [-pi, pi].

    The phase's derivatives follow from those of the log magnitude as if the Hann window were
    a Gaussian, exp(-pi t^2 / gamma):

        d phase / d time = frequency + 2 pi / gamma * d ln|S| / d frequency
        d phase / d frequency = -gamma / (2 pi) * d ln|S| / d time

    with times in samples from the window's middle and frequencies in radians per sample. They
    are integrated from each region's loudest bin on, louder neighbours first.
    Z. Prusa, P. Balazs, P. L. Sondergaard, "A noniterative method for reconstruction of phase
    from STFT magnitude", IEEE/ACM TASLP 25(5), 2017.

    Phases are those of `moss.signal.spectrogram.STFT`: periodic Hann window, frame t centred on
    sample t * hop_length, each frame's transform counted from the frame's first sample. Regions
    that do not touch have unrelated phases. The first call of a process imports numba.

    Parameters
    ----------
    magnitude : array or Tensor, (freq, time)
        Finite, not negative, n_fft // 2 + 1 rows, at least one frame; any scale.
    n_fft, hop_length : int
        Samples; `hop_length` need not divide `n_fft`.
    seed : int
        Of the random phases of the bins below the tolerance.
    tolerance : float
        In (0, 1), of the loudest bin; all bins of a silent magnitude are below it.

    Raises
    ------
    ValueError
        An argument is outside of what is said above.
    """
    given = torch.as_tensor(magnitude)
    by_frame = given.detach().cpu().numpy().T.astype(np.float64, order="C")
    _check(by_frame, n_fft, hop_length, tolerance)
    generator = torch.Generator().manual_seed(seed)
    phase = torch.rand(by_frame.shape, generator=generator, dtype=torch.float64).numpy()
    phase *= 2 * math.pi
    peak = by_frame.max()
    if peak > 0:
        relative = by_frame / peak
        open_bins = relative >= tolerance
        loudest_first = np.argsort(-relative, axis=None)[: np.count_nonzero(open_bins)]
        # What is below the tolerance has no part in its neighbours' slopes either.
        log_magnitude = np.log(np.maximum(relative, tolerance))
        by_hop, by_bin = _slopes_of(log_magnitude, n_fft, hop_length)
        _compile()(log_magnitude, by_hop, by_bin, loudest_first, open_bins, phase)
    # Wrapped before the rounding: phases grow by radians with every frame.
    wrapped = np.remainder(phase + math.pi, 2 * math.pi) - math.pi
    return torch.from_numpy(wrapped.astype(np.float32)).T.to(given.device)


def _check(by_frame: np.ndarray, n_fft: int, hop_length: int, tolerance: float) -> None:
    if n_fft < 2 or hop_length < 1:
        raise ValueError("n_fft must be at least 2 and hop_length at least 1")
    if by_frame.ndim != 2 or by_frame.shape[1] != n_fft // 2 + 1 or not len(by_frame):
        raise ValueError("magnitude must have n_fft // 2 + 1 rows and at least one frame")
    if not np.isfinite(by_frame).all() or by_frame.min() < 0:
        raise ValueError("magnitude must be finite and not negative")
    if not 0 < tolerance < 1:
        raise ValueError("tolerance must be between 0 and 1")


def _slopes_of(
    log_magnitude: np.ndarray, n_fft: int, hop_length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the phase's growth from frame to frame and from bin to bin, both (time, freq)."""
    ratio = GAMMA_HANN * n_fft / hop_length
    # A real signal's spectrum is symmetric about its lowest and its highest frequency.
    mirrored = np.pad(log_magnitude, ((0, 0), (1, 1)), mode="reflect")
    by_hop = (mirrored[:, 2:] - mirrored[:, :-2]) / (2 * ratio)
    by_hop += 2 * math.pi * hop_length / n_fft * np.arange(log_magnitude.shape[1])
    # Times count from the frame's first sample, half a window before its middle: pi a bin.
    by_bin = np.full_like(log_magnitude, -math.pi)
    if len(log_magnitude) > 1:
        by_bin -= ratio * np.gradient(log_magnitude, axis=0)
    return by_hop, by_bin


@cache
def _compile() -> Callable[..., None]:
    """Return `_integrate` as machine code."""
    # Here, because numba takes long to import and few runs need it.
    from numba import njit

    return njit(cache=True, nogil=True)(_integrate)


def _integrate(
    log_magnitude: np.ndarray,
    by_hop: np.ndarray,
    by_bin: np.ndarray,
    loudest_first: np.ndarray,
    open_bins: np.ndarray,
    phase: np.ndarray,
) -> None:
    """Fill in `phase` (time, freq) where `open_bins`, and close these."""
    frames, bins = phase.shape
    for start in loudest_first:
        t, f = start // bins, start % bins
        if not open_bins[t, f]:
            continue
        open_bins[t, f] = False
        phase[t, f] = 0.0
        heap = [(-log_magnitude[t, f], t, f)]
        while heap:
            _, t, f = heappop(heap)
            for dt, df in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                u, g = t + dt, f + df
                if 0 <= u < frames and 0 <= g < bins and open_bins[u, g]:
                    open_bins[u, g] = False
                    slopes = by_hop if dt else by_bin
                    # The trapezoidal rule.
                    phase[u, g] = phase[t, f] + (dt + df) * (slopes[t, f] + slopes[u, g]) / 2
                    heappush(heap, (-log_magnitude[u, g], u, g))
