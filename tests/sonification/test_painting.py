"""A painting becomes sound: its tones have the pitch, the time and the loudness of their rows."""

from itertools import pairwise

import numpy as np
import pytest

from moss.errors import InputError
from moss.media import read_audio
from moss.sonification.painting import (
    HOP,
    MAX_COLUMNS,
    ROWS,
    SAMPLE_RATE,
    load_painting,
    painted_sound,
    row_hz,
)
from tests.hearing import onset_s, pitch_hz

ROWS_PAINTED = (405, 380, 300, 240, 180, 120, 60, 5)


def heard(levels, tmp_path):
    for _ in painted_sound(levels, tmp_path / "sound.wav"):
        pass
    waveform, rate = read_audio(tmp_path / "sound.wav")
    assert rate == SAMPLE_RATE
    return waveform[0].double().numpy()


def notes(length=14, level=1.0):
    levels = np.zeros((ROWS, 8 + 20 * len(ROWS_PAINTED)), np.float32)
    spans = []
    for k, row in enumerate(ROWS_PAINTED):
        begin = 8 + 20 * k
        levels[row, begin : begin + length] = level
        spans.append((row_hz()[row], begin, begin + length))
    return levels, spans


def test_the_rows_are_twenty_cents_apart_from_55_to_7040_hz():
    hz = row_hz()
    assert hz[0] == 7040
    assert hz[-1] == 55
    np.testing.assert_allclose(1200 * np.log2(hz[:-1] / hz[1:]), 20)


def test_each_row_is_heard_at_its_pitch_and_in_its_time(tmp_path):
    levels, spans = notes()
    sound = heard(levels, tmp_path)
    assert len(sound) == levels.shape[1] * HOP
    for hz, begin, end in spans:
        middle = sound[(begin + 4) * HOP : (end - 3) * HOP]
        cents = 1200 * np.log2(pitch_hz(middle, SAMPLE_RATE, 40, 8000) / hz)
        assert abs(cents) < 5
        late_s = onset_s(sound, SAMPLE_RATE, hz, begin * HOP, end * HOP) - begin * HOP / SAMPLE_RATE
        assert abs(late_s) < 0.03


def test_rows_of_one_brightness_are_equally_loud(tmp_path):
    levels, spans = notes()
    sound = heard(levels, tmp_path)
    loud = [sound[(a + 4) * HOP : (b - 4) * HOP].std() for _, a, b in spans]
    assert max(loud) / min(loud) < 10 ** (3 / 20)


def test_brightness_is_loudness_in_nats(tmp_path):
    levels, spans = notes()
    levels[:, spans[3][1] : spans[3][2]] *= 0.75
    sound = heard(levels, tmp_path)
    full, dim = (sound[(a + 4) * HOP : (b - 4) * HOP].std() for _, a, b in spans[2:4])
    assert np.log(full / dim) == pytest.approx(3, abs=0.3)


def test_an_area_is_one_band_without_gaps(tmp_path):
    levels = np.zeros((ROWS, 86), np.float32)
    levels[30:90] = 1
    sound = heard(levels, tmp_path)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    low, high = row_hz()[[89, 30]]
    edges = np.linspace(low, high, 40)
    power = np.array([spectrum[(hz > a) & (hz < b)].mean() for a, b in pairwise(edges)])
    outside = spectrum[((hz > 60) & (hz < low / 1.1)) | ((hz > high * 1.1) & (hz < 8000))].mean()
    assert power.min() > 1000 * outside


@pytest.mark.parametrize(
    "shape, told", [((100, 60), "100 rows"), ((ROWS, MAX_COLUMNS + 1), "longer than 60 s")]
)
def test_what_is_no_painting_is_refused(tmp_path, shape, told):
    np.save(tmp_path / "other.npy", np.ones(shape, np.uint8))
    with pytest.raises(InputError, match=told):
        load_painting(tmp_path / "other.npy")


def test_an_empty_painting_is_refused(tmp_path):
    np.save(tmp_path / "empty.npy", np.zeros((ROWS, 44), np.uint8))
    with pytest.raises(InputError, match="nothing on the painting"):
        load_painting(tmp_path / "empty.npy")
