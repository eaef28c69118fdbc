"""Rounding to a bit depth with the error moved under the loud parts of the spectrum.

A picture in a quiet track reaches down to 12 nats under the loudest bin, which is about where
the white noise of plain 16-bit rounding lies. Error feedback keeps the noise's mean log
spectrum and gives it the shape of the sound: less of it where the sound is quiet.
"""

import numpy as np

from moss.parallel import check_wanted

ORDER = 32  # taps of the error filter: enough for the coarse shape of a spectrum
SEGMENT = 1024  # samples that share a filter, about the time that a picture's detail lasts
EXPONENT = 0.6  # how far the noise follows the sound: measured best between 0 and 1
FLOOR_DB = 100.0  # a deeper shape than 16 bits can hold would only raise the noise


def quantised(waveform: np.ndarray, bit_depth: int) -> np.ndarray:
    """Return `waveform` (channels, samples) on the grid of `bit_depth` bits, noise-shaped.

    Values are multiples of 2^(1 - bit_depth), at most one step from full scale. The noise
    transfer function is the minimum-phase filter whose magnitude is the segment's spectrum to
    the power `EXPONENT` (by the cepstrum), so that its mean logarithm is zero (M. A. Gerzon,
    P. G. Craven, "Optimal noise shaping and dither of digital signals", AES 87, 1989).
    """
    return np.stack([_quantised_channel(channel, bit_depth) for channel in np.asarray(waveform)])


def _quantised_channel(samples, bit_depth):
    step = 2.0 ** (1 - bit_depth)
    segments = -(-len(samples) // SEGMENT)
    scaled = np.zeros(segments * SEGMENT)
    scaled[: len(samples)] = samples.astype(np.float64) / step
    filters = _error_filters(scaled, segments)
    # All segments advance together: one short loop over time instead of one over every sample.
    scaled = scaled.reshape(segments, SEGMENT)
    out = np.empty_like(scaled)
    error = np.zeros((segments, ORDER))
    limit = 1 / step - 1
    for n in range(SEGMENT):
        check_wanted()
        wanted = scaled[:, n] - np.einsum("sk,sk->s", filters, error)
        out[:, n] = np.clip(np.rint(wanted), -limit - 1, limit)
        error[:, 1:] = error[:, :-1]
        error[:, 0] = np.clip(wanted - out[:, n], -1, 1)
    return out.reshape(-1)[: len(samples)] * step


def _error_filters(scaled, segments):
    """Taps 1 to ORDER of each segment's minimum-phase noise transfer function."""
    around = np.pad(scaled, SEGMENT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(around, 2 * SEGMENT)[::SEGMENT][:segments]
    power = np.abs(np.fft.rfft(frames * np.hanning(2 * SEGMENT))) ** 2
    power = np.maximum(power, power.max(axis=1, keepdims=True) * 10 ** (-FLOOR_DB / 10) + 1e-9)
    cepstrum = np.fft.irfft(EXPONENT * 0.5 * np.log(power))[:, : ORDER + 1]
    folded = 2 * cepstrum[:, 1:]
    # The exponential of a power series, term by term: n h_n = sum of k c_k h_(n-k).
    taps = np.zeros((segments, ORDER + 1))
    taps[:, 0] = 1
    k = np.arange(1, ORDER + 1)
    for n in range(1, ORDER + 1):
        taps[:, n] = ((k[:n] * folded[:, :n]) * taps[:, n - 1 :: -1][:, :n]).sum(axis=1) / n
    return taps[:, 1:]
