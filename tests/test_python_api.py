"""What a Python user imports from moss: work with a result, from a folder or from memory."""

import pkgutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import moss
from tests.small import EXAMPLES, PAD, PICTURE, SMALL

SOUND = moss.sonify_settings(sample_rate=8000, n_fft=512, hop_length=128, duration_s=1.0)


@pytest.fixture(scope="module")
def in_a_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "run"
    return moss.blend(PICTURE, PAD, folder, SMALL, draw=False).result()


@pytest.fixture(scope="module")
def in_memory():
    return moss.blend(PICTURE, PAD, settings=SMALL).result()


def test_all_that_is_promised_is_there():
    for name in moss.__all__:
        assert getattr(moss, name).__name__ == name
    assert set(moss.__all__) <= set(dir(moss))
    with pytest.raises(AttributeError, match="no attribute 'glue'"):
        _ = moss.glue


def test_importing_it_imports_nothing_heavy():
    heavy = "{'torch', 'numpy', 'gradio', 'matplotlib', 'argparse'}"
    code = f"import sys, moss; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_engine_does_not_hide_the_functions():
    """A package of the same name would take the function's place once it is imported."""
    packages = {each.name for each in pkgutil.iter_modules(moss.__path__)}
    assert "blending" in packages and not packages & set(moss.__all__)


def test_a_run_in_memory_is_that_of_a_folder(in_a_folder, in_memory):
    assert in_memory.folder is None and in_a_folder.folder.is_dir()
    assert in_memory.sample_rate == in_a_folder.sample_rate == SMALL.sample_rate
    assert len(in_memory.sounds) == len(in_memory.points) > 1
    for one, other in zip(in_memory.points, in_a_folder.points, strict=True):
        assert one == other
    for point, mine, theirs in zip(
        in_a_folder.points, in_memory.sounds, in_a_folder.sounds, strict=True
    ):
        assert np.array_equal(mine, theirs)
        samples, rate = soundfile.read(in_a_folder.folder / point["file"], dtype="float32")
        assert rate == in_memory.sample_rate
        assert np.array_equal(samples.T, mine if mine.shape[0] > 1 else mine[0])


def test_undrawn_there_are_sounds_and_figures_alone(in_a_folder):
    left = {path.suffix for path in in_a_folder.folder.rglob("*") if path.is_file()}
    assert left == {".wav", ".npy", ".json"}
    morph = in_a_folder.folder / in_a_folder.summary["morph"]["file"]
    assert soundfile.info(morph).duration == pytest.approx(SMALL.duration_s, abs=1e-3)


def test_work_in_memory_leaves_no_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sound = moss.sonify([PICTURE], settings=SOUND).result()
    assert sound.folder is None and sound.sounds[0].shape == (1, 8000)
    assert sound.summary["visual_loss"] < 1 and sound.points == []
    assert list(tmp_path.iterdir()) == []


def test_work_is_an_iterator_of_events_that_ends_with_its_result(tmp_path):
    work = moss.sonify([PICTURE], tmp_path / "sound", SOUND, draw=False)
    *events, last = work
    assert last is work.result() is work.result() and last.folder == tmp_path / "sound"
    stages = [e.stage for e in events if isinstance(e, moss.RenderProgress)]
    assert list(dict.fromkeys(stages)) == ["reading", "sounds", "files"]


def test_closed_work_leaves_nothing_and_has_no_result(tmp_path):
    work = moss.blend(PICTURE, PAD, tmp_path / "run", SMALL)
    next(work)
    work.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError, match="begin it anew"):
        work.result()


def test_what_is_wrong_is_raised_by_the_result(tmp_path):
    with pytest.raises(moss.InputError, match="was not found"):
        moss.blend(tmp_path / "none.png", PAD, settings=SMALL).result()
    assert issubclass(moss.InputError, moss.MossError)
    with pytest.raises(moss.InputError, match="nothing to sound"):
        moss.sonify([], settings=SOUND).result()


def test_a_run_goes_on_in_memory(in_a_folder):
    aim = moss.Aim(toward="picture", point=1)
    on = moss.steer(in_a_folder.folder, None, aim).result()
    assert on.folder is None and on.summary["steered"]["new"]
    assert len(on.sounds) == len(on.points) > len(in_a_folder.points)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.PNG", "picture"), ("b.mov", "video"), ("c.npy", "array"), ("d", "picture")],
)
def test_the_kind_of_a_mere_path_is_told_by_its_suffix(name, kind):
    from moss.usecases.sonify import source_of

    assert source_of(EXAMPLES / name).kind == kind
