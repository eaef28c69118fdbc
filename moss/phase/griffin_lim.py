"""Griffin-Lim with momentum, started from any waveform."""

import torch

from moss.spectrogram import SMALLEST_MAGNITUDE, STFT

MOMENTUM = 0.99  # Perraudin et al. find 0.99 the best value


def griffin_lim(
    stft: STFT, magnitude: torch.Tensor, start: torch.Tensor, steps: int
) -> torch.Tensor:
    """Return a waveform (length,) whose STFT magnitude approaches `magnitude` (freq, time).

    Fast Griffin-Lim: N. Perraudin, P. Balazs, P. L. Sondergaard, "A fast Griffin-Lim
    algorithm", WASPAA 2013. The momentum acts on waveforms: the transform is linear, so that
    is the same as acting on the spectra and much cheaper. `start` gives the first phases.
    """
    by_frame = magnitude.T

    def project(spectrum, frames):
        modulus = spectrum.abs().clamp_min_(SMALLEST_MAGNITUDE)
        spectrum.mul_(by_frame[frames] / modulus)

    ahead, waveform = start, None
    for _ in range(steps):
        previous, waveform = waveform, stft.nearest(ahead, project)
        ahead = waveform
        if previous is not None:
            ahead = torch.add(waveform, waveform - previous, alpha=MOMENTUM)
    return start if waveform is None else waveform
