"""Whatever the settings and the inputs' shapes: a sentence, or finite losses."""

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from moss.blending.mask import MaskBasis
from moss.blending.objectives import ExactLosses, estimator_for
from moss.errors import InputError
from moss.phase.descent import loss_and_direction
from moss.settings.blend import BlendSettings
from moss.settings.fields import settings_in
from moss.settings.presets import blend_settings
from moss.usecases.blend import prepare

# Windows as people give them: powers of two, round numbers, and numbers nobody would give.
WINDOWS = [64, 66, 68, 99, 128, 200, 256, 400, 512, 1000, 1024]
ENCODERS = st.fixed_dictionaries(
    {
        "sample_rate": st.sampled_from([4000, 8000, 11_025, 16_000]),
        "n_fft": st.sampled_from(WINDOWS),
        "overlap": st.integers(2, 8),
        "duration_s": st.sampled_from([0.1, 0.5, 0.8, 1.0, 1.5]),
        "start_s": st.sampled_from([0.0, 0.25, 0.7]),
        "low_hz": st.just(0.0) | st.floats(0, 1500),
        "high_hz": st.none() | st.floats(1000, 9000),
        "grid_height": st.integers(2, 20),
        "grid_width": st.none() | st.integers(2, 20),
        "smoothing_sigma": st.just(0.0) | st.floats(0.05, 20),
        "gamma": st.floats(0.1, 10),
        "range_nats": st.floats(1, 20),
        "mono": st.booleans(),
        "invert": st.booleans(),
        **{
            name: st.sampled_from(settings_in(BlendSettings)[name].choices)
            for name in ("fit", "mixing", "viewer")
        },
    }
)
PICTURES = st.fixed_dictionaries(
    {
        "rows": st.integers(15, 60),
        "columns": st.integers(15, 60),
        "kind": st.sampled_from(["noise", "constant", "black", "one pixel"]),
    }
)
TRACKS = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([8000, 11_025, 16_000]),
        "seconds": st.sampled_from([0.8, 1.3, 2.0]),
        "channels": st.integers(1, 2),
        "kind": st.sampled_from(["noise", "tone", "click", "nearly silent", "opposite"]),
    }
)

PLAIN_ENCODER = {
    "sample_rate": 8000,
    "n_fft": 256,
    "overlap": 4,
    "duration_s": 1.0,
    "start_s": 0.0,
    "low_hz": 0.0,
    "high_hz": None,
    "grid_height": 8,
    "grid_width": None,
    "smoothing_sigma": 3.0,
    "gamma": 1.0,
    "range_nats": 12.0,
    "mono": False,
    "invert": False,
    "fit": "stretch",
    "mixing": "log",
    "viewer": "own",
}
PLAIN_PICTURE = {"rows": 40, "columns": 50, "kind": "noise"}
PLAIN_TRACK = {"rate": 8000, "seconds": 2.0, "channels": 2, "kind": "noise"}


def save_picture(path, rows, columns, kind):
    pixels = np.zeros((rows, columns), np.uint8)
    if kind == "noise":
        pixels = np.random.default_rng(rows).integers(0, 256, (rows, columns), np.uint8)
    elif kind == "constant":
        pixels += 90
    elif kind == "one pixel":
        pixels[0, 0] = 255
    Image.fromarray(pixels).save(path)


