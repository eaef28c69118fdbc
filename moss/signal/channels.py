"""Which channels of a track carry a picture, and the track again from them and the rest.

A track of two channels is also its mid (L + R) / 2 and its side (L - R) / 2. Where left and right
carry a picture each, they are analysed as one signal, in which the right follows the left.
"""

import torch

from moss.settings.blend import BlendSettings


def carriers_of(waveform: torch.Tensor, channel: str) -> torch.Tensor:
    """Return what carries a picture in `waveform` (channels, samples): (carriers, samples).

    `channel` is "mid", the mean of all channels, "side" or "left-right"; both of these need two.
    """
    if channel == "left-right":
        return waveform
    if channel == "side":
        return (waveform[:1] - waveform[1:]) / 2
    return waveform.mean(dim=0, keepdim=True)


def analysed_channel(waveform: torch.Tensor, settings: BlendSettings) -> torch.Tensor:
    """Return what is looked at of `waveform` (channels, samples) as one signal (length,).

    That is its carrier; with two, each begins at its place among `settings.carrier_starts`, and
    there is silence between them.
    """
    carriers, starts = carriers_of(waveform, settings.channel), settings.carrier_starts
    if len(starts) == 1:
        return carriers[0]
    samples = carriers.shape[1]
    whole = carriers.new_zeros(starts[-1] + samples)
    for carrier, start in zip(carriers, starts, strict=True):
        whole[start : start + samples] = carrier
    return whole


def rest_of(waveform: torch.Tensor, channel: str) -> torch.Tensor | None:
    """Return what carries no picture in `waveform` (channels, samples), or None: (samples,)."""
    if len(waveform) == 1 or channel == "left-right":
        return None
    return carriers_of(waveform, "side" if channel == "mid" else "mid")[0]


def channels_of(
    analysed: torch.Tensor, rest: torch.Tensor | None, settings: BlendSettings
) -> torch.Tensor:
    """Return (channels, samples), of which `analysed_channel` and `rest_of` return these."""
    if rest is None:
        starts = settings.carrier_starts
        samples = len(analysed) - starts[-1]
        return torch.stack([analysed[start : start + samples] for start in starts])
    mid, side = (analysed, rest) if settings.channel == "mid" else (rest, analysed)
    return torch.stack((mid + side, mid - side))
