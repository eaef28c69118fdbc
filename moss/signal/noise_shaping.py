"""Rounding to a bit depth with the error moved under the loud parts of the spectrum.

A picture in a quiet track reaches down to 12 nats under the loudest bin, which is about where
the white noise of plain 16-bit rounding lies. Error feedback keeps the noise's mean log
spectrum and gives it the shape of the sound: less of it where the sound is quiet.
"""

import numpy as np

from moss.parallel import check_cancelled

ORDER = 32  # taps of the error filter: enough for the coarse shape of a spectrum
SEGMENT = 1024  # samples that share a filter, about the time that a picture's detail lasts
EXPONENT = 0.6  # how far the noise follows the sound: measured best between 0 and 1
SEGMENTS_AT_ONCE = 1024  # more only take more memory
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
    out = np.empty(np.shape(waveform), np.float32)
    at_once = SEGMENTS_AT_ONCE * SEGMENT
    for channel, into in zip(np.asarray(waveform), out, strict=True):
        for first in range(0, len(channel), at_once):
            into[first : first + at_once] = _quantise_run(channel, first, bit_depth)
    return out


def _quantise_run(samples: np.ndarray, first: int, bit_depth: int) -> np.ndarray:
    """Return up to `SEGMENTS_AT_ONCE` segments of a channel from sample `first` on."""
    step = 2.0 ** (1 - bit_depth)
    count = min(SEGMENTS_AT_ONCE * SEGMENT, len(samples) - first)
    segments = -(-count // SEGMENT)
    # Half a segment on both sides too: where the sound does not reach there is silence.
    around = np.zeros((segments + 1) * SEGMENT)
    begin = first - SEGMENT // 2
    inside = samples[max(0, begin) : begin + len(around)]
    at = max(0, -begin)
    around[at : at + len(inside)] = inside.astype(np.float64) / step
    filters = _error_filters(around, segments)
    # All segments advance together: one short loop over time instead of one over every sample.
    scaled = around[SEGMENT // 2 : -SEGMENT // 2].reshape(segments, SEGMENT)
    out = np.empty_like(scaled)
    error = np.zeros((segments, ORDER))
    limit = 1 / step - 1
    for n in range(SEGMENT):
        check_cancelled()
        wanted = scaled[:, n] - np.einsum("sk,sk->s", filters, error)
        out[:, n] = np.clip(np.rint(wanted), -limit - 1, limit)
        error[:, 1:] = error[:, :-1]
        error[:, 0] = np.clip(wanted - out[:, n], -MAX_ERROR, MAX_ERROR)
    return out.reshape(-1)[:count] * step


def _error_filters(around: np.ndarray, segments: int) -> np.ndarray:
    """Return taps 1 to ORDER of each segment's minimum-phase noise transfer function."""
    frames = np.lib.stride_tricks.sliding_window_view(around, 2 * SEGMENT)[::SEGMENT]
    power = np.abs(np.fft.rfft(frames * np.hanning(2 * SEGMENT))) ** 2
    power = np.maximum(
        power, power.max(axis=1, keepdims=True) * 10 ** (-FLOOR_DB / 10) + LEAST_POWER
    )
    cepstrum = np.fft.irfft(EXPONENT * 0.5 * np.log(power))[:, : ORDER + 1]
    folded = 2 * cepstrum[:, 1:]
    # The exponential of a power series, term by term: n h_n = sum of k c_k h_(n-k).
    taps = np.zeros((segments, ORDER + 1))
    taps[:, 0] = 1
    k = np.arange(1, ORDER + 1)
    for n in range(1, ORDER + 1):
        taps[:, n] = ((k[:n] * folded[:, :n]) * taps[:, n - 1 :: -1][:, :n]).sum(axis=1) / n
    return taps[:, 1:]
