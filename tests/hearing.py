"""What an ear would say of a note in a sound: its pitch and when it begins."""

import numpy as np

SMOOTHED_S = 0.02
FINER = 8


def pitch_hz(samples: np.ndarray, rate: int, low_hz: float, high_hz: float) -> float:
    """Return the frequency of the strongest tone between two, from a parabola over its peak."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), FINER * len(samples)))
    hz = np.fft.rfftfreq(FINER * len(samples), 1 / rate)
    peak = int(np.argmax(np.where((hz > low_hz) & (hz < high_hz), spectrum, 0)))
    left, middle, right = np.log(spectrum[peak - 1 : peak + 2])
    return (peak + (left - right) / (2 * (left - 2 * middle + right))) * hz[1]


def onset_s(samples: np.ndarray, rate: int, hz: float, begin: int, end: int) -> float:
    """Return when the tone of `hz` that is steady amid samples `begin` to `end` begins.

    It is where its level, within some 50 Hz, rises for good through half of the steady one.
    """
    time = np.arange(len(samples)) / rate
    window = np.hanning(round(SMOOTHED_S * rate))
    level = np.abs(np.convolve(samples * np.exp(-2j * np.pi * hz * time), window, "same"))
    middle = (begin + end) // 2
    steady = np.median(level[begin + (end - begin) // 3 : end - (end - begin) // 3])
    below = np.flatnonzero(level[:middle] < steady / 2)
    return (below[-1] + 1 if len(below) else 0) / rate
