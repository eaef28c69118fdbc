"""The frequencies that a picture occupies, as rows of a spectrogram."""

from __future__ import annotations

MIN_BINS = 11  # SSIM compares windows of 11 bins, so this is the smallest picture for it


class Band:
    """What the settings of a spectrogram say of the picture's band in it.

    They have the fields below, and the property `bottom_hz`.
    """

    sample_rate: int
    n_fft: int
    high_hz: float | None

    @property
    def bottom_hz(self) -> float:
        """The lowest frequency of the picture."""
        raise NotImplementedError

    @property
    def top_hz(self) -> float:
        """The highest frequency of the picture."""
        nyquist = self.sample_rate / 2
        return nyquist if self.high_hz is None else min(self.high_hz, nyquist)

    @property
    def band(self) -> slice:
        """The rows of the spectrogram that the picture occupies."""
        bin_hz = self.sample_rate / self.n_fft
        return slice(round(self.bottom_hz / bin_hz), round(self.top_hz / bin_hz) + 1)

    @property
    def band_bins(self) -> int:
        """How many rows `band` has."""
        return self.band.stop - self.band.start
