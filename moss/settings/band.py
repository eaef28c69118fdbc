"""The frequencies that a picture occupies, as rows of a spectrogram."""

from __future__ import annotations

MIN_BINS = 11  # SSIM compares windows of 11 bins, so this is the smallest picture for it
LOWEST_LOG_HZ = 40.0  # where rows are in octaves, 0 Hz is infinitely far down


class Band:
    """What the settings of a spectrogram say of the picture's band in it.

    They have the fields below.
    """

    sample_rate: int
    n_fft: int
    scale: str
    low_hz: float | None
    high_hz: float | None

    @property
    def bin_hz(self) -> float:
        """How far the rows of the spectrogram are apart."""
        return self.sample_rate / self.n_fft

    @property
    def bottom_hz(self) -> float:
        """The lowest frequency of the picture."""
        return max(self.low_hz or 0.0, LOWEST_LOG_HZ if self.scale == "log" else 0.0)

    @property
    def top_hz(self) -> float:
        """The highest frequency of the picture."""
        nyquist = self.sample_rate / 2
        return nyquist if self.high_hz is None else min(self.high_hz, nyquist)

    @property
    def band(self) -> slice:
        """The rows of the spectrogram that the picture occupies."""
        return slice(round(self.bottom_hz / self.bin_hz), round(self.top_hz / self.bin_hz) + 1)

    @property
    def band_bins(self) -> int:
        """How many rows `band` has."""
        return self.band.stop - self.band.start
