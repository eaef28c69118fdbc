"""What a viewer sees in the finished files of a blend, by way of other libraries than ours."""

import json
from dataclasses import replace

import numpy as np
import pytest
import scipy.signal
import soundfile
from PIL import Image
from skimage.metrics import structural_similarity

from moss.blending.prepare import prepare
from moss.cli.main import main
from moss.errors import InputError
from moss.media import load_audio
from moss.results.run import Run
from moss.settings.presets import blend_settings
from moss.usecases.blend import blend
from moss.usecases.render_point import render_point
from tests.small import EXAMPLES, PAD, PICTURE, SMALL

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


# Channels

SECOND = EXAMPLES / "fern.jpg"


def finished(folder, channel, second=None):
    settings = replace(FEW, channel=channel, bit_depth=24)
    return blend(PICTURE, PAD, folder, settings, second_picture=second).result()


@pytest.fixture(scope="module")
def side_run(once):
    return read(once("side-run", lambda folder: finished(folder, "side")))


@pytest.fixture(scope="module")
def two_pictures(once):
    return read(once("two-pictures", lambda folder: finished(folder, "left-right", SECOND)))


def part_of(track):
    """The part of a track that the runs have, (channels, samples)."""
    return load_audio(track, sample_rate=FEW.sample_rate, duration_s=FEW.duration_s).numpy()


def read(folder):
    return Run(folder, json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def sound_of(run, point):
    """The sound of a point at the level of the track, (channels, samples), decoded again."""
    samples, _ = soundfile.read(run.folder / point["file"], always_2d=True)
    return samples.T / 10 ** (point["gain_db"] / 20)


def shown_of(samples, picture, run):
    """How alike a picture and what is shown of `samples` (n,) are."""
    settings = blend_settings(**run.summary["settings"])
    display = prepare(PICTURE, PAD, settings).mixture.display
    levels = (magnitudes_of(samples, settings) - display.low) / (display.high - display.low)
    return likeness(np.clip(levels, 0, 1), picture)


def test_a_picture_in_the_side_is_seen_there_and_gone_in_mono(side_run):
    track = part_of(PAD)
    left, right = sound_of(side_run, side_run.points[-1])
    assert shown_of((left - right) / 2, PICTURE, side_run) > 0.5
    # What is left in mono is the track in mono, but for the rounding of a file of 24 bits.
    error = (left + right) / 2 - track.mean(axis=0)
    assert np.sqrt((error**2).mean()) < 10 ** (-100 / 20)


def test_the_figures_of_a_side_are_those_of_its_file(side_run):
    for point in side_run.points:
        left, right = sound_of(side_run, point)
        similar = shown_of((left - right) / 2, PICTURE, side_run)
        assert point["replayed"][0] == pytest.approx(1 - similar, abs=0.02)


def test_left_and_right_show_their_own_pictures(two_pictures):
    left, right = sound_of(two_pictures, two_pictures.points[-1])
    likenesses = {
        (side, picture.stem): shown_of(samples, picture, two_pictures)
        for side, samples in (("left", left), ("right", right))
        for picture in (PICTURE, SECOND)
    }
    assert likenesses["left", "moon"] > likenesses["left", "fern"] + 0.2
    assert likenesses["right", "fern"] > likenesses["right", "moon"] + 0.2


def test_the_figures_of_left_and_right_are_reported_beside_their_mean(two_pictures):
    for point in [*two_pictures.points, two_pictures.summary["morph"]]:
        parts = np.array(point["replayed_by_channel"])
        assert parts.shape == (2, 2)
        assert point["replayed"] == pytest.approx(parts.mean(axis=0))
    for point in two_pictures.points:
        by_channel = zip(sound_of(two_pictures, point), (PICTURE, SECOND), strict=True)
        similar = [shown_of(samples, picture, two_pictures) for samples, picture in by_channel]
        visual = [losses[0] for losses in point["replayed_by_channel"]]
        assert visual == pytest.approx(1 - np.array(similar), abs=0.02)


def test_left_and_right_begin_with_the_track_and_move_together(two_pictures):
    points = two_pictures.points
    track = part_of(PAD)
    error = sound_of(two_pictures, points[0]) - track
    assert np.sqrt((error**2).mean()) < 10 ** (-100 / 20)
    visual = np.array([point["replayed_by_channel"] for point in points])[:, :, 0]
    assert (np.diff(visual, axis=0) < 0).all()


def test_the_morph_goes_from_the_music_to_the_pictures_in_both_channels(two_pictures):
    morph, track = (
        part_of(two_pictures.folder / two_pictures.summary["morph"]["file"]),
        part_of(PAD),
    )
    begin, end = slice(FEW.sample_rate // 3), slice(-FEW.sample_rate // 3, None)
    for made, channel in zip(morph, track, strict=True):
        # The picture comes in from the first moment.
        assert np.corrcoef(made[begin], channel[begin])[0, 1] > 0.8
        assert abs(np.corrcoef(made[end], channel[end])[0, 1]) < 0.5


def test_each_channel_has_a_spectrogram(two_pictures, side_run):
    for point in two_pictures.points:
        left = (two_pictures.folder / point["file"]).with_suffix(".png")
        right = left.with_stem(f"{left.stem}-right")
        assert not np.array_equal(np.asarray(Image.open(left)), np.asarray(Image.open(right)))
    assert not list(side_run.folder.glob("front/*-right.png"))


def test_a_run_with_two_pictures_goes_on_and_is_made_again(two_pictures, tmp_path, capsys):
    index = next(
        k
        for k in range(len(two_pictures.summary["front"]))
        if k not in [point["index"] for point in two_pictures.points]
    )
    point = render_point(two_pictures.folder, index, tmp_path / "point").result()
    assert len(point.figures["replayed_by_channel"]) == 2
    assert point.picture.with_stem(f"{point.picture.stem}-right").exists()
    again = ["blend", "--from", two_pictures.folder, "--output", tmp_path / "again"]
    assert main([str(each) for each in [*again, "--device", "cpu", "--json"]]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == two_pictures.summary["points"]
    mid = [*again[:-1], tmp_path / "mid", "--channel", "mid", "--duration", "2", "--json"]
    assert main([str(each) for each in mid]) == 0
    assert "second_picture" not in json.loads(capsys.readouterr().out)["inputs"]


@pytest.mark.parametrize("seconds", [0.2322, 0.24, 0.3])
def test_the_shortest_part_that_is_promised_is_blended_or_told(tmp_path, seconds):
    rate = 22_050
    settings = blend_settings("quick", effort=0.5, generations=0, representatives=3)
    noise = np.random.default_rng(0).uniform(-0.4, 0.4, (round(seconds * rate), 2))
    soundfile.write(tmp_path / "a.wav", noise, rate)
    *_, run = blend(PICTURE, tmp_path / "a.wav", tmp_path / "out", settings, draw=False)
    assert isinstance(run, Run)
    for sound in (tmp_path / "out" / "front").glob("*.wav"):
        assert len(load_audio(sound, sample_rate=rate)[0]) == len(noise)
    soundfile.write(tmp_path / "a.wav", noise[:5119], rate)
    with pytest.raises(InputError, match=r"0\.232 s long; at least 0\.233 s are needed"):
        list(blend(PICTURE, tmp_path / "a.wav", tmp_path / "no", settings, draw=False))
