"""The frequencies that a picture occupies, as rows of a spectrogram."""


class Band:
    """What settings with `bottom_hz`, `high_hz`, `sample_rate` and `n_fft` say of the band."""

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
