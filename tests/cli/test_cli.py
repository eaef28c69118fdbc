import argparse
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import fields
from pathlib import Path

import imageio.v3 as iio
import imageio_ffmpeg
import numpy as np
import pytest
import scipy.io.wavfile
import scipy.signal
import soundfile
from PIL import Image
from skimage.metrics import structural_similarity

from moss import __version__
from moss.cli.main import main
from moss.cli.options import add_settings, changes_in, option_of
from moss.cli.shared import MODULE
from moss.cli.terminal import ProgressBar, table_of
from moss.progress import RenderProgress, SearchProgress
from moss.settings.blend import BlendSettings
from moss.settings.fields import settings_in
from moss.settings.presets import PUBLISHED_WHITE_DB
from moss.signal.spectrogram import DB_PER_NEPER
from moss.usecases.blend import Run

ROOT = Path(__file__).parents[2]
PICTURE, TRACK = ROOT / "examples/fern.jpg", ROOT / "examples/strings.ogg"
RATE, N_FFT, HOP = 22_050, 2048, 512
START_S, DURATION_S = 2, 3
# Small enough for a test; every stage still has something to do.
SMALL = ["--grid-height=16", "--audio-weights=6", "--descent-steps=4", "--pop-size=12"]
SMALL += ["--generations=2", "--effort=0.1", "--representatives=5", "--device=cpu"]
WHITE_NATS, RANGE_NATS = 2.0, 11.0
SMALL += [f"--white-db={WHITE_NATS * DB_PER_NEPER}", f"--range={RANGE_NATS}"]
PART = [f"--start={START_S}", f"--duration={DURATION_S}"]
OTHER_FILES = {
    *("best_musical.wav", "balanced.wav", "best_visual.wav", "results.npy", "summary.json"),
    *("pareto_morph.gif", "pareto_morph.mp4", "pareto_front.png", "pareto_evolution.gif"),
}


def moss_command(*arguments):
    return [sys.executable, "-m", "moss", *(str(argument) for argument in arguments)]


