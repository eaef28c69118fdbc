"""What the films share: where each frame is in time, and the playhead there."""

import numpy as np
import pytest

from moss.render.film import FRAMES_PER_SECOND, PLAYHEAD, draw_playhead, time_positions
from moss.render.style import ACCENT
from moss.render.video import planes_of, yuv_from_rgb

WIDTH, HEIGHT, BAR = 96, 54, 8


@pytest.mark.parametrize("duration_s", [0.01, 1.17, 2.4])
def test_a_frame_is_where_the_sound_is_at_its_time(duration_s):
    positions = time_positions(duration_s)
    assert len(positions) == max(1, round(duration_s * FRAMES_PER_SECOND))
    times = np.arange(len(positions)) / FRAMES_PER_SECOND
    np.testing.assert_allclose(positions, times / duration_s)
    assert (positions <= 1).all()


@pytest.mark.parametrize("position", [0, 0.3, 1])
def test_the_playhead_lies_at_the_same_place_in_all_planes_and_not_on_the_bar(position):
    frame = np.zeros((HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)
    draw_playhead(frame, position, HEIGHT - BAR)
    for plane, colour in zip(planes_of(frame), yuv_from_rgb(ACCENT), strict=True):
        pixel = WIDTH // plane.shape[1]
        rows, columns = np.nonzero(plane)
        assert set(rows) == set(range((HEIGHT - BAR) // pixel))
        assert (plane[rows, columns] == colour).all()
        assert len(set(columns)) == PLAYHEAD // pixel
        assert abs(pixel * columns.min() - position * (WIDTH - PLAYHEAD)) <= 1
