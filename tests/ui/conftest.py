"""Films and animations of runs that are about the page: the bundled ones stand in for them.

Drawing them takes longer than all the rest of a small run, and tests/render draws them.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from moss.results import draw_run, write_sonified
from moss.ui.bundled import FIRST, FIRST_SOUND

STAND_INS = {
    (draw_run, "save_evolution_gif"): FIRST / "pareto_evolution.gif",
    (draw_run, "save_front_plot"): FIRST / "pareto_front.png",
    (draw_run, "save_morph_film"): FIRST / "pareto_morph.mp4",
    (draw_run, "save_morph_gif"): FIRST / "pareto_morph.gif",
    (write_sonified, "save_playhead_film"): FIRST_SOUND / "sound.mp4",
}
REAL = {(module, name): getattr(module, name) for module, name in STAND_INS}


@pytest.fixture(scope="package", autouse=True)
def stand_ins() -> Iterator[None]:
    """Copies of the bundled films and animations instead of a run's own."""

    def copier(file: Path):
        return lambda path, *_, **__: shutil.copyfile(file, path)

    with pytest.MonkeyPatch.context() as patch:
        for (module, name), file in STAND_INS.items():
            patch.setattr(module, name, copier(file))
        yield


@pytest.fixture
def own_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run's own films and animations, for a test of the whole way."""
    for (module, name), real in REAL.items():
        monkeypatch.setattr(module, name, real)
