"""A track behind a painting: its tones stand at their rows and times."""

import numpy as np
import pytest
import torch

from moss.errors import InputError
from moss.media import write_audio
from moss.sonification.backdrop import track_levels
from moss.sonification.painting import HOP, MAX_COLUMNS, ROWS, SAMPLE_RATE, row_hz


def tone(hz, seconds=1.0, level=0.5):
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def levels_of(tmp_path, samples):
    write_audio(tmp_path / "track.wav", torch.from_numpy(samples)[None], SAMPLE_RATE, 24)
    return track_levels(tmp_path / "track.wav")


@pytest.mark.parametrize("row", [3, 60, 150, 240, 301, 344, 380, 400])
def test_a_tone_is_brightest_at_its_row(tmp_path, row):
    levels = levels_of(tmp_path, tone(row_hz()[row]))
    assert levels.shape == (ROWS, 43)
    assert abs(int(levels[:, 20].argmax()) - row) <= 1
    assert levels.max() > 0.97
    assert np.median(levels[:, 20]) < 0.2


def test_12_nats_below_the_loudest_is_black(tmp_path):
    loud, quiet, lost = row_hz()[[100, 200, 300]]
    samples = tone(loud) + tone(quiet, level=0.5 * np.exp(-6)) + tone(lost, level=0.5 * np.exp(-13))
    levels = levels_of(tmp_path, samples)[:, 20]
    assert levels[200] == pytest.approx(0.5, abs=0.02)
    assert levels[295:306].max() == 0


def test_a_tone_begins_at_its_column(tmp_path):
    silence = np.zeros(40 * HOP, np.float32)
    levels = levels_of(tmp_path, np.concatenate([silence, tone(440, 2.0)]))
    row = int(levels[:, 80].argmax())
    # Amid the window that is half filled, half of the amplitude is there: ln 2 of 12 nats less.
    half = levels[row, 80] - np.log(2) / 12
    before, after = levels[row, 39:41]
    assert before < half < after


def test_of_a_long_track_the_first_minute_is_seen_and_of_a_short_one_a_column(tmp_path):
    assert levels_of(tmp_path, tone(440, 61)).shape == (ROWS, round(60 * SAMPLE_RATE / HOP))
    assert levels_of(tmp_path, tone(440, 0.005)).shape == (ROWS, 1)
    assert round(60 * SAMPLE_RATE / HOP) <= MAX_COLUMNS


def test_silence_is_refused(tmp_path):
    with pytest.raises(InputError, match="silent"):
        levels_of(tmp_path, np.zeros(SAMPLE_RATE, np.float32))
