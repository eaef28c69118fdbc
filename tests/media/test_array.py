"""An .npy file is painted as it lies, within [0, 1], or refused in one sentence."""

import io

import numpy as np
import pytest

from moss.errors import InputError
from moss.media import load_array


def saved(folder, values, **options):
    path = folder / "levels.npy"
    np.save(path, values, **options)
    return path


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_floats_within_0_and_1_stay(tmp_path, dtype, order):
    values = np.random.default_rng(0).random((9, 14)).astype(dtype, order=order) * 0.5
    loaded = load_array(saved(tmp_path, values))
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, values.astype(np.float32))


def test_bytes_are_divided_by_255(tmp_path):
    values = np.random.default_rng(0).integers(0, 200, (20, 8), np.uint8)
    np.testing.assert_allclose(load_array(saved(tmp_path, values)), values / 255, rtol=1e-6)


@pytest.mark.parametrize("low, high", [(-80, 0), (0, 1.5), (-1.7e308, 1.7e308), (1e-3, 60000)])
def test_other_floats_are_scaled_from_least_to_greatest(tmp_path, low, high):
    values = np.linspace(0, 1, 8 * 16).reshape(8, 16)
    scaled = low * (1 - values) + high * values
    np.testing.assert_allclose(load_array(saved(tmp_path, scaled)), values, atol=1e-6)


@pytest.mark.parametrize("value, level", [(-3, 0), (0, 0), (0.25, 0.25), (1, 1), (7, 1)])
def test_constant_is_clipped(tmp_path, value, level):
    loaded = load_array(saved(tmp_path, np.full((8, 8), float(value))))
    np.testing.assert_array_equal(loaded, np.full((8, 8), level, np.float32))


@pytest.mark.parametrize(
    "values, says",
    [
        (np.zeros(64), "rank 1"),
        (np.zeros((8, 8, 3)), "rank 3"),
        (np.zeros((8, 8), bool), "bool"),
        (np.zeros((8, 8), np.int16), "int16"),
        (np.zeros((8, 8), complex), "complex128"),
        (np.zeros((8, 8), [("é", "f4")]), "npy"),
        (np.full((8, 8), None), "object"),
        (np.zeros((7, 8)), "at least 8 x 8"),
        (np.zeros((8, 0)), "at least 8 x 8"),
        (np.full((8, 8), np.nan), "finite"),
        (np.where(np.eye(8), np.inf, 0), "finite"),
        (np.where(np.eye(8), -np.inf, 0), "finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
def test_what_is_no_levels_is_refused(tmp_path, values, says):
    with pytest.raises(InputError, match=says):
        load_array(saved(tmp_path, values, allow_pickle=True))


def header(shape):
    raw = io.BytesIO()
    fields = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(raw, fields)
    return raw.getvalue()


@pytest.mark.parametrize(
    "content, says",
    [
        (header((10**9, 10**9)) + bytes(100), "too many values"),
        (header((-8, -8)) + bytes(256), "at least"),
        (header((8, 8)) + bytes(255), "cut short"),
        (header((8, 8)), "cut short"),
        (header((8, 8))[:40], "not an .npy"),
        (b"\x93NUMPY\x01\x00\x06\x00((((((", "not an .npy"),
        (b"\x80\x04K\x01.", "not an .npy"),
        (b"PK\x03\x04" + bytes(60), "not an .npy"),
        (b"", "empty"),
    ],
)
def test_broken_file_is_refused(tmp_path, content, says):
    path = tmp_path / "levels.npy"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        load_array(path)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="not found"):
        load_array(tmp_path / "none.npy")
