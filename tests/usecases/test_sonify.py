"""What is visible becomes sound: lengths, silences, seams, and what the sound shows again."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from scipy.signal import butter, sosfiltfilt

from moss.cli.main import main
from moss.cli.options import option_of
from moss.errors import InputError
from moss.media import load_picture, load_video
from moss.results.run import Run
from moss.settings.fields import settings_in
from moss.settings.sonify import PRESETS, SonifySettings, sonify_settings
from moss.signal.picture import brightness_of
from moss.signal.rows import bins_from_rows
from moss.signal.similarity import SSIM
from moss.signal.spectrogram import STFT
from moss.sonification.parts import segments_of, video_part
from moss.usecases.sonify import Source, sonify
from tests.media.films import bar, filmed
from tests.small import PICTURE

RATE, N_FFT, HOP = 8000, 512, 128
# What a process that waits for it is told counts this one's memory too, until it becomes another.
MAKE_AND_TELL_PEAK = """
import re, sys
from pathlib import Path
from moss.cli.main import main
assert main(sys.argv[1:]) == 0
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
SMALL = {"sample_rate": RATE, "n_fft": N_FFT, "hop_length": HOP, "duration_s": 2.0}


def made(sources, folder, draw=False, **settings):
    """The Run of `sources` and its waveform."""
    *_, sound = sonify(sources, folder, SonifySettings(**SMALL | settings), draw=draw)
    assert isinstance(sound, Run)
    waveform, rate = soundfile.read(sound.folder / "sound.wav", dtype="float32")
    assert rate == RATE
    return sound, torch.from_numpy(waveform)


def seen(waveform, low=-np.inf):
    """What a viewer shows of `waveform`, (freq, time) in nats."""
    return STFT(len(waveform), N_FFT, HOP).log_magnitude(waveform).clamp_min(low)


def wanted(path, shape):
    """A picture as (freq, time) of `shape`, in [0, 1]."""
    luma = load_picture(path)
    resized = Image.fromarray(luma).resize(shape[::-1], Image.Resampling.LANCZOS)
    resized = np.asarray(resized).clip(luma.min(), luma.max())[::-1]
    return torch.from_numpy((resized - resized.min()) / np.ptp(resized))


