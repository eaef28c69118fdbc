"""Headroom: what a sound needs at the track's loudness, and fronts of loud and quiet tracks."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.blending.front import Front
from moss.blending.headroom import MOST_VISUAL_LOSS, Headroom
from moss.blending.prepare import prepare
from moss.blending.sounds import sounds_of
from moss.blending.task import Points
from moss.media import read_audio, write_audio
from moss.signal.loudness import PEAK_CEILING, integrated_loudness, level_of, matched_gains
from tests.small import PAD, PICTURE, SMALL

RATE = SMALL.sample_rate
LOUDEST = 0.89  # a peak just under -1 dBTP


def noise(seed, channels=1):
    return torch.randn(channels, 2 * RATE, generator=torch.Generator().manual_seed(seed))


def test_what_is_needed_is_what_one_loudness_would_give():
    track, sound = 0.5 * torch.sign(noise(1)), noise(2)
    headroom = Headroom(track, RATE)
    gain = 10 ** ((integrated_loudness(track, RATE) - integrated_loudness(sound, RATE)) / 20)
    expected = gain * level_of(sound, RATE).true_peak
    assert expected > PEAK_CEILING
    assert headroom.needed(sound) == pytest.approx(expected)


def test_silence_and_quiet_tracks_need_none():
    assert Headroom(noise(1), RATE).needed(torch.zeros(1, 2 * RATE)) == 0
    assert Headroom(torch.zeros(1, 2 * RATE), RATE).needed(noise(1)) == 0
    assert Headroom(0.01 * noise(1), RATE).needed(noise(2)) == 0


@pytest.fixture(scope="module")
def loud(tmp_path_factory):
    """A bright picture and a track that is limited as hard as loud music is."""
    path = tmp_path_factory.mktemp("loud") / "track.wav"
    waveform, rate = read_audio(PAD)
    pressed = LOUDEST * torch.tanh(12 * waveform / waveform.abs().max())
    write_audio(path, pressed.numpy(), rate, 24)
    return prepare(PICTURE, path, replace(SMALL, invert=True, effort=0.5))


def made_of(prepared):
    """The sounds of three points and the morph, by their number."""
    shape = prepared.settings.grid_shape
    masks = np.stack([np.full(shape, level, np.uint8) for level in (0, 128, 255)])
    front = Front(masks, np.array([[1.0, 0.0], [0.5, 1.0], [0.0, 2.0]]))
    return dict(filter(None, sounds_of(prepared, Points(front, np.arange(3)))))


def common_gain(prepared, made):
    """What the peaks of all sounds take from the loudness of the track."""
    levels = [level_of(torch.from_numpy(made[k]), RATE) for k in sorted(made)]
    wanted = integrated_loudness(prepared.waveform, RATE)
    gains = matched_gains(levels, wanted)
    return gains[0] * 10 ** ((levels[0].loudness_lufs - wanted) / 20)


def test_the_peaks_of_pictures_take_less_from_a_loud_track(loud, monkeypatch):
    lowered = made_of(loud)
    assert lowered.keys() == {0, 1, 2, 3}
    monkeypatch.setattr(Headroom, "ceiling", np.inf)
    as_found = made_of(loud)
    assert common_gain(loud, lowered) > 1.05 * common_gain(loud, as_found)
    np.testing.assert_array_equal(lowered[0], as_found[0])  # the track is the measure
    for k in (1, 2):
        before, after = (loud.losses(torch.from_numpy(x[k]))[0] for x in (as_found, lowered))
        assert after < before + MOST_VISUAL_LOSS + 1e-6


def test_the_same_seed_lowers_the_same(loud):
    first, second = made_of(loud), made_of(loud)
    for k, sound in first.items():
        np.testing.assert_array_equal(sound, second[k])
