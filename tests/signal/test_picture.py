"""A picture stands upright in the spectrogram, whatever its shape and fit."""

import numpy as np
import pytest
import torch
from PIL import Image

from moss.signal.picture import picture_on_grid

FITS = ["stretch", "crop", "pad"]


def random_luma(rows, columns, seed=0):
    return np.random.default_rng(seed).random((rows, columns)).astype(np.float32)


@pytest.mark.parametrize("fit", FITS)
def test_bottom_of_the_picture_is_at_the_low_frequencies(fit):
    luma = np.zeros((40, 60), np.float32)
    luma[30:] = 1
    laid = picture_on_grid(luma, (24, 36), fit)
    assert laid[:4].min() > 0.9
    assert laid[-12:].max() < 0.1


@pytest.mark.parametrize("fit", FITS)
def test_left_of_the_picture_comes_first(fit):
    luma = np.zeros((40, 60), np.float32)
    luma[:, :15] = 1
    laid = picture_on_grid(luma, (24, 36), fit)
    assert laid[:, :6].min() > 0.9
    assert laid[:, -18:].max() < 0.1


def test_same_size_is_only_turned_over():
    luma = random_luma(12, 20)
    luma[0, 0], luma[0, 1] = 0, 1  # full contrast already
    laid = picture_on_grid(luma, (12, 20))
    assert torch.equal(laid, torch.from_numpy(luma[::-1].copy()))


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("size", [(12, 12), (90, 31), (31, 90), (2, 300), (300, 2)])
@pytest.mark.parametrize("shape", [(24, 36), (50, 20), (11, 11)])
def test_fills_the_shape_with_full_contrast(size, shape, fit):
    laid = picture_on_grid(random_luma(*size), shape, fit)
    assert laid.shape == shape
    assert laid.dtype == torch.float32
    # Stretched to full contrast: both ends are reached, but for a rounding of float32.
    assert laid.min().item() == 0
    assert laid.max().item() == pytest.approx(1, abs=1e-6)
    assert laid.max().item() <= 1


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("fit", ["stretch", "crop"])
def test_constant_picture_keeps_its_value(value, fit):
    laid = picture_on_grid(np.full((20, 50), value, np.float32), (16, 16), fit)
    # The resampling weights sum to 1 within float32.
    torch.testing.assert_close(laid, torch.full((16, 16), value), rtol=0, atol=1e-6)


def test_crop_keeps_the_middle():
    luma = np.zeros((20, 60), np.float32)
    luma[:, 20:40] = np.linspace(1, 0.5, 20)[:, None]  # only this square is in the crop
    laid = picture_on_grid(luma, (20, 20), "crop")
    assert laid[0].max() < 0.01
    assert laid[-1].min() > 0.99
    assert laid[10].std() < 1e-3  # none of the black sides is left in it


def test_pad_keeps_everything_and_adds_black_on_both_sides():
    luma = np.full((20, 60), 0.5, np.float32)
    luma[10:] = 1
    laid = picture_on_grid(luma, (60, 60), "pad")
    assert laid[:18].max() < 0.05
    assert laid[-18:].max() < 0.05
    assert laid[22:28].min() > 0.95
    assert laid[32:38].min() > 0.45


def test_pad_of_a_thread_of_pixels_needs_no_more_room_than_the_spectrogram():
    thread = np.ones((8, 1_000_000), np.float32)  # padded at its own size it were a terabyte
    laid = picture_on_grid(thread, (64, 128), "pad")
    assert laid.shape == (64, 128)
    assert laid.sum() == 128  # one row of it


def test_fits_agree_where_the_proportions_are_the_same():
    luma = random_luma(30, 45)
    stretched, cropped, padded = (picture_on_grid(luma, (20, 30), fit) for fit in FITS)
    assert torch.equal(stretched, cropped)
    assert torch.equal(stretched, padded)


@pytest.mark.parametrize("fit", FITS)
def test_input_is_not_changed(fit):
    luma = random_luma(33, 20)
    before = luma.copy()
    laid = picture_on_grid(luma, (24, 36), fit)
    laid.zero_()
    assert np.array_equal(luma, before)


def test_same_size_result_does_not_share_the_inputs_memory():
    luma = random_luma(12, 20)
    before = luma.copy()
    picture_on_grid(luma, (12, 20)).zero_()
    assert np.array_equal(luma, before)


def test_a_picture_is_resized_as_asked():
    rows, columns = np.mgrid[0:40, 0:50]
    luma = (0.5 + 0.5 * np.sin(rows) * np.cos(columns)).astype(np.float32)
    shape = (17, 23)
    for name, resampling in (
        ("lanczos", Image.Resampling.LANCZOS),
        ("bilinear", Image.Resampling.BILINEAR),
    ):
        resized = np.asarray(Image.fromarray(luma).resize(shape[::-1], resampling))
        expected = (resized - resized.min()) / np.ptp(resized)
        shown = picture_on_grid(luma, shape, resampling=name).numpy()[::-1]
        # What rings beyond the picture's own values is cut off before.
        assert np.abs(shown - expected).max() < 0.05
    lanczos, bilinear = (
        picture_on_grid(luma, shape, resampling=x) for x in ("lanczos", "bilinear")
    )
    assert (lanczos - bilinear).abs().max() > 0.05
