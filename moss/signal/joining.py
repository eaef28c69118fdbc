"""A sound takes the place of a part of a track, without a click and without a dip."""

import torch


def joined(track: torch.Tensor, sound: torch.Tensor, fade: int) -> torch.Tensor:
    """Return `sound` (channels, samples), faded in from the `track` of its shape and out to it.

    Over `fade` samples at each end, or half of them all, y = (1 - g) / s track + g / s sound, where
    g is a raised cosine from 0 to 1 and s^2 = (1 - g)^2 + g^2 + 2 g (1 - g) r. With r, the
    correlation of the two there, between 0 and 1, two that are equally strong keep their energy: it
    is the linear cross-fade where they are alike (then s = 1) and that of equal power where they
    have nothing in common.
    """
    length = sound.shape[-1]
    fade = min(fade, length // 2)
    out = sound.clone()
    if not fade:
        return out
    g = 0.5 - 0.5 * torch.cos(torch.pi * torch.arange(fade, dtype=torch.float64) / fade)
    for ends, rise in ((slice(0, fade), g), (slice(length - fade, length), g.flip(0))):
        before, after = track[:, ends].double(), sound[:, ends].double()
        share = _correlation(before, after)
        scale = ((1 - rise) ** 2 + rise**2 + 2 * rise * (1 - rise) * share).sqrt()
        # Spelt by the difference, so that a track that is left alone stays to the last bit.
        out[:, ends] = ((before + rise * (after - before)) / scale).to(out.dtype)
    return out


def _correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return the correlation of two waveforms, at least 0; 0 where one of them is silent."""
    energies = (a.square().sum() * b.square().sum()).item()
    return min(max(0.0, (a * b).sum().item() / energies**0.5), 1.0) if energies > 0 else 0.0
