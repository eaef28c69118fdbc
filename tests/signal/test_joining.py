"""A sound in the place of a part of a track: the same energy through the fade, and no click."""

import pytest
import torch

from moss.signal.joining import joined

FADE, LENGTH, CHANNELS = 2000, 10_000, 2


def noise(seed, length=LENGTH):
    return torch.randn(CHANNELS, length, generator=torch.Generator().manual_seed(seed))


def energy(waveform):
    """Mean square in 10 pieces of each fade."""
    ends = torch.cat((waveform[:, :FADE], waveform[:, -FADE:]), dim=1)
    return ends.square().unflatten(1, (20, -1)).mean(dim=(0, 2))


def test_the_fades_end_at_the_track_and_the_middle_is_the_sound():
    track, sound = noise(0), noise(1)
    out = joined(track, sound, FADE)
    assert torch.equal(out[:, FADE:-FADE], sound[:, FADE:-FADE])
    assert torch.equal(out[:, 0], track[:, 0]) and torch.equal(out[:, -1], track[:, -1])
    # A step of the fade is so small that the next samples are nearly the track's as well.
    torch.testing.assert_close(out[:, :20], track[:, :20], atol=2e-3, rtol=0)


def test_a_sound_that_is_the_track_stays_it_to_the_last_bit():
    track = noise(0)
    assert torch.equal(joined(track, track.clone(), FADE), track)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0])
def test_the_energy_stays_whatever_the_two_have_in_common(share):
    track = noise(0)
    sound = share * track + (1 - share**2) ** 0.5 * noise(1)
    # 400 samples tell a mean square to about a fifth.
    torch.testing.assert_close(
        energy(joined(track, sound, FADE)), torch.ones(20), atol=0.25, rtol=0
    )


def test_a_part_that_is_shorter_than_its_fades_is_all_fade():
    track, sound = noise(0, 101), noise(1, 101)
    out = joined(track, sound, FADE)
    assert torch.equal(out[:, 0], track[:, 0]) and torch.equal(out[:, 50], sound[:, 50])
    assert torch.equal(joined(track[:, :1], sound[:, :1], FADE), sound[:, :1])


def test_silence_and_opposites_stay_finite():
    track = noise(0)
    for sound in (torch.zeros_like(track), -track):
        assert joined(track, sound, FADE).isfinite().all()
        assert joined(sound, track, FADE).isfinite().all()
