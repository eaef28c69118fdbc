"""Gradient descent on a waveform until its own spectrogram shows the picture and keeps the audio.

A designed magnitude is seldom one that a sound can have. Griffin-Lim comes near in the loud
bins, but SSIM looks at the quiet ones too. So the last steps forget the design and descend on
what will be measured: the two losses of the sound's own spectrogram, weighed by the price of
audio at the design's place on the front.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from moss.similarity import SSIM
from moss.spectrogram import STFT, DisplayRange

WINDOW_STRIDE = 4  # of the SSIM windows of one step; their offset is drawn anew for each
HUBER_NATS = 0.2  # within it the audio loss is squared, so that steps shrink near the target
ADAM_BETAS = (0.8, 0.99)
ADAM_EPSILON = 1e-20  # only guards against 0 / 0
RATE = 2.0  # the first step, in units of white noise as strong as the display's black
WHITENING = 1.5  # gradients are divided by |S|^1.5 instead of |S|^2: quiet bins move less


@dataclass(frozen=True)
class View:
    """What a spectrogram viewer with one window length should show of a sound.

    stft : the viewer's transform, of the sound's length.
    audio : (freq, time) log magnitude of the target audio, never below `display.low`.
    picture : (band, time) in [0, 1], and `band`, the rows it occupies.
    display : the log magnitudes of black and white.
    """

    stft: STFT
    audio: torch.Tensor
    picture: torch.Tensor
    band: slice
    display: DisplayRange

    def __post_init__(self):
        # Frame by frame, as the transform makes them.
        object.__setattr__(self, "_audio", self.audio.T.contiguous())
        object.__setattr__(self, "_similarity", SSIM(self.picture.T.contiguous()))

    def losses(self, waveform: torch.Tensor) -> tuple[float, float]:
        """Return what `waveform` (length,) replays: its visual loss and its audio loss."""
        log_magnitude = self.stft.log_magnitude(waveform).T
        shown = self.display.normalised(log_magnitude[:, self.band])
        kept = log_magnitude.clamp_min(self.display.low)
        return 1 - self._similarity(shown), (kept - self._audio).abs().mean().item()

    def descent_direction(
        self, waveform: torch.Tensor, price: float, offset: tuple[int, int]
    ) -> torch.Tensor:
        """Return the gradient (length,) of visual + price * audio, spectrally whitened."""
        log_magnitude = self.stft.log_magnitude(waveform).T
        low, high = self.display.low, self.display.high
        gradient = (log_magnitude - self._audio).div_(HUBER_NATS).clamp_(-1, 1)
        gradient.mul_(price / log_magnitude.numel())
        # Under the range nothing changes what is seen or counted, but what has sunk may rise.
        gradient.mul_((log_magnitude > low) | (log_magnitude < self._audio))
        in_band = log_magnitude[:, self.band]
        shown = (in_band - low).div_(high - low)
        visible = (shown > 0) & (shown < 1)
        _, by_picture = self._similarity.value_and_gradient(
            shown.clamp_(0, 1), WINDOW_STRIDE, offset
        )
        gradient[:, self.band].sub_(by_picture.mul_(visible).div_(high - low))
        gradient.mul_(log_magnitude.mul_(-WHITENING).exp_())
        return self.stft.nearest(
            waveform,
            lambda spectrum, frames: spectrum.mul_(gradient[frames]),
            normalise=False,
        )


def descend_on_losses(
    views: Sequence[View],
    start: torch.Tensor,
    price: float,
    steps: int,
    generator: torch.Generator,
    stopped: Callable[[], bool] = lambda: False,
) -> torch.Tensor:
    """Return `start` (length,) after `steps` of Adam on visual + price * audio, over all `views`.

    The direction is the mean over the views, each seeing every fourth SSIM window.
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015.
    """
    waveform = start.clone()
    first, second = torch.zeros_like(waveform), torch.zeros_like(waveform)
    beta_1, beta_2 = ADAM_BETAS
    black = math.exp(views[0].display.low) / views[0].stft.window.norm().item()
    for step in range(1, steps + 1):
        if stopped():
            break
        offset = torch.randint(0, WINDOW_STRIDE, (2,), generator=generator).tolist()
        direction = sum(view.descent_direction(waveform, price, tuple(offset)) for view in views)
        first.lerp_(direction, 1 - beta_1)
        second.lerp_(direction.square_(), 1 - beta_2)
        rate = RATE * black * (1 - (step - 1) / steps)
        rate *= math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        waveform.addcdiv_(first, second.sqrt().add_(ADAM_EPSILON), value=-rate)
    return waveform
