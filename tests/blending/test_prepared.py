"""What is prepared of a picture and a track: the windows that the sounds are made for."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from moss.blending.prepare import prepare
from moss.errors import InputError
from tests.small import EXAMPLES, PAD, PICTURE, SMALL, small_pair


@pytest.fixture(scope="module")
def views():
    return small_pair(replace(SMALL, viewer="any")).views


def test_the_first_view_has_the_runs_own_window_and_the_others_half_and_twice_of_it(views):
    windows = [(view.stft.n_fft, view.stft.hop_length) for view in views]
    n_fft, hop = SMALL.n_fft, SMALL.hop_length
    assert windows == [(n_fft, hop), (n_fft // 2, hop // 2), (2 * n_fft, 2 * hop)]
    assert len(small_pair().views) == 1


def test_noise_is_as_bright_in_every_window(views):
    """A picture's surfaces sound like noise, which grows with the root of the window."""
    noise = torch.randn(views[0].stft.length, generator=torch.Generator().manual_seed(0))
    levels = [view.stft.log_magnitude(noise).mean().item() - view.display.low for view in views]
    assert levels == pytest.approx([levels[0]] * 3, abs=0.05)
    ranges = [view.display.high - view.display.low for view in views]
    assert ranges == pytest.approx([small_pair().settings.range_nats] * 3)


def test_each_view_shows_the_picture_in_the_band_of_the_run(views):
    hz = [
        [
            edge * SMALL.sample_rate / view.stft.n_fft
            for edge in (view.band.start, view.band.stop - 1)
        ]
        for view in views
    ]
    coarsest = SMALL.sample_rate / min(view.stft.n_fft for view in views)
    for low, high in hz[1:]:
        assert abs(low - hz[0][0]) <= coarsest and abs(high - hz[0][1]) <= coarsest
    for view in views:
        assert view.picture.shape == (view.band.stop - view.band.start, view.stft.frames)


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
def test_each_view_shows_the_picture_at_the_same_frequencies(scale):
    own, *others = small_pair(replace(SMALL, viewer="any", scale=scale)).views
    hz = _hz(own)
    times = np.linspace(0, 1, own.picture.shape[1])
    for other in others:
        at = np.linspace(0, 1, other.picture.shape[1])
        same_hz = np.array([np.interp(hz, _hz(other), column) for column in other.picture.T])
        same = np.array([np.interp(times, at, row) for row in same_hz.T])
        assert np.corrcoef(same.ravel(), own.picture.numpy().ravel())[0, 1] > 0.95


def _hz(view):
    return np.arange(view.band.start, view.band.stop) * SMALL.sample_rate / view.stft.n_fft


def test_left_and_right_show_a_picture_each():
    second = EXAMPLES / "fern.jpg"
    prepared = prepare(PICTURE, PAD, replace(SMALL, channel="left-right"), second_picture=second)
    left, right = prepared.carrier_views
    alone = [small_pair().mixture, prepare(second, PAD, SMALL).mixture]
    for view, wanted in zip((left, right), alone, strict=True):
        assert torch.equal(view.picture, wanted.picture)
    display = prepared.mixture.display
    for view, channel in zip((left, right), prepared.waveform, strict=True):
        audio = view.stft.log_magnitude(channel).clamp_min(display.low)
        assert torch.allclose(view.audio, audio, atol=1e-3)  # float32 both ways
    assert prepared.losses(prepared.waveform)[1] == pytest.approx(0, abs=1e-4)


def test_without_a_second_picture_both_show_the_first():
    left, right = small_pair(replace(SMALL, channel="left-right")).carrier_views
    assert torch.equal(left.picture, right.picture)


def test_a_second_picture_wants_left_and_right():
    with pytest.raises(InputError, match="left-right"):
        prepare(PICTURE, PAD, SMALL, second_picture=PICTURE)


@pytest.mark.parametrize("channel", ["side", "left-right"])
def test_a_mono_track_has_a_mid_only(tmp_path, channel):
    samples, rate = soundfile.read(PAD)
    soundfile.write(tmp_path / "mono.wav", samples[:, 0], rate)
    with pytest.raises(InputError, match=r"mono\.wav is mono"):
        prepare(PICTURE, tmp_path / "mono.wav", replace(SMALL, channel=channel))


def test_two_channels_that_are_the_same_have_no_side(tmp_path):
    samples, rate = soundfile.read(PAD)
    soundfile.write(tmp_path / "same.wav", samples[:, [0, 0]], rate)
    with pytest.raises(InputError, match="no side"):
        prepare(PICTURE, tmp_path / "same.wav", replace(SMALL, channel="side"))


@pytest.mark.parametrize("mono", [False, True])
@pytest.mark.parametrize("left_over", [0.0, 1e-4, 1e-2])
def test_opposite_channels_are_told_though_a_codec_leaves_a_little(tmp_path, left_over, mono):
    samples, rate = soundfile.read(PAD)
    left = samples[:, 0]
    opposite = np.stack([left, -left + left_over * samples[::-1, 0]], 1)
    soundfile.write(tmp_path / "a.wav", opposite, rate, subtype="FLOAT")
    with pytest.raises(InputError, match=r'opposite and cancel each other.*channel "side"'):
        prepare(PICTURE, tmp_path / "a.wav", replace(SMALL, mono=mono))
    prepare(PICTURE, tmp_path / "a.wav", replace(SMALL, channel="side"))


def test_a_wide_track_has_a_mid(tmp_path):
    samples, rate = soundfile.read(PAD)
    left = samples[:, 0]
    wide = np.stack([left, -left + 0.1 * samples[::-1, 0]], 1)  # 26 dB under the channels
    soundfile.write(tmp_path / "a.wav", wide, rate, subtype="FLOAT")
    prepare(PICTURE, tmp_path / "a.wav", SMALL)
