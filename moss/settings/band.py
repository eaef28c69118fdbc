"""The frequencies that a picture occupies, as rows of a spectrogram."""

from __future__ import annotations

MIN_BINS = 11  # SSIM compares windows of 11 bins, so this is the smallest picture for it
CD_RATE = 44_100  # which most tracks have
LOWEST_LOG_HZ = 40.0  # where rows are in octaves, 0 Hz is infinitely far down


class Band:
    """What the settings of a spectrogram say of the picture's band in it.

    They have the fields below.
    """

    sample_rate: int | None
    n_fft: int
    scale: str
    low_hz: float | None
    high_hz: float | None

    @property
    def analysis_rate(self) -> int:
        """The sample rate of the spectrogram; a CD's as long as only the track can say it."""
        return self.sample_rate or CD_RATE

    @property
    def bin_hz(self) -> float:
        """How far the rows of the spectrogram are apart."""
        return self.analysis_rate / self.n_fft

    @property
    def bottom_hz(self) -> float:
        """The lowest frequency of the picture; the least as long as only the track can say it."""
        return max(self.low_hz or 0.0, LOWEST_LOG_HZ if self.scale == "log" else 0.0)

    @property
    def top_hz(self) -> float:
        """The highest frequency of the picture."""
        nyquist = self.analysis_rate / 2
        return nyquist if self.high_hz is None else min(self.high_hz, nyquist)

    @property
    def is_whole(self) -> bool:
        """Whether the picture occupies all of the spectrogram."""
        return self.band == slice(0, self.n_fft // 2 + 1)

    @property
    def band(self) -> slice:
        """The rows of the spectrogram that the picture occupies."""
        return slice(round(self.bottom_hz / self.bin_hz), round(self.top_hz / self.bin_hz) + 1)

    @property
    def band_bins(self) -> int:
        """How many rows `band` has."""
        return self.band.stop - self.band.start
