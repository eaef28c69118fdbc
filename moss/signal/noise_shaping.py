"""Rounding to a bit depth with the error moved under the loud parts of the spectrum.

A picture in a quiet track reaches down to 12 nats under the loudest bin, which is about where
the white noise of plain 16-bit rounding lies. Error feedback keeps the noise's mean log
spectrum and gives it the shape of the sound: less of it where the sound is quiet.
"""

import numpy as np
import torch

from moss.parallel import check_cancelled
from moss.signal.spectrogram import power

ORDER = 32  # taps of the error filter: enough for the coarse shape of a spectrum
SEGMENT = 1024  # samples that share a filter, about the time that a picture's detail lasts
EXPONENT = 0.6  # how far the noise follows the sound: measured best between 0 and 1
SEGMENTS_AT_ONCE = 1024  # more only take more memory
FRAMES_AT_ONCE = 64  # blocks that stay in a processor's cache
FLOOR_DB = 100.0  # a deeper shape than 16 bits can hold would only raise the noise
LEAST_POWER = 1e-9  # of a bin, in squared steps: keeps the logarithm of silence finite
MAX_ERROR = 1.0  # steps that are fed back: where the output is clipped, errors would grow on


def quantise(waveform: np.ndarray, bit_depth: int) -> np.ndarray:
    """Return `waveform` (channels, samples) on the grid of `bit_depth` bits, noise-shaped.

    Values are multiples of 2^(1 - bit_depth), at most one step from full scale, which float32
    holds exactly up to 24 bits. The noise transfer function is the minimum-phase filter whose
    magnitude is the segment's spectrum to the power `EXPONENT` (by the cepstrum), so that its mean
    logarithm is zero (M. A. Gerzon, P. G. Craven, "Optimal noise shaping and dither of digital
    signals", AES 87, 1989).
    """
    samples = np.asarray(waveform)
    out = np.empty(samples.shape, np.float32)
    at_once = SEGMENTS_AT_ONCE * SEGMENT
    for first in range(0, samples.shape[1], at_once):
        out[:, first : first + at_once] = _quantise_run(samples, first, bit_depth)
    return out


def _quantise_run(samples: np.ndarray, first: int, bit_depth: int) -> np.ndarray:
    """Return up to `SEGMENTS_AT_ONCE` segments of every channel from sample `first` on."""
    step = 2.0 ** (1 - bit_depth)
    channels, length = samples.shape
    count = min(SEGMENTS_AT_ONCE * SEGMENT, length - first)
    segments = -(-count // SEGMENT)
    # Half a segment on both sides too: where the sound does not reach there is silence.
    around = np.zeros((channels, (segments + 1) * SEGMENT), np.float32)
    begin = first - SEGMENT // 2
    inside = samples[:, max(0, begin) : begin + around.shape[1]]
    at = max(0, -begin)
    np.multiply(inside, 1 / step, out=around[:, at : at + inside.shape[1]], casting="same_kind")
    filters = _error_filters(around)
    # All segments advance together: one short loop over time instead of one over every sample.
    # Sample after sample is one row, which the processor reads in one go.
    by_segment = around[:, SEGMENT // 2 : -SEGMENT // 2].reshape(-1, SEGMENT)
    scaled = np.ascontiguousarray(by_segment.T)
    # Whole steps apart from the rest, which has all its digits in float32 then.
    out = np.rint(scaled)
    rest = np.subtract(scaled, out, out=scaled)
    error = np.zeros_like(filters[:ORDER])  # a ring: row n % ORDER is the error of sample n
    limit = np.float32(1 / step - 1)
    for n, (whole, wanted) in enumerate(zip(out, rest, strict=True)):
        check_cancelled()
        taps = filters[ORDER - n % ORDER :][:ORDER]
        wanted -= np.einsum("ks,ks->s", taps, error)
        rounded = np.rint(wanted)
        # Twice as fast as `clip` on short rows.
        np.maximum(rounded, -limit - 1 - whole, out=rounded)
        np.minimum(rounded, limit - whole, out=rounded)
        wanted -= rounded
        np.minimum(np.maximum(wanted, -MAX_ERROR, out=wanted), MAX_ERROR, out=error[n % ORDER])
        whole += rounded
    return out.T.reshape(channels, -1)[:, :count] * np.float32(step)


def _error_filters(around: np.ndarray) -> np.ndarray:
    """Return the minimum-phase noise transfer functions of the segments of all channels.

    Twice over: row r of (2 * ORDER, segments) is the tap ORDER - r % ORDER, so that a ring of the
    last errors finds its taps in a row wherever it begins.
    """
    frames = torch.from_numpy(around).unfold(1, 2 * SEGMENT, SEGMENT).flatten(0, 1)
    cepstra = torch.cat([_cepstrum(some) for some in frames.split(FRAMES_AT_ONCE)])
    folded = 2 * cepstra.T.double().numpy()
    # The exponential of a power series, term by term: n h_n = sum of k c_k h_(n-k).
    taps = np.zeros((ORDER + 1, folded.shape[1]))
    taps[0] = 1
    folded *= np.arange(1, ORDER + 1)[:, None]
    for n in range(1, ORDER + 1):
        taps[n] = (folded[:n] * taps[n - 1 :: -1][:n]).sum(axis=0) / n
    return np.tile(taps[:0:-1].astype(np.float32), (2, 1))


def _cepstrum(frames: torch.Tensor) -> torch.Tensor:
    """Return what follows c_0 of the cepstra of (frames, samples), of a part of their spectra."""
    spectrum = power(torch.fft.rfft(frames * torch.hann_window(2 * SEGMENT, periodic=False)))
    loudest = spectrum.amax(dim=1, keepdim=True)
    spectrum = torch.maximum(spectrum, loudest.mul_(10 ** (-FLOOR_DB / 10)).add_(LEAST_POWER))
    return torch.fft.irfft(spectrum.log_().mul_(EXPONENT / 2))[:, 1 : ORDER + 1]