def save_track(path, rate, seconds, channels, kind):
    t = np.arange(max(1, round(rate * seconds))) / rate
    noise = np.random.default_rng(rate).uniform(-0.5, 0.5, (channels, len(t)))
    wave = {
        "noise": noise,
        "tone": 0 * noise + 0.5 * np.sin(2 * np.pi * 440 * t),
        "click": 0 * noise + (np.arange(len(t)) == len(t) // 2),
        "nearly silent": 1e-4 * noise,
        "silent": 0 * noise,
        "opposite": noise[:1] * [[1], [-1]],
    }[kind]
    soundfile.write(path, wave.T, rate, subtype="FLOAT")


def losses_of(encoder, picture, track):
    """Every loss that a search starts from, for three grids, and what the viewers replay."""
    changes = dict(encoder)
    changes["hop_length"] = changes["n_fft"] // changes.pop("overlap")
    with tempfile.TemporaryDirectory() as folder:
        save_picture(Path(folder) / "picture.png", **picture)
        save_track(Path(folder) / "track.wav", **track)
        prepared = prepare(
            Path(folder) / "picture.png", Path(folder) / "track.wav", blend_settings(**changes)
        )
    mixture, chosen = prepared.mixture, prepared.settings
    assert mixture.audio_in_band.shape == mixture.picture.shape == mixture.image.shape
    shape = chosen.grid_height, min(chosen.grid_shape[1], mixture.picture.shape[1])
    basis = MaskBasis(tuple(mixture.picture.shape), shape, chosen.smoothing_sigma)
    exact, estimator = ExactLosses(mixture, basis), estimator_for(mixture, basis)
    random = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    found = []
    for grid in (torch.zeros(shape), random, torch.ones(shape)):
        found += [*exact(grid), *estimator.losses(grid)]
        found += [estimator.gradient(grid, 0.1).abs().sum().item()]
    found += [cells.sum().item() for cells in estimator.constant_cells(torch.tensor([0.0, 1.0]))]
    mid = prepared.waveform.mean(dim=0)
    for view in prepared.views:
        found += view.losses(mid)
        found += [loss_and_direction(view, mid, 0.1, (0, 0))[1].abs().sum().item()]
    return found


# Bounded: every example writes two files and analyses them.
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(encoder=ENCODERS, picture=PICTURES, track=TRACKS)
@example(PLAIN_ENCODER, PLAIN_PICTURE, PLAIN_TRACK)
@example(PLAIN_ENCODER | {"mixing": "linear", "range_nats": 20.0}, PLAIN_PICTURE, PLAIN_TRACK)
@example(PLAIN_ENCODER, PLAIN_PICTURE | {"kind": "black"}, PLAIN_TRACK | {"kind": "nearly silent"})
@example(PLAIN_ENCODER, PLAIN_PICTURE, PLAIN_TRACK | {"kind": "click"})
@example(PLAIN_ENCODER, PLAIN_PICTURE, PLAIN_TRACK | {"kind": "silent"})
@example(PLAIN_ENCODER, PLAIN_PICTURE, PLAIN_TRACK | {"seconds": 0.01})
@example(PLAIN_ENCODER, PLAIN_PICTURE | {"rows": 1, "columns": 1}, PLAIN_TRACK)
def test_a_sentence_or_finite_losses(encoder, picture, track):
    check(encoder, picture, track)


# Windows and ranges of which half or double is needed as well, and an odd one.
@pytest.mark.parametrize(
    "changes",
    [
        {"n_fft": 99, "overlap": 3},
        {"n_fft": 68, "viewer": "any"},
        {"n_fft": 200, "overlap": 8, "viewer": "any"},
        {"low_hz": 500.0, "high_hz": 1000.0, "viewer": "any"},
        {"n_fft": 64, "viewer": "any"},
        {"duration_s": 0.35, "viewer": "any"},
    ],
    ids=str,
)
def test_awkward_windows(changes):
    check(PLAIN_ENCODER | changes, PLAIN_PICTURE, PLAIN_TRACK)


def check(encoder, picture, track):
    try:
        losses = losses_of(encoder, picture, track)
    except InputError as error:
        sentence = str(error)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return
    assert all(math.isfinite(value) for value in losses)
    for visual in losses[0:15:5]:
        # SSIM is in [-1, 1], but for differences of float32 squares over C2 = 9e-4.
        assert -1e-3 <= visual <= 2 + 1e-3
    assert min(losses[1:15:5]) >= 0
