import subprocess
from concurrent.futures import ThreadPoolExecutor

import imageio.v3 as iio
import imageio_ffmpeg
import matplotlib
import numpy as np
import pytest
import soundfile
from PIL import Image

from moss.errors import OutputError
from moss.render import (
    drawable,
    save_front_plot,
    save_morph_film,
    save_morph_gif,
    save_spectrogram,
    spectrogram_pixels,
)
from moss.render.front_axes import REPLAYED
from moss.render.spectrograms import BAR, PLOT
from moss.render.style import GROUND, MAGMA_SHADES, TEXT, magma
from moss.render.travel import arc_positions

LOW, HIGH = -9.0, 3.0
RANGE = {"low": LOW, "high": HIGH}
AXES = {**RANGE, "duration_s": 3.0, "sample_rate": 22050}
POINTS = np.array([[1.0, 0.0], [0.4, 0.5], [0.0, 2.0]])
GIF_HEIGHT = 270


def floor_lit(freq=64, time=96):
    """Log magnitudes that are bright in the lowest tenth of the frequencies and dark above."""
    log_magnitude = np.full((freq, time), LOW, dtype=np.float32)
    log_magnitude[: freq // 10 + 1] = HIGH
    return log_magnitude


def even(level, freq=64, time=96):
    """Log magnitudes that all lie at `level`, from 0 to 1, of the range."""
    return np.full((freq, time), LOW + level * (HIGH - LOW), dtype=np.float32)


def noise(seed, count=None, freq=257, time=300):
    rng = np.random.default_rng(seed)
    shape = (freq, time) if count is None else (count, freq, time)
    return rng.uniform(LOW, HIGH, shape).astype(np.float32)


def magma_at(level):
    return 255 * np.array(matplotlib.colormaps["magma"](float(level))[:3])


def packed(pixels):
    """One number for each colour of (..., 3)."""
    return np.asarray(pixels).astype(int) @ [65536, 256, 1]


# Spectrograms


def test_pixels_are_upright_magma_with_a_pixel_per_bin():
    log_magnitude = floor_lit()
    log_magnitude[-1, 0] = -np.inf
    log_magnitude[0, 1] = HIGH + 50
    before = log_magnitude.copy()
    pixels = spectrogram_pixels(log_magnitude, **RANGE)
    assert pixels.shape == (64, 96, 3) and pixels.dtype == np.uint8
    np.testing.assert_allclose(pixels[-1], np.tile(magma_at(1), (96, 1)), atol=1)
    np.testing.assert_allclose(pixels[0], np.tile(magma_at(0), (96, 1)), atol=1)
    np.testing.assert_array_equal(log_magnitude, before)


def test_pixels_grow_brighter_with_the_level():
    ramp = np.linspace(LOW, HIGH, 256, dtype=np.float32)[None]
    brightness = spectrogram_pixels(ramp, **RANGE).astype(int).sum(axis=2)[0]
    assert (np.diff(brightness) >= 0).all() and brightness[-1] > 500


@pytest.mark.parametrize("shape", [(64, 96), (1025, 1292), (513, 20), (3, 1)])
def test_spectrogram_file_stands_upright_between_its_axes(tmp_path, shape):
    save_spectrogram(tmp_path / "a.png", floor_lit(*shape), **AXES, title="A track")
    picture = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert picture.shape == (700, 1200, 3)
    left, top, right, bottom = PLOT
    np.testing.assert_allclose(picture[bottom - 1, left:right].mean(axis=0), magma_at(1), atol=3)
    np.testing.assert_allclose(picture[top, left:right].mean(axis=0), magma_at(0), atol=3)
    # Text on every side of it: the title, two scales with their names, and that of the levels.
    bar_right = BAR[2]
    for side in (
        picture[:top, left:right],
        picture[bottom:, left:right],
        picture[top:bottom, :left],
        picture[top:bottom, bar_right:],
    ):
        assert (side.min(axis=2) > 120).sum() > 50
        assert np.array_equal(side[-1, -1], GROUND)


def test_level_bar_runs_from_the_top_of_the_range_to_its_bottom(tmp_path):
    save_spectrogram(tmp_path / "a.png", floor_lit(), **AXES)
    left, top, right, bottom = BAR
    bar = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))[top:bottom, left:right]
    np.testing.assert_allclose(bar[0, 0], magma_at(1), atol=2)
    np.testing.assert_allclose(bar[len(bar) // 2, 0], magma_at(0.5), atol=3)
    np.testing.assert_allclose(bar[-1, 0], magma_at(0), atol=2)


def test_noise_stays_under_a_megabyte(tmp_path):
    save_spectrogram(tmp_path / "a.png", noise(0, freq=1025, time=1292), **AXES)
    assert (tmp_path / "a.png").stat().st_size < 1_000_000


@pytest.mark.parametrize(
    "title, left",
    [
        ("絵", ""),
        ("caf\udce9 2", "caf 2"),
        ("two\nlines\x07", "two lines"),
        ("été 絵 e\u0301", "été e\u0301"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_the_font_does_not_have_is_left_out_of_a_title(tmp_path, title, left):
    assert drawable(title) == left
    for name, text in (("a.png", title), ("b.png", left)):
        save_spectrogram(tmp_path / name, floor_lit(), **AXES, title=text)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_title_is_text_and_no_formula(tmp_path):
    save_spectrogram(tmp_path / "a.png", floor_lit(), **AXES, title=r"$\nosuch{ 50 % of $1_")
    picture = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert (picture[: PLOT[1]] == TEXT).all(axis=2).any()


def test_threads_draw_what_one_alone_draws(tmp_path):
    def draw(name, seed):
        save_spectrogram(tmp_path / name, noise(seed), **AXES, title=f"Point {seed}")
        return (tmp_path / name).read_bytes()

    alone = [draw(f"alone{n}.png", n) for n in range(6)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(draw, [f"together{n}.png" for n in range(6)], range(6)))
    assert together == alone


@pytest.mark.parametrize(
    ("log_magnitude", "low", "high"),
    [
        (np.zeros(5), 0, 1),
        (np.zeros((0, 5)), 0, 1),
        (np.zeros((2, 3, 4)), 0, 1),
        (np.zeros((4, 4)), 1, 1),
        (np.zeros((4, 4)), 0, np.nan),
    ],
)
def test_wrong_shapes_and_ranges_are_refused(tmp_path, log_magnitude, low, high):
    with pytest.raises(ValueError, match=r"shape|empty"):
        spectrogram_pixels(log_magnitude, low=low, high=high)
    with pytest.raises(ValueError, match=r"shape|empty"):
        save_spectrogram(tmp_path / "a.png", log_magnitude, **{**AXES, "low": low, "high": high})


# The front plot


def plot(path, **changed):
    given = {
        "seeds": np.array([[0.9, 0.3], [0.6, 1.0]]),
        "front": POINTS,
        "representatives": POINTS,
        "replayed": POINTS + np.array([[0, 0], [0.1, 0.1], [0.15, 0.1]]),
        "hypervolume_designed": 3.1,
        "hypervolume_replayed": 2.7,
        "chosen": {},
    }
    save_front_plot(path, **{**given, **changed})
    return np.asarray(Image.open(path).convert("RGB"))


def replayed_pixels(picture):
    return int((picture == REPLAYED).all(axis=2).sum())


def test_front_plot_shows_replayed_points_in_their_colour_and_leaves_out_what_was_not(tmp_path):
    whole = plot(tmp_path / "a.png")
    part = plot(tmp_path / "b.png", replayed=np.array([[1.0, 0.0], [np.nan] * 2, [0.15, 2.1]]))
    none = plot(
        tmp_path / "c.png", replayed=np.full((3, 2), np.nan), hypervolume_replayed=float("nan")
    )
    assert whole.shape == (800, 1200, 3) and np.array_equal(whole[0, 0], GROUND)
    assert replayed_pixels(whole) > replayed_pixels(part) > replayed_pixels(none) == 0


def test_front_plot_names_the_chosen(tmp_path):
    plain = plot(tmp_path / "a.png")
    named = plot(tmp_path / "b.png", chosen={"best_musical": 1, "balanced": 1, "a $b_{ c": 2})
    assert replayed_pixels(named) > replayed_pixels(plain)


@pytest.mark.parametrize("count", [0, 1])
def test_front_plot_takes_few_points(tmp_path, count):
    some = POINTS[:count]
    picture = plot(
        tmp_path / "a.png", seeds=some, front=POINTS[:1], representatives=some, replayed=some
    )
    assert (picture != GROUND).any()


def test_front_plot_refuses_replayed_rows_without_representatives(tmp_path):
    with pytest.raises(ValueError, match="3 representatives"):
        plot(tmp_path / "a.png", replayed=POINTS[:2])


# The morph


def test_arc_is_measured_in_the_spans_of_the_losses():
    np.testing.assert_allclose(arc_positions([[1, 0], [0.5, 2], [0, 4]]), [0, 0.5, 1])
    steps = np.hypot([0.6, 0.4], [0.25, 0.75])
    np.testing.assert_allclose(arc_positions(POINTS), [0, steps[0] / steps.sum(), 1])
    np.testing.assert_allclose(arc_positions(np.ones((5, 2))), [0, 0.25, 0.5, 0.75, 1])


def test_gif_travels_from_the_first_keyframe_to_the_last(tmp_path):
    keyframes = np.stack([floor_lit(), even(0.4), even(0.8)])
    before = keyframes.copy()
    save_morph_gif(tmp_path / "a.gif", keyframes, POINTS, **RANGE)
    frames = iio.imread(tmp_path / "a.gif", mode="RGB")
    assert frames.shape[0] == 64 and frames.shape[2] == 480
    pictures = frames[:, :GIF_HEIGHT].astype(float)
    np.testing.assert_allclose(pictures[0, -3].mean(axis=0), magma_at(1), atol=3)
    np.testing.assert_allclose(pictures[0, 3].mean(axis=0), magma_at(0), atol=3)
    # Two shades of 224 a pixel may lag behind; magma moves by up to 3 in 255 a shade.
    np.testing.assert_allclose(pictures[-1, 20, 20], magma_at(0.8), atol=8)
    brightness = pictures[:, 20, 20].sum(axis=1)
    assert (np.diff(brightness) >= 0).all()
    assert np.diff(brightness).max() < 0.1 * brightness.max()
    np.testing.assert_array_equal(keyframes, before)


def test_gif_has_only_the_colours_of_magma_and_loops_with_a_rest_at_both_ends(tmp_path):
    save_morph_gif(tmp_path / "a.gif", noise(1, 3), POINTS, **RANGE)
    frames = iio.imread(tmp_path / "a.gif", mode="RGB")
    assert np.isin(packed(frames[:, :GIF_HEIGHT]), packed(magma(MAGMA_SHADES))).all()
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.info["loop"] == 0
        durations = []
        for n in range(gif.n_frames):
            gif.seek(n)
            durations.append(gif.info["duration"])
    assert min(durations[0], durations[-1]) > 5 * max(durations[1:-1])


def test_gif_knob_moves_on_in_every_frame(tmp_path):
    save_morph_gif(tmp_path / "a.gif", [even(0.5)] * 3, POINTS, **RANGE)
    bars = iio.imread(tmp_path / "a.gif", mode="RGB")[:, GIF_HEIGHT:].astype(int)
    assert len(bars) == 64
    assert (np.abs(np.diff(bars, axis=0)).sum(axis=(1, 2, 3)) > 0).all()
    accented_columns = (bars[..., 1] - bars[..., 0] > 60).any(axis=1)
    fronts = [np.flatnonzero(columns).max() for columns in accented_columns]
    assert (np.diff(fronts) >= 0).all() and fronts[-1] - fronts[0] > 300


@pytest.mark.parametrize("max_bytes", [4_000_000, 700_000])
def test_gif_of_noise_keeps_to_its_size(tmp_path, max_bytes):
    points = np.linspace([1, 0], [0, 2], 12)
    save_morph_gif(tmp_path / "a.gif", noise(2, 12), points, **RANGE, max_bytes=max_bytes)
    assert (tmp_path / "a.gif").stat().st_size <= max_bytes
    assert len(iio.imread(tmp_path / "a.gif")) == 64


@pytest.mark.parametrize(
    ("keyframes", "points", "max_bytes"),
    [
        ([even(0)], POINTS[:1], 4_000_000),
        ([even(0), even(1)], POINTS, 4_000_000),
        ([even(0), even(1)], POINTS[:2], 1000),
    ],
)
def test_gif_refuses_what_it_cannot_make(tmp_path, keyframes, points, max_bytes):
    with pytest.raises(ValueError, match=r"keyframes|do not fit"):
        save_morph_gif(tmp_path / "a.gif", keyframes, points, **RANGE, max_bytes=max_bytes)
    assert not list(tmp_path.iterdir())


# The film


def clicks(path, duration_s, channels, sample_rate=22050):
    """A sound of short clicks at uneven times: its place in time can be found again."""
    rng = np.random.default_rng(3)
    waveform = 0.001 * rng.standard_normal((round(duration_s * sample_rate), channels))
    for at in (0.21, 0.5, 0.93):
        start = round(at * duration_s * sample_rate)
        waveform[start : start + 40] = 0.5
    soundfile.write(path, waveform, sample_rate)
    return waveform


def film_of(folder, duration_s=2.4, channels=1):
    waveform = clicks(folder / "a.wav", duration_s, channels)
    save_morph_film(
        folder / "a.mp4",
        [even(0.2), even(0.5), even(0.9)],
        **RANGE,
        wav_path=folder / "a.wav",
        duration_s=duration_s,
    )
    return waveform


def frames_of(path):
    reader = imageio_ffmpeg.read_frames(str(path))
    about = next(reader)
    width, height = about["size"]
    return about, np.stack([np.frombuffer(f, np.uint8).reshape(height, width, 3) for f in reader])


@pytest.mark.parametrize(("duration_s", "channels"), [(2.4, 1), (1.17, 2)])
def test_film_is_as_long_as_its_sound_and_in_step_with_it(tmp_path, duration_s, channels):
    waveform = film_of(tmp_path, duration_s, channels)
    about, frames = frames_of(tmp_path / "a.mp4")
    assert about["codec"] == "h264" and about["pix_fmt"].startswith("yuv420p")
    assert about["audio_codec"] == "aac"
    assert about["fps"] == 20 and frames.shape[1:] == (540, 960, 3)
    assert abs(len(frames) / 20 - duration_s) <= 1 / 20
    subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i"),
            *(tmp_path / "a.mp4", "-ar", "22050", tmp_path / "heard.wav"),
        ],
        check=True,
    )
    heard, _ = soundfile.read(tmp_path / "heard.wav", always_2d=True)
    assert heard.shape[1] == channels
    shared = min(len(heard), len(waveform))
    assert shared > len(waveform) - 22050 / 20
    likeness = np.fft.irfft(
        np.fft.rfft(heard[:shared, 0]) * np.fft.rfft(waveform[:shared, 0]).conj(), shared
    )
    shift = (np.argmax(likeness) + shared // 2) % shared - shared // 2
    assert abs(shift) <= 22050 // 1000  # a millisecond


def test_film_goes_from_the_first_keyframe_to_the_last_in_true_colours(tmp_path):
    film_of(tmp_path)
    _, frames = frames_of(tmp_path / "a.mp4")
    for n in (0, 24, 47):
        place = 2 * n / len(frames)
        level = np.interp(place, [0, 1, 2], [0.2, 0.5, 0.9])
        # H.264 and the rounding of BT.709 move a colour by a few steps.
        np.testing.assert_allclose(frames[n, 100, 700 if n < 40 else 300], magma_at(level), atol=6)


def test_film_playhead_moves_with_the_time(tmp_path):
    film_of(tmp_path)
    _, frames = frames_of(tmp_path / "a.mp4")
    for n in range(0, len(frames), 10):
        green = frames[n, 50:450, :, 1].astype(int).mean(axis=0)
        assert abs(int(np.argmax(green)) - 960 * n / len(frames)) <= 3


def test_film_starts_before_it_is_loaded_whole(tmp_path):
    film_of(tmp_path)
    data = (tmp_path / "a.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("missing", ["sound", "folder"])
def test_film_that_ffmpeg_cannot_make_is_one_sentence_and_no_file(tmp_path, missing):
    clicks(tmp_path / "a.wav", 1.0, 1)
    wav_path = tmp_path / ("none.wav" if missing == "sound" else "a.wav")
    path = tmp_path / ("none/a.mp4" if missing == "folder" else "a.mp4")
    with pytest.raises(OutputError, match=r"^a\.mp4 cannot be made.*ffmpeg.*\.$"):
        save_morph_film(path, [even(0), even(1)], **RANGE, wav_path=wav_path, duration_s=1.0)
    assert not path.exists()


def test_pictures_that_cannot_be_written_are_one_sentence(tmp_path):
    nowhere = tmp_path / "none"
    for name, save in {
        "a.png": lambda path: save_spectrogram(path, floor_lit(), **AXES),
        "b.png": plot,
        "c.gif": lambda path: save_morph_gif(path, [even(0), even(1)], POINTS[:2], **RANGE),
    }.items():
        with pytest.raises(OutputError, match=rf"^{name} cannot be written; .*\.$"):
            save(nowhere / name)
