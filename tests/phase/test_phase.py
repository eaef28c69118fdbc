"""Phases for a magnitude: Griffin-Lim against librosa, descent against autograd and its aim."""

import math
from dataclasses import replace

import librosa
import numpy as np
import pytest
import torch
from pytorch_msssim import ssim

from moss.blending.front import Front
from moss.blending.sounds import sounds_of
from moss.blending.task import Points
from moss.parallel import workers
from moss.phase.descent import (
    WHITENING,
    WINDOW_STRIDE,
    descend_on_losses,
    loss_and_direction,
)
from moss.phase.griffin_lim import griffin_lim, with_magnitude
from moss.signal.hearing import HUBER_NATS, LoudnessDifference
from moss.signal.replay import View
from moss.signal.spectrogram import STFT, DisplayRange
from tests.small import STRINGS, small_pair

AUDIO_WEIGHT = 0.1


def noise(length, seed=0, dtype=torch.float32):
    return torch.randn(length, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.fixture(scope="module")
def prepared():
    return small_pair(track=STRINGS)


@pytest.fixture(scope="module")
def target(prepared):
    """The transform, a magnitude that no sound has, and the waveform that it was made from."""
    mixture = prepared.mixture
    mask = torch.full_like(mixture.picture, 0.6)
    return prepared.views[0].stft, mixture.log_magnitude(mask).exp(), prepared.waveform.mean(dim=0)


def inconsistency_db(stft, magnitude, waveform):
    """Spectral convergence: how far the waveform's magnitude is from the wanted one."""
    return 20 * math.log10((stft(waveform).abs() - magnitude).norm() / magnitude.norm())


def small_view(seed=0):
    """A viewer of a noise with a hill in its spectrum, and that noise."""
    stft = STFT(4000, 128, 32)
    t = torch.arange(4000) / 4000
    waveform = noise(4000, seed) * (0.1 + torch.sin(9 * t) ** 2)
    audio = stft.log_magnitude(waveform)
    display = DisplayRange.below_peak(audio, 12.0)
    rows, columns = torch.arange(50)[:, None] / 50, torch.arange(stft.frames) / stft.frames
    picture = 0.5 + 0.5 * torch.sin(7 * rows + 9 * columns)
    return View(stft, audio.clamp_min(display.low), picture, slice(6, 56), display), waveform


# Griffin-Lim


def test_one_projection_has_the_magnitude_and_the_phase():
    stft = STFT(4000, 256, 64)
    waveform = noise(4000)
    own = stft(waveform).abs()
    # float32; the magnitude's smallest bins lose a digit in the quotient.
    torch.testing.assert_close(with_magnitude(stft, own, waveform), waveform, rtol=0, atol=1e-4)
    twice = with_magnitude(stft, 2 * own, waveform)
    torch.testing.assert_close(twice, 2 * waveform, rtol=0, atol=2e-4)


def test_a_signals_own_magnitude_is_left_alone():
    stft = STFT(4000, 256, 64)
    waveform = noise(4000)
    found = griffin_lim(stft, stft(waveform).abs(), waveform, 10)
    torch.testing.assert_close(found, waveform, rtol=0, atol=1e-3)  # ten projections' rounding


def test_no_steps_change_nothing(target):
    stft, magnitude, start = target
    assert torch.equal(griffin_lim(stft, magnitude, start, 0), start)


def test_silence_stays_silent():
    stft = STFT(4000, 256, 64)
    found = griffin_lim(stft, torch.zeros(stft.bins, stft.frames), torch.zeros(4000), 3)
    assert not found.any()


def test_silent_start_gives_a_finite_sound(target):
    stft, magnitude, _ = target
    assert griffin_lim(stft, magnitude, torch.zeros(stft.length), 3).isfinite().all()


def test_more_steps_come_nearer(target):
    stft, magnitude, start = target
    found = [
        inconsistency_db(stft, magnitude, griffin_lim(stft, magnitude, start, steps))
        for steps in (0, 1, 8, 40)
    ]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[1] - 1


@pytest.mark.parametrize("steps", [10, 40])
def test_converges_as_librosa_does(target, steps):
    stft, magnitude, _ = target
    theirs = librosa.griffinlim(
        magnitude.numpy(),
        n_iter=steps,
        hop_length=stft.hop_length,
        n_fft=stft.n_fft,
        length=stft.length,
        center=True,
        pad_mode="constant",
        momentum=0.99,
        random_state=0,
    )
    ours = griffin_lim(stft, magnitude, noise(stft.length), steps)
    # Both start from random phases, and where they end differs by a few tenths of a decibel.
    expected = inconsistency_db(stft, magnitude, torch.from_numpy(theirs))
    assert inconsistency_db(stft, magnitude, ours) < expected + 1


# Descent


def test_view_replays_what_pytorch_msssim_says():
    view, _ = small_view()
    waveform = noise(4000, seed=5)
    log_magnitude = view.stft.log_magnitude(waveform)
    shown = view.display.normalised(log_magnitude)[view.band]
    visual = 1 - ssim(shown[None, None], view.picture[None, None], data_range=1.0).item()
    audio = (log_magnitude.clamp_min(view.display.low) - view.audio).abs().mean().item()
    assert view.losses(waveform) == pytest.approx((visual, audio), abs=1e-5)  # float32


def test_target_itself_has_no_audio_loss():
    view, waveform = small_view()
    assert view.losses(waveform)[1] == 0


def hearing_view(seed=0):
    """As `small_view`, but what is heard keeps the sound."""
    view, waveform = small_view(seed)
    return replace(view, audio_loss="heard", sample_rate=8000.0), waveform


def test_the_heard_view_hears_as_the_ear_does():
    view, _ = hearing_view()
    waveform = noise(4000, seed=5)
    ear = LoudnessDifference(view.audio.T.contiguous(), 8000.0)
    heard = view.losses(waveform)[1]
    assert heard == ear(view.stft.log_magnitude(waveform).T)
    assert replace(view, unit=2.0).losses(waveform)[1] == pytest.approx(heard / 2)


def test_direction_agrees_with_autograd():
    """Averaged over the windows' offsets it is the whitened gradient of both losses.

    The direction is the transform's adjoint of g |S|^(1 - whitening) e^(i phase), where g is
    the gradient of visual + audio_weight * audio by ln |S|; plain gradients would have whitening 2.
    """
    view, _ = small_view()
    waveform = noise(4000, seed=5) * 0.3
    stft, display = view.stft, view.display
    log_magnitude = stft.log_magnitude(waveform).requires_grad_()
    span = display.high - display.low
    shown = ((log_magnitude[view.band] - display.low) / span).clamp(0, 1)
    visual = 1 - ssim(shown[None, None], view.picture[None, None], data_range=1.0)
    audio = torch.nn.functional.huber_loss(log_magnitude, view.audio, delta=HUBER_NATS)
    loss = visual + AUDIO_WEIGHT * audio / HUBER_NATS  # a Huber loss of slope 1
    (by_log,) = torch.autograd.grad(loss, log_magnitude)

    leaf = waveform.clone().requires_grad_()
    spectrum = torch.stft(
        leaf,
        stft.n_fft,
        stft.hop_length,
        window=stft.window,
        pad_mode="constant",
        return_complex=True,
    )
    weight = torch.full((stft.bins, 1), 2.0)  # each bin stands for its mirror image as well
    weight[0] = weight[-1] = 1.0
    with torch.no_grad():
        wanted = weight / stft.n_fft * by_log * spectrum.abs() ** -WHITENING * spectrum
    (expected,) = torch.autograd.grad(spectrum, leaf, grad_outputs=wanted)

    found, windows = torch.zeros_like(waveform), 0
    rows, columns = view.picture.shape
    for row in range(WINDOW_STRIDE):
        for column in range(WINDOW_STRIDE):
            # View transposes, so that the first offset runs along time.
            count = len(range(row, columns - 10, WINDOW_STRIDE)) * len(
                range(column, rows - 10, WINDOW_STRIDE)
            )
            found += count * loss_and_direction(view, waveform, AUDIO_WEIGHT, (row, column))[1]
            windows += count
    # float32, and |S|^-1.3 of the quietest bins carries their rounding.
    assert (found / windows - expected).norm() < 1e-3 * expected.norm()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("view_of", [small_view, hearing_view])
def test_a_small_step_against_the_direction_lowers_the_losses(seed, view_of):
    view, _ = view_of()
    waveform = 0.3 * noise(4000, seed=seed + 10)

    def loss(at):
        visual, audio = view.losses(at)
        return visual + AUDIO_WEIGHT * audio

    direction = loss_and_direction(view, waveform, AUDIO_WEIGHT, (0, 0))[1]
    step = 1e-3 * waveform.norm() / direction.norm()
    assert loss(waveform - step * direction) < loss(waveform)


def test_descent_lowers_what_it_descends_on(prepared, target):
    stft, magnitude, mid = target
    view = prepared.views[0]
    start = griffin_lim(stft, magnitude, with_magnitude(stft, magnitude, mid), 8)
    end = descend_on_losses([view], start, AUDIO_WEIGHT, 20, torch.Generator().manual_seed(0))
    before, after = (np.dot((1, AUDIO_WEIGHT), view.losses(sound)) for sound in (start, end))
    assert after < 0.95 * before


def test_descent_keeps_its_start_and_repeats_with_its_seed(prepared, target):
    _, _, mid = target
    kept = mid.clone()

    def run(seed):
        generator = torch.Generator().manual_seed(seed)
        return descend_on_losses(prepared.views, mid, AUDIO_WEIGHT, 3, generator)

    assert torch.equal(run(0), run(0))
    assert not torch.equal(run(0), run(1))
    assert torch.equal(mid, kept)


def endless_descent(prepared, mid):
    descend_on_losses(prepared.views, mid, AUDIO_WEIGHT, 10**9, torch.Generator())


def endless_griffin_lim(prepared, mid):
    stft = prepared.views[0].stft
    griffin_lim(stft, stft(mid).abs(), mid, 10**9)


@pytest.mark.parametrize("work", [endless_descent, endless_griffin_lim])
def test_refining_ends_when_its_pool_closes(prepared, target, work):
    with workers() as pool:
        running = pool.as_completed(lambda _: work(prepared, target[2]), [0])
        assert next(running) is None  # it is at work


def test_descent_from_silence_is_finite():
    view, _ = small_view()
    sound = descend_on_losses([view], torch.zeros(4000), AUDIO_WEIGHT, 3, torch.Generator())
    assert sound.isfinite().all()


# The sounds of a front


@pytest.fixture(scope="module")
def front():
    """Four masks from pure audio to pure picture; the losses only set the audio_weights."""
    masks = np.zeros((4, 16, 32), np.uint8) + np.array([0, 85, 170, 255], np.uint8)[:, None, None]
    return Front(masks, np.array([[0.9, 0.0], [0.6, 0.5], [0.3, 1.5], [0.0, 3.0]]))


def sounds_for(prepared, front, **changes):
    changed = replace(prepared, settings=replace(prepared.settings, **changes))
    points = Points(front, np.arange(len(front.masks)))
    return dict(filter(None, sounds_of(changed, points)))


@pytest.mark.parametrize("phase", ["refined", "target"])
def test_pure_audio_is_the_track_unchanged(prepared, front, phase):
    sounds = sounds_for(prepared, front, phase=phase)
    track = prepared.waveform.numpy()
    error = np.linalg.norm(sounds[0] - track) / np.linalg.norm(track)
    assert error < 1e-5  # -100 dB: only the side channel goes through the transform
    for sound in sounds.values():
        assert sound.shape == track.shape
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
    assert sorted(sounds) == [0, 1, 2, 3, 4]  # the last is the morph


def test_refined_sounds_replay_the_design_better_than_the_targets_phase(prepared, front):
    view = prepared.views[0]
    replayed = {
        phase: [
            view.losses(torch.from_numpy(sounds[k]).mean(dim=0))[0] for k in range(len(front.masks))
        ]
        for phase in ("target", "refined")
        for sounds in [sounds_for(prepared, front, phase=phase)]
    }
    assert replayed["refined"][3] < replayed["target"][3] - 0.1
    assert replayed["refined"][3] < replayed["refined"][0]


def test_the_pure_picture_shows_more_of_it_than_the_sound_before(prepared, front):
    masks, losses = front.masks.copy(), front.losses.copy()
    masks[2], losses[2] = 240, (0.1, 2.5)  # designed nearly the same
    sounds = sounds_for(prepared, Front(masks, losses))
    before, pure = (
        prepared.views[0].losses(torch.from_numpy(sounds[k]).mean(dim=0))[0] for k in (2, 3)
    )
    assert pure < before


def test_the_side_fades_as_the_mask_takes_over(prepared, front):
    sounds = sounds_for(prepared, front, phase="target")
    sides = [np.linalg.norm(sounds[k][0] - sounds[k][1]) for k in range(4)]
    assert prepared.waveform.shape[0] == 2
    assert sides[0] > sides[1] > sides[2] > sides[3]
    assert sides[3] < 1e-5 * sides[0]


def test_a_seed_repeats_the_sounds(prepared, front):
    first, second = (sounds_for(prepared, front, effort=0.1) for _ in range(2))
    assert all(np.array_equal(first[k], second[k]) for k in first)


def test_the_track_is_not_changed(prepared, front):
    before = prepared.waveform.clone()
    sounds_for(prepared, front, effort=0.1)
    assert torch.equal(prepared.waveform, before)