def save_noise(path, seed):
    """A picture of soft blotches that no other seed has."""
    blotches = np.random.default_rng(seed).integers(0, 256, (12, 16), np.uint8)
    Image.fromarray(blotches).resize((160, 120), Image.Resampling.BICUBIC).save(path)
    return Source("picture", path)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Half a minute of a bright bar, a tenth of the height, that falls to the bottom."""
    return filmed(tmp_path_factory.mktemp("film") / "falls.mp4", bar(750, 120, 160, 12), 25)


def matrix(rows, settings):
    return bins_from_rows(rows, settings.band, settings.bin_hz, settings)


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
@pytest.mark.parametrize("rows", [8, 60, 400])
def test_every_bin_takes_rows_with_weights_that_sum_to_one(scale, rows):
    settings = SonifySettings(**SMALL, scale=scale)
    weights = matrix(rows, settings)
    assert weights.shape == (settings.band.stop - settings.band.start, rows)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(len(weights)))
    centres = weights @ torch.arange(rows, dtype=torch.float32)
    assert (centres.diff() > -1e-4).all()  # higher rows never lie lower


def test_a_row_for_every_bin_is_each_bin_itself():
    assert torch.equal(matrix(257, SonifySettings(**SMALL)), torch.eye(257))


def test_octaves_lie_evenly():
    settings = SonifySettings(**SMALL, scale="log", low_hz=125.0, high_hz=4000.0)
    weights = matrix(51, settings)  # ten to an octave
    for hz in (250, 500, 1000, 2000):
        row = weights[round(hz * N_FFT / RATE) - settings.band.start] @ torch.arange(51.0)
        assert row.item() == pytest.approx(10 * np.log2(hz / 125), abs=0.2)


@pytest.mark.parametrize("phase", ["refined", "pghi", "griffin-lim"])
def test_the_sound_shows_the_picture_and_its_figure_is_the_files(tmp_path, phase):
    sound, waveform = made([Source("picture", PICTURE)], tmp_path / "out", phase=phase)
    assert len(waveform) == 2 * RATE
    gain = 10 ** (sound.summary["gain_db"] / 20)
    shown = ((seen(waveform / gain) + 12) / 12).clamp(0, 1)
    loss = 1 - SSIM(wanted(PICTURE, shown.shape))(shown)
    assert sound.summary["visual_loss"] == pytest.approx(loss, abs=1e-3)
    assert loss < {"refined": 0.35, "pghi": 0.75, "griffin-lim": 0.6}[phase]
    assert sound.summary["true_peak_dbtp"] <= -0.99


def test_a_seed_repeats_and_another_differs(tmp_path):
    source = [Source("picture", PICTURE)]
    first, again, other = (
        made(source, tmp_path / str(k), seed=seed)[1] for k, seed in enumerate((3, 3, 4))
    )
    assert torch.equal(first, again) and not torch.equal(first, other)


@pytest.mark.parametrize(("tone", "settings"), [(0, {}), (255, {"invert": True})])
def test_what_would_be_silent_is_refused(tmp_path, tone, settings):
    Image.new("L", (64, 64), tone).save(tmp_path / "one.png")
    np.save(tmp_path / "one.npy", np.full((64, 64), tone, np.uint8))
    for kind, name in (("picture", "one.png"), ("array", "one.npy")):
        with pytest.raises(InputError, match=f"{name}.*silence"):
            made([Source(kind, tmp_path / name)], tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_black_ink_on_a_transparent_ground_is_seen(tmp_path):
    ink = np.zeros((64, 64, 4), np.uint8)
    ink[20:40, 10:50, 3] = 255
    Image.fromarray(ink).save(tmp_path / "ink.png")
    sound, waveform = made([Source("picture", tmp_path / "ink.png")], tmp_path / "out")
    (warning,) = sound.summary["warnings"]
    assert "white is laid under it" in warning
    gain = 10 ** (sound.summary["gain_db"] / 20)
    shown = ((seen(waveform / gain) + 12) / 12).clamp(0, 1)
    middle = shown[shown.shape[0] * 28 // 64 : shown.shape[0] * 40 // 64, 40:90]
    assert middle.mean() < 0.5 * shown[:60].mean()


def test_a_zip_of_pictures_is_a_slideshow(tmp_path):
    sources = [save_noise(tmp_path / f"p{k}.png", k) for k in (2, 10)]
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        for source in reversed(sources):
            archive.write(source.path, f"holiday/{source.path.name}")
    _, waveform = made(sources, tmp_path / "files", gap_s=0.5)
    both = tmp_path / "both.zip"
    sound, unpacked = made([Source("picture", both)], tmp_path / "zip", gap_s=0.5)
    assert torch.equal(waveform, unpacked)
    names = [str(both / source.path.name) for source in sources]
    assert [each["path"] for each in sound.summary["inputs"]] == names


def test_a_slideshow_is_silent_between_its_pictures_and_does_not_click(tmp_path):
    sources = [save_noise(tmp_path / f"{k}.png", k) for k in range(4)]
    _, waveform = made(sources, tmp_path / "out", duration_s=1.0, gap_s=0.5)
    assert len(waveform) == (4 + 3 * 0.5) * RATE
    for k in range(3):
        begin = int((1 + 1.5 * k) * RATE)
        assert waveform[begin : begin + RATE // 2].abs().max() < 1e-3 * waveform.abs().max()
    assert click(waveform, [0, 1, 1.5, 2.5, 3, 4, 4.5, 5.5]) < 1.5


@pytest.mark.soak
def test_twenty_pictures_of_three_seconds(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for k in range(20):
        save_noise(pictures / f"p{k}.png", k)
    small = f"--sample-rate {RATE} --n-fft {N_FFT} --hop-length {HOP} --duration 3 --gap 1"
    asked = ["--folder", str(pictures), "--output", str(tmp_path / "out"), *small.split()]
    command = [sys.executable, "-c", MAKE_AND_TELL_PEAK, "sonify", *asked]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert 0 < int(told.splitlines()[-1]) * 1024 < 2e9
    waveform = torch.from_numpy(soundfile.read(tmp_path / "out" / "sound.wav", dtype="float32")[0])
    assert len(waveform) == 79 * RATE
    parts = torch.nn.functional.pad(waveform, (0, RATE)).reshape(20, 4 * RATE)
    assert parts[:, 3 * RATE :].abs().max() < 1e-3 * waveform.abs().max()  # -60 dB
    assert parts[:, : 3 * RATE].square().mean(dim=1).min() > 1e-2 * waveform.square().mean()
    assert click(waveform, [*range(4, 79, 4), *range(3, 79, 4)]) < 2  # a click has more than 3


def test_pictures_without_a_gap_are_joined_without_a_click(tmp_path):
    sources = [save_noise(tmp_path / f"{k}.png", k) for k in range(4)]
    _, waveform = made(sources, tmp_path / "out", duration_s=1.0)
    assert len(waveform) == 4 * RATE
    assert click(waveform, [1, 2, 3]) < 1.5
    at = torch.arange(1, 4) * RATE
    around = torch.cat([waveform[k - 64 : k + 64] for k in at]).square().mean()
    assert 0.05 < around / waveform.square().mean() < 20


def click(waveform, joins_s):
    """The top octave's most energetic 4 ms within 60 ms of the joins, over that of all others."""
    high = sosfiltfilt(butter(4, 0.5, "high", output="sos"), waveform.double().numpy())
    energy = (high[: len(high) // 32 * 32].reshape(-1, 32) ** 2).mean(axis=1)
    time_s = (np.arange(len(energy)) + 0.5) * 32 / RATE
    near = np.abs(time_s[:, None] - joins_s).min(axis=1) < 0.06
    return energy[near].max() / energy[~near].max()


def test_the_measure_of_clicks_hears_one():
    noise = torch.randn(4 * RATE, generator=torch.Generator().manual_seed(0))
    assert click(noise, [2.0]) < 1.5
    noise[2 * RATE] = 20
    assert click(noise, [2.0]) > 3
    assert click(noise, [1.0]) < 1


def test_a_seam_shows_the_picture_as_well_as_what_is_around_it(tmp_path, monkeypatch):
    monkeypatch.setattr("moss.sonification.synthesis.PIECE_S", 2.0)
    sound, waveform = made([save_noise(tmp_path / "a.png", 7)], tmp_path / "out", duration_s=8.0)
    gain = 10 ** (sound.summary["gain_db"] / 20)
    shown = ((seen(waveform / gain) + 12) / 12).clamp(0, 1)
    scores = SSIM(wanted(tmp_path / "a.png", shown.shape)).window_scores(shown).mean(dim=0)
    seams = torch.cat([scores[k * 2 * RATE // HOP - 9 :][:9] for k in (1, 2, 3)]).mean()
    assert seams > scores.mean() - 0.1


def test_a_videos_path_is_read_back_from_its_sound(tmp_path, film):
    sound, waveform = made([Source("video", film)], tmp_path / "out")
    assert abs(len(waveform) - 30 * RATE) <= HOP
    magnitude = seen(waveform).exp()
    bins = torch.arange(len(magnitude), dtype=torch.float32)
    frames = torch.arange(10, magnitude.shape[1] - 10)
    heard = (bins[:, None] * magnitude).sum(dim=0)[frames] / magnitude.sum(dim=0)[frames]
    middle = 1 - (6 + frames * HOP / RATE * 25 * 108 / 749) / 120  # of the height, from below
    assert (heard / 256 - middle).abs().max() < 0.04
    assert not sound.summary["warnings"]


def test_a_video_with_a_broken_middle_keeps_its_length_and_is_told(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (100, 64, 96), np.uint8)
    path = filmed(tmp_path / "clip.mp4", frames, 25, "-g", "5", "-movflags", "faststart")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 9000] = b"\xa5" * 9000
    path.write_bytes(content)
    sound, waveform = made([Source("video", path)], tmp_path / "out")
    (warning,) = sound.summary["warnings"]
    assert "damaged frames" in warning
    assert abs(len(waveform) - 4 * RATE) <= HOP
    quarters = waveform[: 4 * RATE].reshape(4, RATE).square().mean(dim=1)
    assert quarters.min() > 0.05 * quarters.max()  # before, in and after the damage


def test_a_video_has_the_brightness_of_its_luma(film):
    settings = SonifySettings(**SMALL)
    _, (segment,) = segments_of([video_part(film, settings)], settings)
    luma = load_video(film, rows=257, columns_per_s=RATE / HOP, max_duration_s=60.0).luma
    luma = luma[:, : segment.brightness.shape[1]].astype(np.float32) / np.float32(255)
    assert torch.equal(torch.from_numpy(segment.brightness), brightness_of(luma).half())


def test_an_array_is_heard_as_it_is_painted(tmp_path):
    painted = np.zeros((257, 64), np.uint8)
    painted[64, :] = 255  # a quarter from the top
    np.save(tmp_path / "line.npy", painted)
    _, waveform = made([Source("array", tmp_path / "line.npy")], tmp_path / "out")
    loudest = seen(waveform)[:, 10:-10].argmax(dim=0)
    assert (loudest - 192).abs().max() <= 1


def test_parts_of_every_kind_are_joined(tmp_path):
    film = filmed(tmp_path / "falls.mp4", bar(75, 120, 160, 12), 25)
    np.save(tmp_path / "a.npy", np.random.default_rng(0).random((40, 40)))
    sources = [
        Source("picture", PICTURE),
        Source("video", film),
        Source("array", tmp_path / "a.npy"),
    ]
    sound, waveform = made(sources, tmp_path / "out", draw=True, gap_s=1.0)
    assert len(waveform) == pytest.approx((2 + 3 + 2 + 2) * RATE, abs=HOP)
    files = {path.name for path in sound.folder.iterdir()}
    assert files == {"sound.wav", "spectrogram.png", "sound.mp4", "summary.json"}
    assert json.loads((sound.folder / "summary.json").read_text()) == sound.summary


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_fit(preset):
    assert sonify_settings(preset).picture_rows > 10


@pytest.mark.parametrize(
    "changes",
    [
        {"n_fft": 1023},
        {"hop_length": 1025},
        {"n_fft": 4096, "hop_length": 32},
        {"duration_s": 0.0},
        {"duration_s": 1e9},
        {"low_hz": 9000.0, "high_hz": 9010.0},
        {"scale": "bark"},
        {"rows": 2.5},
        {"nothing": 1},
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(changes):
    with pytest.raises(InputError, match=r"[.]$"):
        sonify_settings(**changes)


def test_a_sound_that_would_be_too_long_is_refused(tmp_path):
    with pytest.raises(InputError, match="up to 600 s"):
        made([Source("picture", PICTURE)] * 3, tmp_path / "out", duration_s=300.0)
    assert not (tmp_path / "out").exists()


def test_a_picture_of_too_many_pixels_is_refused(tmp_path):
    long = {"duration_s": 600.0, "hop_length": 16, "rows": 400}
    with pytest.raises(InputError, match="too many to be held"):
        made([Source("picture", PICTURE)], tmp_path / "out", **long)


def test_the_figure_of_a_long_sound_is_that_of_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("moss.results.write_sonified.FRAMES_AT_ONCE", 50)
    monkeypatch.setattr("moss.results.write_sonified.MOST_COLUMNS", 60)
    sound, waveform = made([Source("picture", PICTURE)], tmp_path / "out", duration_s=4.0)
    shown = ((seen(waveform / 10 ** (sound.summary["gain_db"] / 20)) + 12) / 12).clamp(0, 1)
    loss = 1 - SSIM(wanted(PICTURE, shown.shape))(shown)
    assert sound.summary["visual_loss"] == pytest.approx(loss, abs=1e-3)


def test_the_command_makes_a_folder_and_prints_it_as_json(tmp_path, capsys):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for k in (10, 2):
        save_noise(pictures / f"p{k}.png", k)
    small = "--sample-rate 8000 --n-fft 512 --hop-length 128 --duration 1 --gap 0.5 --json"
    output = tmp_path / "out"
    assert main(["sonify", "--folder", str(pictures), "--output", str(output), *small.split()]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [path["path"].rsplit("/")[-1] for path in said["inputs"]] == ["p2.png", "p10.png"]
    assert said["duration_s"] == 2.5 and said["output"] == str(output)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--folder {empty}",
        "--image {empty}/none.png",
        "--array {text}",
        "--video {text}",
        "--image {picture} --duration 0",
        "--image {picture} --duration 1e12",
        "--image {picture} --hop-length 2000",
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_left(tmp_path, capsys, words):
    empty, text = tmp_path / "empty", tmp_path / "text.npy"
    empty.mkdir()
    text.write_text("no array and no film")
    output = tmp_path / "out"
    asked = words.format(empty=empty, text=text, picture=PICTURE).split()
    assert main(["sonify", *asked, "--output", str(output)]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("moss: ") and said.endswith(".")
    assert not output.exists() and not list(tmp_path.glob(".out*"))


def test_help_names_every_setting(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["sonify", "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for setting in settings_in(SonifySettings).values():
        assert option_of(setting) in said
    assert all(len(line) <= 80 for line in said.splitlines())


@pytest.mark.parametrize("window", [(2048, 512), (16_384, 8192), (64, 16)])
@pytest.mark.parametrize("phase", settings_in(SonifySettings)["phase"].choices)
def test_the_shortest_duration_that_is_promised_becomes_sound(tmp_path, window, phase):
    n_fft, hop_length = window
    settings = {"n_fft": n_fft, "hop_length": hop_length, "duration_s": 0.1, "phase": phase}
    sound, waveform = made([PICTURE], tmp_path / "out", **settings)
    assert len(waveform) == 0.1 * RATE and waveform.abs().max() > 0.1
    is_told = 1 + len(waveform) // hop_length >= 11
    assert (sound.summary["visual_loss"] is not None) == is_told
