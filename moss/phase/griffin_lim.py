"""Griffin-Lim with momentum, started from any waveform.

`torchaudio.functional.griffinlim` begins with random phases, cannot keep samples as they are, and
is slower by what `torch.istft` is (see `STFT`). Sonify offers it as the phase "griffin-lim".
"""

import torch

from moss.parallel import check_cancelled
from moss.signal.spectrogram import STFT, power

MOMENTUM = 0.99  # Perraudin et al. find 0.99 the best value


def with_magnitude(stft: STFT, magnitude: torch.Tensor, waveform: torch.Tensor) -> torch.Tensor:
    """Return the inverse of `magnitude` (freq, time) with the phase of `waveform` (length,)."""
    by_frame = magnitude.T

    def project(spectrum: torch.Tensor, frames: slice) -> None:
        spectrum.mul_(power(spectrum).rsqrt_().mul_(by_frame[frames]))

    return stft.nearest(waveform, project)


def griffin_lim(
    stft: STFT,
    magnitude: torch.Tensor,
    start: torch.Tensor,
    steps: int,
    free: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return a waveform (length,) whose STFT magnitude approaches `magnitude` (freq, time).

    Fast Griffin-Lim: N. Perraudin, P. Balazs, P. L. Sondergaard, "A fast Griffin-Lim
    algorithm", WASPAA 2013. The momentum acts on waveforms: the transform is linear, so that
    is the same as acting on the spectra and much cheaper.

    Parameters
    ----------
    stft : STFT
        The transform, of the waveform's length.
    magnitude : Tensor, (freq, time)
        What the sound should have.
    start : Tensor, (length,)
        Gives the first phases.
    steps : int
        Without any, `start` is returned.
    free : Tensor, (length,), optional
        The samples at which it is 0 stay those of `start`.
    """
    ahead, waveform = start, None
    for _ in range(steps):
        check_cancelled()
        previous, waveform = waveform, with_magnitude(stft, magnitude, ahead)
        if free is not None:
            waveform = torch.lerp(start, waveform, free)
        ahead = waveform
        if previous is not None:
            ahead = torch.add(waveform, waveform - previous, alpha=MOMENTUM)
    return start if waveform is None else waveform
