"""Gradient descent on a waveform until its own spectrogram shows the picture and keeps the audio.

A designed magnitude is seldom one that a sound can have. Griffin-Lim comes near in the loud
bins, but SSIM looks at the quiet ones too. So the last steps forget the design and descend on
what will be measured: the two losses of the sound's own spectrogram, weighed as they are at
the design's place on the front.
"""

import math
from collections.abc import Sequence

import torch

from moss.parallel import check_cancelled
from moss.signal.adam import Adam
from moss.signal.replay import View

WINDOW_STRIDE = 4  # of the SSIM windows of one step; their offset is drawn anew for each
ADAM_BETAS = (0.7, 0.99)
ADAM_EPSILON = 1e-20  # only guards against 0 / 0
RATE = 1.5  # the largest step, in units of white noise as strong as the display's black
# Adam's first steps know only a sign of each sample's gradient. Taken whole, they raise the loss of
# what is near its end by half; so they begin small.
WARM_UP_STEPS = 4
DECAY = 0.7  # steps shrink with this power of the share of them that is left
LARGEST_RISE = 1.15  # of the loss; Adam's first steps raise it a little before it falls
WHITENING = 1.3  # gradients are divided by |S|^1.3 instead of |S|^2: quiet bins move less


def loss_and_direction(
    view: View, waveform: torch.Tensor, audio_weight: float, offset: tuple[int, int]
) -> tuple[float, torch.Tensor]:
    """Return visual + audio_weight * audio of `waveform`, and its spectrally whitened gradient.

    Both see every fourth SSIM window from `offset` on; the gradient has shape (length,).
    """
    log_magnitude = view.stft.log_magnitude(waveform).T
    low, high = view.display.low, view.display.high
    shown = view.display.normalised(log_magnitude[:, view.band])
    similarity, by_picture = view.similarity.value_and_gradient(shown, WINDOW_STRIDE, offset)
    audio_loss = 0.0

    def by_spectrum(spectrum: torch.Tensor, frames: slice) -> None:
        """Turn a block into the gradient by it, while all of it is in the processor's cache."""
        nonlocal audio_loss
        block = log_magnitude[frames]
        if view.difference is None:
            gradient = torch.zeros_like(block)
        else:
            value, gradient = view.difference.value_and_gradient(block, frames.start)
            audio_loss += value
            gradient.mul_(audio_weight)
        # What is black or white has no gradient: as of a clamp, but five times as fast.
        by_shown = torch.ops.aten.hardtanh_backward(by_picture[frames], shown[frames], 0, 1)
        gradient[:, view.band].add_(by_shown, alpha=1 / (low - high))
        spectrum.mul_(gradient.mul_(block.mul_(-WHITENING).exp_()))

    direction = view.stft.nearest(waveform, by_spectrum, normalise=False)
    return 1 - similarity + audio_weight * audio_loss, direction


def descend_on_losses(
    views: Sequence[View],
    start: torch.Tensor,
    audio_weight: float,
    steps: int,
    generator: torch.Generator,
    free: torch.Tensor | None = None,
    rate: float = 1.0,
) -> torch.Tensor:
    """Return `start` (length,) after `steps` of Adam on visual + audio_weight * audio.

    The losses are means over all `views`. `rate` is how much larger the steps are than usual.

    Where `free` (length,) is given, the samples at which it is 0 stay as they are.
    A step that raises the loss by more than 15 % is taken back and the rate halved: quiet
    tracks under bright pictures bear large steps, black pictures only small ones.
    """
    waveform, best = start, (math.inf, start)
    adam = Adam(start, ADAM_BETAS, ADAM_EPSILON)
    rate *= RATE * math.exp(views[0].display.low) / views[0].stft.window.norm().item()
    for step in range(steps):
        check_cancelled()
        row, column = torch.randint(0, WINDOW_STRIDE, (2,), generator=generator).tolist()
        found = [loss_and_direction(view, waveform, audio_weight, (row, column)) for view in views]
        loss = sum(loss for loss, _ in found) / len(found)
        if loss > LARGEST_RISE * best[0]:
            waveform, rate = best[1], rate / 2
            adam.restart()
            continue
        if loss < best[0]:
            best = loss, waveform
        direction = found[0][1]
        for _, another in found[1:]:
            direction = direction + another
        if free is not None:
            direction = direction * free
        warm = min(1, (step + 1) / (WARM_UP_STEPS + 1))
        waveform = adam.step(waveform, direction, rate * warm * (1 - step / steps) ** DECAY)
    return waveform
