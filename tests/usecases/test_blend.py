"""What a viewer sees in the finished files of a blend, by way of other libraries than ours."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.signal
import soundfile
from PIL import Image
from skimage.metrics import structural_similarity

from moss.blending.prepared import prepare
from moss.usecases.blend import blend
from tests.small import PAD, PICTURE, SMALL

FEW = replace(SMALL, generations=0, representatives=3, effort=0.5)
ROWS = 200  # of a viewer's axis


def magnitudes_of(samples, settings):
    """The log magnitude (freq, time) of `samples` (n,), by SciPy."""
    window = scipy.signal.get_window("hann", settings.n_fft)
    overlap = settings.n_fft - settings.hop_length
    _, _, spectrum = scipy.signal.stft(
        samples, window=window, nperseg=settings.n_fft, noverlap=overlap
    )
    magnitude = np.abs(spectrum[:, : 1 + len(samples) // settings.hop_length]) * window.sum()
    return np.log(np.maximum(magnitude, 1e-9))


def on_axis(levels, place, low_hz, settings):
    """`levels` (freq, time) on `ROWS` rows that are evenly apart on an axis where `place(hz)` is.

    The axis goes from `low_hz` to half of the sample rate.
    """
    hz = np.arange(1, len(levels)) * settings.sample_rate / settings.n_fft
    wanted = np.linspace(place(low_hz), place(settings.sample_rate / 2), ROWS)
    columns = [np.interp(wanted, place(hz), column) for column in levels[1:].T]
    return np.array(columns).T


def likeness(shown, picture):
    """The SSIM of what is shown, brightness in [0, 1], to a picture's file, stretched over it."""
    luma = Image.open(picture).convert("L").resize(shown.shape[::-1], Image.Resampling.LANCZOS)
    wanted = np.asarray(luma, float)[::-1]
    wanted = (wanted - wanted.min()) / np.ptp(wanted)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return structural_similarity(shown, wanted, data_range=1, **options)


# Where each axis has a frequency, and where it begins. Mel is that of HTK.
AXES = {
    "linear": (lambda hz: hz, 0.0),
    "log": (np.log2, 40.0),
    "mel": (lambda hz: np.log1p(hz / 700), 0.0),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """{scale: what the file of the pure picture shows, brightness (freq, time)}."""
    shown = {}
    for scale in AXES:
        folder = tmp_path_factory.mktemp("scales") / scale
        settings = replace(FEW, scale=scale)
        run = blend(PICTURE, PAD, folder, settings, draw=False).result()
        point = run.points[-1]
        samples, _ = soundfile.read(folder / point["file"], always_2d=True)
        mid = samples.mean(axis=1) / 10 ** (point["gain_db"] / 20)
        display = prepare(PICTURE, PAD, settings).mixture.display
        levels = (magnitudes_of(mid, settings) - display.low) / (display.high - display.low)
        shown[scale] = np.clip(levels, 0, 1)
    return shown


@pytest.mark.parametrize("scale", AXES)
def test_the_picture_is_right_in_a_viewer_with_the_axis_that_it_was_made_for(seen, scale):
    found = {
        made_for: likeness(on_axis(levels, *AXES[scale], FEW), PICTURE)
        for made_for, levels in seen.items()
    }
    others = [found[made_for] for made_for in AXES if made_for != scale]
    assert found[scale] > max(others) + 0.15
