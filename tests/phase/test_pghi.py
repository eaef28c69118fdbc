"""PGHI: the phases of known signals, a real track against one step of Griffin-Lim, edges."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from torchaudio.functional import griffinlim

from moss.media import load_audio
from moss.phase.pghi import pghi
from moss.signal.spectrogram import STFT
from tests.small import STRINGS

LENGTH, N_FFT = 8000, 512
SAMPLES = torch.arange(LENGTH, dtype=torch.float64)
SIGNALS = {
    "sinusoid": torch.sin(0.3217 * SAMPLES),
    "chirp": torch.sin(0.1 * SAMPLES + 1e-4 * SAMPLES**2),
    "impulse": (SAMPLES == 4003).double(),
}


def convergence_db(stft, magnitude, phase):
    waveform = stft.inverse(torch.polar(magnitude, phase))
    return 20 * math.log10((stft(waveform).abs() - magnitude).norm() / magnitude.norm())


def growth(spectrum, axis):
    """Complex numbers whose angles are the phase's growth along `axis`."""
    count = spectrum.shape[axis] - 1
    return spectrum.narrow(axis, 1, count) * spectrum.narrow(axis, 0, count).conj()


def agreement(found, true):
    """The mean cosine of the angle between two arrays, weighed by their power."""
    return (found.conj() * true).real.sum() / true.abs().square().sum()


@pytest.fixture(scope="module")
def strings():
    return load_audio(STRINGS, sample_rate=22_050, duration_s=3, mono=True)[0]


# Laws


@pytest.mark.parametrize("hop_length", [64, 100])
@pytest.mark.parametrize("name", SIGNALS)
def test_phase_grows_over_time_and_frequency_as_the_true_one(name, hop_length):
    true = torch.stft(
        SIGNALS[name].float(),
        N_FFT,
        hop_length,
        window=torch.hann_window(N_FFT),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )
    found = torch.polar(true.abs(), pghi(true.abs(), N_FFT, hop_length))
    # A Hann window is no Gaussian: growths are nearly right, and their sums drift slowly.
    for axis in (0, 1):
        assert agreement(growth(found, axis), growth(true, axis)) > 0.98


@pytest.mark.parametrize("name", SIGNALS)
def test_known_signals_are_nearly_consistent(name):
    stft = STFT(LENGTH, N_FFT, N_FFT // 8)
    magnitude = stft(SIGNALS[name].float()).abs()
    assert convergence_db(stft, magnitude, pghi(magnitude, N_FFT, N_FFT // 8)) < -22


def test_scale_changes_nothing(strings):
    magnitude = STFT(len(strings), N_FFT, 64)(strings).abs()
    expected = pghi(magnitude, N_FFT, 64)
    assert torch.equal(pghi(magnitude * 2**-20, N_FFT, 64), expected)
    assert torch.equal(pghi(magnitude.numpy() * 2**10, N_FFT, 64), expected)


def test_track_comes_nearer_than_by_one_step_of_griffin_lim(strings):
    stft = STFT(len(strings), 2048, 256)
    magnitude = stft(strings).abs()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        waveform = griffinlim(
            magnitude, stft.window, 2048, 256, 2048, 1, 1, 0.99, len(strings), True
        )
    by_one_step = 20 * math.log10((stft(waveform).abs() - magnitude).norm() / magnitude.norm())
    assert convergence_db(stft, magnitude, pghi(magnitude, 2048, 256)) < by_one_step - 6


# Randomness


def test_only_bins_below_the_tolerance_are_random(strings):
    magnitude = STFT(len(strings), N_FFT, 64)(strings).abs()
    below = magnitude < 1e-2 * magnitude.max()
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = (
        pghi(magnitude, N_FFT, 64, seed=seed, tolerance=1e-2) for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert torch.equal(first, again)
    assert torch.equal(first[~below], other[~below])
    assert (~below).any()
    assert (first[below] != other[below]).double().mean() > 0.999


# Edges


def test_silence_has_finite_random_phases():
    found = pghi(torch.zeros(257, 40), N_FFT, 64, seed=3)
    assert found.shape == (257, 40)
    assert found.dtype == torch.float32
    assert found.abs().max() <= math.pi + 1e-6
    assert found.std() > 1.5  # uniform: pi / sqrt(3)
    assert not torch.equal(found, pghi(torch.zeros(257, 40), N_FFT, 64, seed=4))


def test_one_frame_is_a_sound_in_the_windows_middle():
    magnitude = torch.hann_window(N_FFT)[N_FFT // 2 :].cumsum(0).flip(0)
    magnitude = torch.cat([magnitude, magnitude[-1:]])[:, None]
    frame = torch.fft.irfft(torch.polar(magnitude, pghi(magnitude, N_FFT, 64))[:, 0])
    assert frame.abs().argmax() == N_FFT // 2


@pytest.mark.parametrize(
    ("magnitude", "n_fft", "hop_length", "tolerance"),
    [
        (torch.ones(256, 4), 512, 64, 1e-7),
        (torch.ones(257), 512, 64, 1e-7),
        (torch.ones(257, 0), 512, 64, 1e-7),
        (-torch.ones(257, 4), 512, 64, 1e-7),
        (torch.full((257, 4), math.nan), 512, 64, 1e-7),
        (torch.ones(257, 4), 512, 0, 1e-7),
        (torch.ones(257, 4), 512, 64, 0.0),
    ],
)
def test_impossible_arguments_are_refused(magnitude, n_fft, hop_length, tolerance):
    with pytest.raises(ValueError, match="must"):
        pghi(magnitude, n_fft, hop_length, tolerance=tolerance)


def test_numba_is_not_imported_before_it_is_needed():
    code = "import sys, moss.usecases.blend, moss.phase.pghi; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
