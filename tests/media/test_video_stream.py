"""Of several films in a file the right one is seen."""

import numpy as np
import pytest

from tests.media.films import ffmpeg, filmed, loaded


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize(
    "default, expected", [(0, 60), (1, 220), (None, 220)], ids=["first", "second", "largest"]
)
def test_default_film_of_several_is_seen_and_else_the_largest(tmp_path, suffix, default, expected):
    small = filmed(tmp_path / "small.mp4", np.full((25, 64, 96), 60, np.uint8), 25)
    large = filmed(tmp_path / "large.mp4", np.full((25, 128, 192), 220, np.uint8), 25)
    path = tmp_path / f"clip{suffix}"
    ffmpeg(
        *("-i", small, "-i", large, "-map", "0", "-map", "1", "-c", "copy"),
        *("-disposition:v", "default" if default is None else "0"),
        *(() if default is None else (f"-disposition:v:{default}", "default")),
        path,
    )
    assert np.abs(loaded(path).luma.astype(int) - expected).max() <= 4
