"""The bundled first result: whole, small, of this place only, and true to its figures."""

import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from examples.make_first import FIRST, SETTINGS, files_of
from moss.blending.prepare import prepare
from moss.media import read_audio
from moss.results.recorded import read_recorded
from moss.settings.presets import blend_settings
from moss.signal.loudness import integrated_loudness
from moss.signal.pareto import REFERENCE_POINTS, hypervolume, non_dominated

FILES = sorted(path for path in FIRST.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def recorded():
    return read_recorded(FIRST)


@pytest.fixture(scope="module")
def summary(recorded):
    return recorded.summary


@pytest.fixture(scope="module")
def prepared(recorded):
    picture, audio = (recorded.input(kind, instead="") for kind in ("picture", "audio"))
    return prepare(picture, audio, blend_settings(**recorded.settings))


def heard(point, prepared):
    waveform, sample_rate = read_audio(FIRST / point["file"])
    assert sample_rate == prepared.settings.sample_rate
    assert waveform.shape == prepared.waveform.shape
    return waveform


def test_it_is_small_enough_to_bundle():
    sizes = [path.stat().st_size for path in FILES]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 7_000_000
    assert all(path.stat().st_size < 120_000 for path in FIRST.glob("front/*.webp"))


def test_its_files_are_those_that_the_summary_names(summary):
    sounds = {FIRST / file for file in files_of(summary)}
    pictures = {(FIRST / point["file"]).with_suffix(".webp") for point in summary["points"]}
    others = {"summary.json", "results.npy", "pareto_front.png", "pareto_evolution.gif"}
    others |= {"pareto_morph.gif", summary["morph"]["file"]}
    assert set(FILES) == sounds | pictures | {FIRST / name for name in others}
    assert set(summary["chosen"].values()) <= files_of(summary)


def test_it_tells_of_its_settings_and_of_nobodys_machine(recorded):
    assert recorded.settings.items() >= SETTINGS.items()
    paths = [about["path"] for about in recorded.summary["inputs"].values()]
    assert paths == ["../fern.jpg", "../pad.ogg"]
    assert '"/' not in (FIRST / "summary.json").read_text(encoding="utf-8")


def test_every_picture_and_animation_decodes(summary):
    for point in summary["points"]:
        with Image.open((FIRST / point["file"]).with_suffix(".webp")) as picture:
            picture.load()
            assert picture.size == (1200, 700)
    for name in ("pareto_morph.gif", "pareto_evolution.gif"):
        with Image.open(FIRST / name) as animation:
            animation.seek(animation.n_frames - 1)
            assert animation.n_frames > 20


def test_the_film_lasts_as_long_as_the_sounds(summary):
    film = FIRST / summary["morph"]["file"]
    _, seconds = imageio_ffmpeg.count_frames_and_secs(film)
    assert seconds == pytest.approx(SETTINGS["duration_s"], abs=0.1)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", film, "-map", "0:a"]
    sound = subprocess.run(
        [*command, "-f", "s16le", "-ac", "1", "-ar", "8000", "-"], capture_output=True, check=True
    )
    samples = np.frombuffer(sound.stdout, "<i2")
    assert len(samples) == pytest.approx(8000 * SETTINGS["duration_s"], rel=0.02)
    assert np.abs(samples).max() > 1000


def test_its_points_go_from_music_to_picture(summary):
    designed = np.array([point["designed"] for point in summary["points"]])
    assert len(designed) == SETTINGS["representatives"]
    assert (np.diff(designed[:, 0]) < 0).all()
    assert (np.diff(designed[:, 1]) > 0).all()
    front = np.array(summary["front"])
    assert non_dominated(front).all()
    reference = REFERENCE_POINTS[summary["settings"]["audio_loss"]]
    found = hypervolume(front, reference)
    assert summary["hypervolume"]["designed"] == pytest.approx(found)
    assert found > hypervolume(np.array(summary["seeds"]), reference)


def test_the_sounds_replay_what_the_summary_says(summary, prepared):
    for point in summary["points"]:
        mid = heard(point, prepared).mean(dim=0) / 10 ** (point["gain_db"] / 20)
        # Another processor's FFT rounds the last bits of a float32 otherwise.
        np.testing.assert_allclose(prepared.views[0].losses(mid), point["replayed"], atol=1e-4)


def test_the_sounds_are_equally_loud(summary, prepared):
    for point in summary["points"]:
        loudness = integrated_loudness(heard(point, prepared), prepared.settings.sample_rate)
        assert loudness == pytest.approx(point["loudness_lufs"], abs=0.01)
        assert loudness == pytest.approx(summary["points"][0]["loudness_lufs"], abs=0.1)


def test_the_original_is_the_part_of_the_track(summary, prepared):
    original = heard(summary["original"], prepared)
    # At its own loudness already, so the two differ by the rounding to 16 bits and its shaping.
    np.testing.assert_allclose(original, prepared.waveform, atol=2e-3)


def test_the_masks_are_those_of_the_points(summary):
    results = np.load(FIRST / "results.npy", allow_pickle=False)
    np.testing.assert_allclose(results["designed"], summary["front"])
    for point in summary["points"]:
        row = results[point["index"]]
        np.testing.assert_allclose(row["designed"], point["designed"])
        np.testing.assert_allclose(row["replayed"], point["replayed"])
    pure_music, pure_picture = (results["mask"][k] for k in (0, -1))
    assert not pure_music.any()
    assert (pure_picture == 255).all()