def moss(*arguments):
    return subprocess.run(
        moss_command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def blend(output, *more, image=PICTURE, audio=TRACK):
    return ["blend", "--image", image, "--audio", audio, "--output", output, *more]


def in_process(*arguments):
    return main([str(argument) for argument in arguments])


def moss_here(*arguments):
    """As `moss`, in this process, which has imported everything already."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = in_process(*arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def contents(folder):
    """Every path under a folder, hidden ones too, with the bytes of the files."""
    return {
        path.relative_to(folder): path.read_bytes() if path.is_file() else None
        for path in Path(folder).rglob("*")
    }


def is_one_sentence(text):
    one_line = text.startswith("moss: ") and text.endswith(".\n") and text.count("\n") == 1
    return one_line and not re.search(r"[.!?] [A-Z]", text)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of the command line on an example: (process, folder)."""
    folder = tmp_path_factory.mktemp("cli") / "run"
    return moss(*blend(folder, *SMALL, *PART)), folder


@pytest.fixture(scope="module")
def folder(finished):
    return finished[1]


@pytest.fixture(scope="module")
def summary(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sounds(folder, summary):
    """The representatives as float64 (samples, channels) in [-1, 1), read by SciPy."""
    read = [scipy.io.wavfile.read(folder / point["file"]) for point in summary["points"]]
    assert all(rate == RATE and samples.dtype == np.int32 for rate, samples in read)
    return [samples / 2**31 for _, samples in read]


@pytest.fixture(scope="module")
def resampled_part():
    """The part of the track at RATE, (samples, channels), through SciPy's filter."""
    samples, rate = soundfile.read(TRACK, always_2d=True)
    assert rate == 2 * RATE
    # A sinc of 128 zero crossings a side, flat to 0.975 of the Nyquist frequency less its edge.
    low_pass = scipy.signal.firwin(
        2 * int(128 * 2 / 0.975) + 1, 0.975 / 2, window=("kaiser", 10.06)
    )
    resampled = scipy.signal.resample_poly(samples, 1, 2, axis=0, window=low_pass)
    return resampled[START_S * RATE : (START_S + DURATION_S) * RATE]


# What a run says and leaves


def test_a_run_succeeds_and_leaves_every_file_and_nothing_else(finished):
    process, folder = finished
    assert process.returncode == 0, process.stderr
    front = {f"front/{k:02d}.{kind}" for k in range(5) for kind in ("wav", "png")}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == front | OTHER_FILES
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_the_closing_table_names_every_file_within_80_columns(finished):
    process, folder = finished
    lines = process.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines if str(folder) not in line)
    assert all(name in process.stdout for name in OTHER_FILES)
    rows = [line.split() for line in lines if re.match(r" *\d+ ", line)]
    assert [row[0] for row in rows] == [str(k) for k in range(5)]
    assert [row[5] for row in rows] == [f"front/{k:02d}.wav" for k in range(5)]


def test_the_table_shows_the_figures_of_the_summary(finished, summary):
    rows = re.findall(r"^ *\d+((?: +[\d.]+){4}) ", finished[0].stdout, flags=re.MULTILINE)
    shown = np.array([row.split() for row in rows], dtype=float)
    figures = [[*point["designed"], *point["replayed"]] for point in summary["points"]]
    assert np.abs(shown - figures).max() <= 0.5001e-4


def test_progress_off_a_terminal_is_a_line_for_each_phase(finished):
    stages = [line.split()[-1] for line in finished[0].stderr.splitlines()]
    assert stages[0] == "seeding"
    assert stages[-3:] == ["front", "sounds", "files"]
    assert len(stages) == len(set(stages))


def test_summary_tells_what_was_asked_for(summary):
    assert summary["moss"] == __version__
    asked = {"start_s": 2, "duration_s": 3, "seed": 0, "grid_height": 16, "population_size": 12}
    assert {name: summary["settings"][name] for name in asked} == asked
    assert set(summary["settings"]) == {field.name for field in fields(BlendSettings)}
    assert summary["inputs"]["picture"]["path"] == str(PICTURE.resolve())
    assert all(seconds >= 0 for seconds in summary["seconds"].values())


# Every output, read by another library


def test_sounds_are_exactly_as_long_and_wide_as_the_part(sounds):
    assert {sound.shape for sound in sounds} == {(DURATION_S * RATE, 2)}


def test_no_sound_peaks_at_0_9(sounds):
    assert max(np.abs(sound).max() for sound in sounds) < 0.9


def test_all_sounds_have_one_loudness(folder, summary):
    loudness = []
    for point in summary["points"]:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner"]
        command += ["-i", str(folder / point["file"]), "-af", "ebur128", "-f", "null", "-"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        loudness.append(float(re.findall(r"I: +(-?[\d.]+) LUFS", said)[-1]))
    assert max(loudness) - min(loudness) <= 0.5
    said = [point["loudness_lufs"] for point in summary["points"]]
    # ffmpeg prints one digit, and resamples to 48 kHz before it filters.
    assert np.abs(np.subtract(loudness, said)).max() <= 0.3


def test_pure_audio_is_the_resampled_input_times_one_gain(sounds, resampled_part, summary):
    gain = 10 ** (summary["points"][0]["gain_db"] / 20)
    error = sounds[0] - gain * resampled_part
    # The level of the error; a single sample of the shaped rounding noise may reach -76 dB.
    assert np.sqrt((error**2).mean()) < 10 ** (-80 / 20)
    assert np.abs(error).max() < 10 ** (-70 / 20)


def log_magnitude(mid):
    window = scipy.signal.get_window("hann", N_FFT)
    _, _, spectrum = scipy.signal.stft(mid, window=window, nperseg=N_FFT, noverlap=N_FFT - HOP)
    frames = 1 + len(mid) // HOP
    magnitude = np.abs(spectrum[:, :frames]) * window.sum()  # SciPy divides by the window's sum
    return np.log(np.maximum(magnitude, 1e-9))


def test_replayed_losses_are_those_of_the_written_files(sounds, resampled_part, summary):
    audio = log_magnitude(resampled_part.mean(axis=1))
    low = audio.max() - WHITE_NATS - RANGE_NATS
    audio = np.maximum(audio, low)
    luma = Image.fromarray(np.asarray(Image.open(PICTURE).convert("L"), np.float32) / 255)
    picture = np.asarray(luma.resize(audio.shape[::-1], Image.Resampling.LANCZOS))
    picture = np.clip(picture, *luma.getextrema())[::-1]
    picture = (picture - picture.min()) / np.ptp(picture)
    for sound, point in zip(sounds, summary["points"], strict=True):
        heard = log_magnitude(sound.mean(axis=1) / 10 ** (point["gain_db"] / 20))
        shown = np.clip((heard - low) / RANGE_NATS, 0, 1)
        _, scores = structural_similarity(
            shown,
            picture,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1,
            full=True,
        )
        visual_loss = 1 - scores[5:-5, 5:-5].mean()  # windows that lie wholly inside
        audio_loss = np.abs(np.maximum(heard, low) - audio).mean()
        # float32 against float64, and two resamplers that differ by -100 dB in quiet bins.
        found = point["replayed"][0], point["differences"]["log"]
        assert found == pytest.approx((visual_loss, audio_loss), abs=1e-3)
        assert point["differences"]["heard"] == point["replayed"][1]


def test_the_designed_front_is_mutually_non_dominated_and_sorted(folder, summary):
    results = np.load(folder / "results.npy", allow_pickle=False)
    assert results["mask"].dtype == np.uint8
    visual, audio = results["designed"].T
    assert len(results) >= 5
    assert (np.diff(audio) > 0).all() and (np.diff(visual) < 0).all()
    # Rounding may rank a step or two under white in a cell before the pure picture.
    assert not results["mask"][0].any() and results["mask"][-1].min() >= 253
    assert summary["front"] == results["designed"].tolist()


def test_results_hold_replayed_losses_exactly_where_a_sound_was_written(folder, summary):
    results = np.load(folder / "results.npy", allow_pickle=False)
    indices = [point["index"] for point in summary["points"]]
    assert results["replayed"][indices].tolist() == [
        point["replayed"] for point in summary["points"]
    ]
    assert np.isnan(np.delete(results["replayed"], indices, axis=0)).all()


def test_the_best_are_representatives_and_never_anchors(folder, summary):
    inner = {point["file"] for point in summary["points"][1:-1]}
    for name, file in summary["chosen"].items():
        assert file in inner
        assert (folder / f"{name}.wav").read_bytes() == (folder / file).read_bytes()


def test_the_best_are_the_least_of_the_weighted_replayed_losses(summary):
    replayed = np.array([point["replayed"] for point in summary["points"]])
    visual, audio = ((replayed - replayed.min(axis=0)) / np.ptp(replayed, axis=0)).T
    for name, weight in {"best_musical": 0.8, "balanced": 0.5, "best_visual": 0.2}.items():
        costs = weight * audio + (1 - weight) * visual
        best = 1 + costs[1:-1].argmin()
        assert summary["chosen"][name] == summary["points"][best]["file"]


def test_gif_is_long_wide_and_small_enough(folder):
    path = folder / "pareto_morph.gif"
    assert path.stat().st_size < 4_000_000
    with Image.open(path) as gif:
        assert gif.format == "GIF" and gif.n_frames >= 60 and gif.width >= 480
        first = np.asarray(gif.convert("L"), dtype=float)
        gif.seek(gif.n_frames // 2)
        middle = np.asarray(gif.convert("L"), dtype=float)
    assert np.abs(first - middle).mean() > 1


def test_film_has_picture_and_sound_of_the_parts_length(folder, tmp_path):
    path = folder / "pareto_morph.mp4"
    about = iio.immeta(path, plugin="FFMPEG")
    assert about["audio_codec"] == "aac"
    assert about["duration"] == pytest.approx(DURATION_S, abs=0.1)
    frames = list(iio.imiter(path, plugin="FFMPEG"))
    assert len(frames) / about["fps"] == pytest.approx(DURATION_S, abs=0.1)
    assert frames[len(frames) // 2].std() > 5
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vn"]
    subprocess.run([*command, str(tmp_path / "heard.wav")], check=True)
    rate, heard = scipy.io.wavfile.read(tmp_path / "heard.wav")
    assert len(heard) / rate == pytest.approx(DURATION_S, abs=0.1)  # AAC fills its last frames
    assert np.abs(heard).max() > 1000


@pytest.mark.parametrize("name", ["pareto_front.png", *(f"front/{k:02d}.png" for k in range(5))])
def test_pictures_are_png_with_something_on_them(folder, name):
    with Image.open(folder / name) as picture:
        assert picture.format == "PNG" and min(picture.size) >= 400
        assert np.asarray(picture.convert("L")).std() > 5


# Again, and over what is there


def test_from_a_summary_gives_the_same_bytes_and_replaces_only_when_asked(folder, tmp_path):
    output = tmp_path / "again"
    output.mkdir()
    (output / "mine.txt").write_text("mine")
    process = moss_here("blend", "--from", folder / "summary.json", "--output", output, "--json")
    assert process.returncode == 2 and is_one_sentence(process.stderr)
    assert process.stdout == ""
    assert contents(tmp_path).keys() == {Path("again"), Path("again/mine.txt")}

    command = ["blend", "--from", folder, "--output", output, "--json", "--overwrite"]
    process = moss_here(*command)
    assert process.returncode == 0 and process.stderr == ""
    again, first = contents(output), contents(folder)
    assert again.keys() == first.keys()
    assert [path.name for path in tmp_path.iterdir()] == ["again"]
    same = [path for path in first if path.suffix in (".wav", ".npy")]
    assert len(same) == 5 + 3 + 1
    assert [path for path in same if again[path] != first[path]] == []
    said = json.loads(process.stdout)
    assert said.pop("output") == str(output)
    assert said == json.loads(again[Path("summary.json")])


def test_a_run_that_fails_leaves_what_it_should_have_replaced(tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/mine.txt").write_text("mine")
    before = contents(tmp_path)
    missing = tmp_path / "no.png"
    assert in_process(*blend(tmp_path / "run", "--overwrite", image=missing)) == 2
    assert is_one_sentence(capsys.readouterr().err)
    assert contents(tmp_path) == before


def recorded(folder, tmp_path, change):
    """The summary of a run whose inputs were copied aside and then changed."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    for kind, path in (("picture", PICTURE), ("audio", TRACK)):
        summary["inputs"][kind]["path"] = str(shutil.copy(path, tmp_path / path.name))
    change(summary)
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return tmp_path / "summary.json"


@pytest.mark.parametrize(
    ("name", "option", "changed"),
    [
        (PICTURE.name, "--image", True),
        (PICTURE.name, "--image", False),
        (TRACK.name, "--audio", True),
        (TRACK.name, "--audio", False),
    ],
)
def test_a_recorded_input_that_changed_or_went_asks_for_an_option(
    folder, tmp_path, capsys, name, option, changed
):
    path = recorded(folder, tmp_path, lambda summary: None)
    (tmp_path / name).unlink()
    if changed:
        (tmp_path / name).write_bytes(b"other")
    assert in_process("blend", "--from", path, "--output", tmp_path / "run") == 2
    said = capsys.readouterr().err
    assert is_one_sentence(said) and name in said and f"{option}." in said
    # Given again, a file may differ; then it is this one, which is no media, that is refused.
    (tmp_path / "mine.txt").write_bytes(b"no picture, no track")
    again = ("--from", path, option, tmp_path / "mine.txt", "--output", tmp_path / "run")
    assert in_process("blend", *again) == 2
    said = capsys.readouterr().err
    assert is_one_sentence(said) and "mine.txt" in said


def test_options_override_what_was_recorded(folder, tmp_path, capsys):
    command = ("blend", "--from", folder, "--output", tmp_path / "run", "--grid-height", 1500)
    assert in_process(*command) == 2
    assert "1500 x" in capsys.readouterr().err
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda summary: summary.pop("inputs"), "summary.json"),
        (lambda summary: summary["inputs"].pop("audio"), "summary.json"),
        (lambda summary: summary.update(settings=3), "summary.json"),
        (lambda summary: summary["settings"].update(colour="red"), "colour"),
        (lambda summary: summary["settings"].update(gamma="red"), "--gamma"),
    ],
)
def test_a_summary_of_no_run_is_refused(folder, tmp_path, capsys, change, word):
    path = recorded(folder, tmp_path, change)
    before = contents(tmp_path)
    assert in_process("blend", "--from", path, "--output", tmp_path / "run") == 2
    said = capsys.readouterr().err
    assert is_one_sentence(said) and word in said
    assert contents(tmp_path) == before


# Bad input


def write_tone(path, seconds=1.0, level=0.5, **how):
    t = np.arange(round(seconds * RATE)) / RATE
    soundfile.write(path, level * np.sin(2 * np.pi * 440 * t * (1 + t)), RATE, **how)


def write_nan(path):
    samples = np.full(RATE, 0.1, np.float32)
    samples[1000] = np.nan
    soundfile.write(path, samples, RATE, subtype="FLOAT")


def write_bomb(path):
    Image.new("1", (20_000, 20_000)).save(path)


def write_silence(path):
    soundfile.write(path, np.zeros(RATE), RATE)


def write_cut(source):
    return lambda path: path.write_bytes(source.read_bytes()[:3000])


def write_cut_flac(path):
    write_tone(path)
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize(
    ("option", "name", "make", "word"),
    [
        ("image", "a.png", lambda path: None, "not found"),
        ("image", "a.png", Path.touch, "empty"),
        ("image", "a.jpg", write_cut(PICTURE), "cut short"),
        ("image", "a.png", lambda path: path.write_text("hello"), "not a picture"),
        ("image", "a.png", lambda path: shutil.copy(TRACK, path), "not a picture"),
        ("image", "a.png", write_bomb, "pixels"),
        ("image", "a.png", lambda path: Image.new("RGB", (1, 1)).save(path), "1 x 1"),
        ("image", "a.png", Path.mkdir, "folder"),
        ("audio", "a.wav", lambda path: None, "not found"),
        ("audio", "a.wav", Path.touch, "empty"),
        ("audio", "a.flac", write_cut_flac, "a.flac"),
        ("audio", "a.wav", lambda path: path.write_text("hello"), "no sound"),
        ("audio", "a.mp3", lambda path: shutil.copy(PICTURE, path), "no sound"),
        ("audio", "a.wav", write_silence, "silent"),
        ("audio", "a.wav", lambda path: write_tone(path, 0.05), "s are needed"),
        ("audio", "a.wav", write_nan, "not finite"),
        ("audio", "a.wav", Path.mkdir, "folder"),
    ],
)
def test_a_bad_file_is_one_sentence_and_leaves_nothing(tmp_path, capfd, option, name, make, word):
    make(tmp_path / name)
    before = set(tmp_path.rglob("*"))
    assert in_process(*blend(tmp_path / "run", **{option: tmp_path / name})) == 2
    said = capfd.readouterr()
    assert is_one_sentence(said.err) and word in said.err
    assert said.out == ""
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--grid-height 1500", "larger than the spectrogram"),
        ("--grid-width 1300 --duration 2", "larger than the spectrogram"),
        ("--duration 0", "--duration"),
        ("--duration nan", "--duration"),
        ("--duration inf", "--duration"),
        ("--duration 1e9", "--duration"),
        ("--duration ten", "--duration"),
        ("--start -1", "--start"),
        ("--start 40", "start earlier"),
        ("--gamma 0", "--gamma"),
        ("--pop-size 1", "--pop-size"),
        ("--generations -1", "--generations"),
        ("--seed -1", "--seed is -1"),
        ("--seed 1.5", "--seed"),
        ("--representatives 1", "--representatives"),
        ("--effort -0.1", "--effort"),
        ("--hop-length 500", "--hop-length is 500 and --n-fft is 2048"),
        ("--low-hz 5000 --high-hz 5010", "too narrow"),
        ("--bit-depth 8", "--bit-depth"),
        ("--viewer 4096", "--viewer"),
        ("--preset loud", "--preset"),
        ("--preset quick --from nowhere", "--from"),
        ("--from nowhere", "nowhere"),
        ("--wishes music", "'music 1.5-4 0-800;"),
        ("--duration 3 --wishes music_4-5_0-800", "--wishes has one from 4 s on"),
        ("--wishes picture_0-1_20000-21000", "--wishes has one from 20000 Hz on"),
        ("--gen 3", "--gen"),
        ("--colour red", "--colour"),
        ("--device tpu", "--device"),
    ],
)
def test_bad_values_are_one_sentence_and_leave_nothing(tmp_path, capfd, options, word):
    options = [option.replace("_", " ") for option in options.split()]
    assert in_process(*blend(tmp_path / "run", *options)) == 2
    said = capfd.readouterr()
    assert is_one_sentence(said.err) and word in said.err
    assert said.out == ""
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "COMMAND"),
        (["paint"], "paint"),
        (["blend"], "--output"),
        (["blend", "--output", "", "--overwrite"], "--output"),
        (["blend", "--output", "run"], "--image"),
        (["blend", "--output", "run", "--image", PICTURE], "--audio"),
        (["steer"], "DIR"),
        (["steer", "run", "--music", "0.5"], "--output"),
        (["steer", "run", "--music", "0.5", "--output", ""], "--output"),
        (["steer", "run", "--output", "more"], "toward"),
        (["steer", "run", "--output", "more", "--toward", "picture"], "--point"),
        (["steer", "run", "--output", "more", "--point", "2"], "--toward"),
        (["steer", "run", "--output", "more", "--toward", "noise", "--point", "2"], "noise"),
        (["steer", "run", "--output", "more", "--music", "nan"], "nan"),
        (["steer", "run", "--output", "more", "--music", "loud"], "loud"),
        (["steer", "run", "--output", "more", "--music", "0.5"], "run"),
    ],
)
def test_missing_arguments_are_named(tmp_path, monkeypatch, capfd, arguments, word):
    monkeypatch.chdir(tmp_path)
    assert in_process(*arguments) == 2
    said = capfd.readouterr()
    assert is_one_sentence(said.err) and word in said.err
    assert contents(tmp_path) == {}


def test_no_cuda_device_is_one_sentence(tmp_path, capfd):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    assert in_process(*blend(tmp_path / "run", "--device", "cuda")) == 2
    assert is_one_sentence(capfd.readouterr().err)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("output", ["file", "file/run", "file/deep/run"])
def test_an_output_that_cannot_be_written_is_one_sentence(tmp_path, capfd, output):
    (tmp_path / "file").write_text("mine")
    assert in_process(*blend(tmp_path / output)) == 2
    assert is_one_sentence(capfd.readouterr().err)
    assert contents(tmp_path) == {Path("file"): b"mine"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_without_permission_is_one_sentence(tmp_path, capfd):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert in_process(*blend(tmp_path / "locked/run")) == 2
    assert is_one_sentence(capfd.readouterr().err)


def test_a_process_ends_with_2_and_one_sentence(tmp_path):
    (tmp_path / "a.png").write_bytes(PICTURE.read_bytes()[:3000])
    process = moss(*blend(tmp_path / "run", image=tmp_path / "a.png"))
    assert process.returncode == 2
    assert is_one_sentence(process.stderr) and process.stdout == ""
    assert contents(tmp_path).keys() == {Path("a.png")}


# Odd input that is fine


def test_a_constant_picture_gives_a_result(tmp_path, capsys):
    Image.new("L", (64, 48), 128).save(tmp_path / "grey.png")
    check_short_run(tmp_path, capsys, image=tmp_path / "grey.png")


def test_a_nearly_silent_track_gives_a_result(tmp_path, capsys):
    write_tone(tmp_path / "faint.wav", 1.5, level=1e-4, subtype="PCM_24")
    check_short_run(tmp_path, capsys, audio=tmp_path / "faint.wav")


def check_short_run(tmp_path, capsys, **inputs):
    run = blend(tmp_path / "run", *SMALL, "--duration", 1.5, "--json", **inputs)
    assert in_process(*run) == 0
    said = json.loads(capsys.readouterr().out)
    figures = np.array([[*point["designed"], *point["replayed"]] for point in said["points"]])
    assert len(figures) >= 2 and np.isfinite(figures).all()
    for point in said["points"]:
        samples, rate = soundfile.read(tmp_path / "run" / point["file"])
        assert rate == RATE and len(samples) == 1.5 * RATE
        assert np.abs(samples).max() < 0.9


# A run goes on


@pytest.fixture(scope="module")
def more(folder, tmp_path_factory):
    """That run, steered by the command line: (process, folder)."""
    output = tmp_path_factory.mktemp("more") / "run"
    aim = ("--toward", "picture", "--point", 1, "--device", "cpu")
    return moss_here("steer", folder, *aim, "--output", output), output


def test_a_steered_run_succeeds_and_leaves_every_file_of_a_run(more, folder):
    process, output = more
    assert process.returncode == 0, process.stderr
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    count = len(summary["points"])
    assert count == 5 + len(summary["steered"]["new"]) > 5
    front = {f"front/{k:02d}.{kind}" for k in range(count) for kind in ("wav", "png")}
    files = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    assert files == front | OTHER_FILES
    assert summary["steered"]["from"] == str(folder)


def test_a_steered_run_tells_its_progress_and_its_points(more):
    process, _ = more
    stages = [line.split()[-1] for line in process.stderr.splitlines()]
    assert stages[0] == "seeding" and stages[-3:] == ["front", "sounds", "files"]
    rows = [line.split() for line in process.stdout.splitlines() if re.match(r" *\d+ ", line)]
    assert [row[5] for row in rows] == [f"front/{k:02d}.wav" for k in range(len(rows))]
    assert len(rows) > 5


@pytest.mark.soak
def test_wishes_of_the_command_line_are_recorded_and_made_again(folder, tmp_path, capsys):
    wishes = "music 0-1.5 0-11025"
    steering = ("steer", folder, "--music", 0.5, "--wishes", wishes, "--device", "cpu", "--json")
    assert in_process(*steering, "--output", tmp_path / "run") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["settings"]["wishes"] == wishes
    assert said["output"] == str(tmp_path / "run")
    again = ("blend", "--from", tmp_path / "run", "--output", tmp_path / "again", "--json")
    assert in_process(*again) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["wishes"] == wishes


def test_steering_over_the_run_itself_is_refused(folder, capsys):
    before = contents(folder)
    command = ("steer", folder, "--music", 0.5, "--output", folder, "--overwrite")
    assert in_process(*command) == 2
    assert is_one_sentence(capsys.readouterr().err)
    assert contents(folder) == before


def test_help_knows_how_to_steer(capsys):
    with pytest.raises(SystemExit) as ended:
        in_process("steer", "--help")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for option in ["toward", "point", "music", "wishes", "output", "overwrite", "json", "device"]:
        assert f"--{option} " in said
    assert all(len(line) <= 80 for line in said.splitlines())


# Ends before the end


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(
    ("stage", "more", "signals", "code"),
    [
        ("seeding", ["--audio-weights=200"], [signal.SIGINT], 130),
        ("sounds", ["--effort=1"], [signal.SIGTERM, signal.SIGTERM], 143),  # as GNU timeout sends
        pytest.param("files", [], [signal.SIGINT], 130, marks=pytest.mark.soak),
    ],
)
def test_a_stopped_run_says_so_and_leaves_nothing(tmp_path, stage, more, signals, code):
    process = subprocess.Popen(
        moss_command(*blend(tmp_path / "deep/run", *SMALL, *PART, *more)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job, which this may be, ignores SIGINT and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with process:
        for line in process.stderr:
            if line.split()[-1] == stage:
                break
        for number in signals:
            process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert out == "" and "moss: Stopped." in err and "Traceback" not in err
    assert not [path for path in tmp_path.rglob("*") if path.name != "deep"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_nobody_reading_the_output_is_no_traceback():
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        moss_command("--version"),
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": ""},  # argparse ignores what fails as it prints
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert process.returncode == 141 and process.stderr == b""


# Teaching


def test_version():
    process = moss("--version")
    assert process.returncode == 0 and process.stdout == f"moss {__version__}\n"


def test_help_knows_every_setting(capsys):
    with pytest.raises(SystemExit) as ended:
        in_process("blend", "--help")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for setting in settings_in(BlendSettings).values():
        option = option_of(setting)
        assert re.search(rf"^  {option}[ ,\n]", said, flags=re.MULTILINE), option
    named = "image audio output overwrite json from preset generations pop-size grid-height"
    for option in [*named.split(), "grid-width", "seed", "duration", "start", "device"]:
        assert f"--{option} " in said


def parsed(cls, *arguments):
    """The settings that options ask for."""
    parser = argparse.ArgumentParser()
    add_settings(parser, cls)
    return changes_in(parser.parse_args(arguments), cls)


def test_options_are_read_as_their_settings():
    """One of each kind, and one that is left to MOSS."""
    options = ("--mono", "--no-invert", "--grid-width=auto", "--bit-depth=24", "--range=9")
    asked = {"mono": True, "invert": False, "grid_width": None, "bit_depth": 24, "range_nats": 9.0}
    assert parsed(BlendSettings, *options) == asked


def test_options_of_an_earlier_moss_work_but_help_does_not_name_them(capsys):
    asked = parsed(BlendSettings, "--prices=12", "--viewer=2048")
    assert asked == {"audio_weights": 12, "viewer": "own"}
    with pytest.raises(SystemExit):
        in_process("blend", "--help")
    said = capsys.readouterr().out
    assert "--prices" not in said and "{2048" not in said


def test_a_summary_of_an_earlier_moss_makes_the_run_again(folder, tmp_path, capsys):
    def old(summary):
        settings = summary["settings"]
        settings |= {"prices": settings.pop("audio_weights"), "viewer": "2048"}
        del settings["audio_loss"], settings["white_db"]

    path = recorded(folder, tmp_path, old)
    command = ("blend", "--from", path, "--output", tmp_path / "run", "--json")
    assert in_process(*command) == 0
    said = json.loads(capsys.readouterr().out)["settings"]
    assert said["audio_weights"] == 6 and said["viewer"] == "own"
    # There was no other loss and no other white then.
    assert said["audio_loss"] == "log" and said["white_db"] == PUBLISHED_WHITE_DB
    now = ("--audio-loss", "log", "--white-db", PUBLISHED_WHITE_DB)
    command = ("blend", "--from", folder, "--output", tmp_path / "now", "--json", *now)
    assert in_process(*command) == 0
    for sound in (Path("front/01.wav"), Path("front/04.wav")):
        assert (tmp_path / "run" / sound).read_bytes() == (tmp_path / "now" / sound).read_bytes()


@pytest.mark.parametrize(
    ("started", "name"),
    [("/usr/bin/moss", "moss"), ("C:/bin/moss.exe", "moss"), ("moss/__main__.py", MODULE)],
)
def test_help_names_the_program_as_it_was_started(monkeypatch, capsys, started, name):
    monkeypatch.setattr(sys, "argv", [started])
    with pytest.raises(SystemExit):
        in_process("steer", "--help")
    said = capsys.readouterr().out
    assert said.startswith(f"usage: {name} steer DIR")
    assert f"\n  {name} live\n" in said
    assert (MODULE in said) == (name == MODULE)


# The progress bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


EVENTS = [
    RenderProgress("reading", 1, 2, 0.0),
    *(
        SearchProgress("seeding", k, 1000, 0.0, np.zeros((0, 2)), np.zeros(0, bool), 3.14159)
        for k in (0, 500, 1000)
    ),
    *(RenderProgress("sounds", k, 13, 0.0) for k in (1, 13)),
]


def shown_on(stream):
    """What the progress bar has written for EVENTS."""
    with ProgressBar(stream) as bar:
        for event in EVENTS:
            bar.show(event)
    return stream.getvalue()


def test_a_terminal_gets_one_bar_for_each_stage_that_never_wraps(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    text = shown_on(Terminal())
    assert text.endswith("\x1b[?25h")  # the cursor is seen again
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", text))
    assert all(len(line) <= 80 for line in lines)
    *_, reading, seeding, sounds, rest = lines
    assert rest == ""
    assert text.rsplit("\x1b[1A", 1)[1].count("reading") == 1  # in the last drawing
    assert reading.startswith("reading ") and seeding.startswith("seeding ")
    assert sounds.startswith("sounds ")
    assert "1000/1000" in seeding and "13/13" in sounds
    assert all("hypervolume 3.1416" in line for line in (seeding, sounds))


@pytest.mark.parametrize(
    ("stream", "variable", "value"),
    [(io.StringIO, "FORCE_COLOR", "1"), (Terminal, "TERM", "dumb")],
    ids=["a file", "a terminal that cannot draw"],
)
def test_where_nothing_is_drawn_each_stage_is_one_plain_line(monkeypatch, stream, variable, value):
    monkeypatch.setenv(variable, value)
    lines = shown_on(stream()).splitlines()
    stages = [re.sub(r"^ +\d+\.\d s  ", "", line) for line in lines]
    assert stages == ["reading", "seeding", "sounds"]


# The table


def test_the_table_is_plain_text_whatever_is_in_it(monkeypatch):
    """A folder may be called like rich's markup, and its path be longer than a line."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    summary = json.loads((ROOT / "examples/first/summary.json").read_text(encoding="utf-8"))
    folder = Path("/[bold]" + 20 * "long/") / ":smile:"
    lines = table_of(Run(folder, summary)).splitlines()
    assert f"In {folder}:" in lines
    assert not any("\x1b" in line or line != line.rstrip() for line in lines)
    assert all(len(line) <= 80 for line in lines if str(folder) not in line)


def test_the_table_of_a_sound_names_its_files():
    summary = json.loads((ROOT / "examples/first_sound/summary.json").read_text(encoding="utf-8"))
    text = table_of(Run(Path("here"), summary | {"visual_loss": None, "warnings": ["Too dark."]}))
    assert "too short to tell" in text and "\nToo dark.\n" in text and "\nIn here:\n" in text
    for name in ("sound.wav", "spectrogram.png", "sound.mp4", "summary.json"):
        assert f"\n  {name} " in text
