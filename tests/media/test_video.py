"""A video's time is its width: every frame lies upright in its own columns."""

import signal
import subprocess
import threading
import time
from fractions import Fraction

import numpy as np
import pytest

from moss.errors import InputError
from moss.media import video, video_stream
from moss.media.limits import MAX_PICTURE_PIXELS
from moss.parallel import Cancelled, workers
from tests.media.films import MILLISECONDS, RATE, ROWS, bar, ffmpeg, filmed, loaded, timed

PATIENCE_S = 60  # against hanging only


@pytest.mark.parametrize(
    "name, fps",
    [
        *(("clip.mp4", fps) for fps in (12, 25, 30, 60, "30000/1001", 120)),
        *(("clip.mov", 25), ("clip.webm", 30), ("clip.mkv", 25), ("clip.avi", 25)),
    ],
)
def test_each_column_shows_the_frame_of_its_time(tmp_path, name, fps):
    per_s = float(Fraction(fps))
    frames = bar(round(2 * per_s))
    path = filmed(tmp_path / name, frames, fps)
    video = loaded(path)
    assert video.warning is None
    assert video.duration_s == pytest.approx(len(frames) / per_s, abs=1 / RATE)
    assert video.luma.dtype == np.uint8
    assert video.luma.shape == (ROWS, 1 + int(video.duration_s * RATE))
    begin = np.arange(len(frames)) / per_s
    if path.suffix in MILLISECONDS:
        begin = begin.round(3)
    at = np.searchsorted(begin, np.arange(video.luma.shape[1]) / RATE + 2e-6, "right") - 1
    centres = np.arange(ROWS) @ (video.luma / video.luma.sum(0, dtype=float))
    expected = (at * 56 // (len(frames) - 1) + 4) * (ROWS / 64) - 0.5
    # The bar moves by whole rows; where frames are left out, the next one may be shown.
    assert np.abs(centres - expected).max() < (1.1 if per_s > RATE else 0.6)


def test_whole_frame_is_squeezed_with_black_0_and_white_255(tmp_path):
    frames = np.zeros((10, 64, 1280), np.uint8)
    frames[:, :32, 640:] = 255
    video = loaded(filmed(tmp_path / "clip.mp4", frames, 10), columns_per_s=80.0, rows=64)
    assert video.luma.shape == (64, 81)
    each = video.luma[:, :80].reshape(64, 10, 8).astype(int)
    assert each[:30, :, 5:].min() >= 250
    assert each[34:].max() <= 5
    assert each[:, :, :3].max() <= 5


def test_narrow_share_is_the_average_of_the_whole_frame(tmp_path):
    frames = np.zeros((20, 64, 1920), np.uint8)
    frames[:, :, ::2] = 200
    frames[:, :, :480] = 0
    video = loaded(filmed(tmp_path / "clip.mp4", frames, 20), columns_per_s=20.0)
    assert np.abs(video.luma.astype(int) - 75).max() <= 2


def test_turned_video_lies_as_it_is_displayed(tmp_path):
    frames = np.zeros((10, 64, 96), np.uint8)
    frames[:, :, :48] = 255
    plain = filmed(tmp_path / "plain.mp4", frames, 10)
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "-90", "-i", plain, "-c", "copy", turned)
    luma = loaded(turned).luma
    assert luma[:30].min() > 240  # a quarter clockwise: the left comes to the top
    assert luma[35:].max() < 15


def check_times(video, times, levels, within_s=0.0012):
    """Every column has the grey of the frame on the screen, but for some too near to a change."""
    columns = np.arange(video.luma.shape[1]) / RATE
    at = (np.searchsorted(times, columns, "right") - 1).clip(min=0)
    clear = np.abs(columns[:, None] - np.asarray(times)[1:]).min(1) > within_s
    assert clear.mean() > 0.5
    off = np.abs(video.luma.astype(int) - levels[at]).max(0)
    assert off[clear].max() <= 4


def jittered(count, frame_s, seed=0):
    jitter = np.random.default_rng(seed).uniform(-0.45, 0.45, count) * frame_s
    return np.sort(np.maximum(0, np.arange(count) * frame_s + jitter - jitter[0])).round(3)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".flv", ".ts"])
@pytest.mark.parametrize("frame_s", [1 / 25, 1 / 60], ids=["slow", "fast"])
def test_jittered_frames_are_where_their_times_are(tmp_path, suffix, frame_s):
    times = jittered(24, frame_s)
    path = tmp_path / f"clip{suffix}"
    levels = timed(path, times)
    video = loaded(path)
    assert video.warning is None
    assert video.duration_s == pytest.approx(times[-1] + frame_s, abs=0.03)
    check_times(video, times, levels)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".flv", ".ts", ".avi"])
def test_a_frame_stays_while_others_are_dropped(tmp_path, suffix):
    times = np.delete(np.arange(40) / 25, [1, 2, 3, 11, 20, 21, 22, 23, 24, 25, 26, 38])
    path = tmp_path / f"clip{suffix}"
    # AVI files only have frames that are missing.
    options = ("-enc_time_base", "1/25") if suffix == ".avi" else ()
    levels = timed(path, times, *options)
    video = loaded(path)
    assert video.warning is None
    assert video.duration_s == pytest.approx(1.6, abs=0.05)
    check_times(video, times, levels)


def test_frame_is_squeezed_into_the_time_that_it_lasts(tmp_path):
    path = tmp_path / "clip.mp4"
    frames = np.zeros((2, 64, 1280), np.uint8)
    frames[0, :, 640:] = frames[1, :, :640] = 255
    times = "settb=1/90000,setpts='eq(N,1)*0.3/TB'"
    filmed(path, frames, 10, "-vf", times, "-fps_mode", "vfr", "-enc_time_base", "1/90000")
    luma = loaded(path, columns_per_s=100.0).luma.mean(0)
    assert luma[:14].max() < 10
    assert luma[16:34].min() > 245
    assert luma[36:].max() < 10


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".flv", ".ts", ".avi", ".mov"])
def test_single_frame_of_any_container_is_a_film(tmp_path, suffix):
    path = tmp_path / f"clip{suffix}"
    filmed(path, np.full((1, 64, 96), 200, np.uint8), 25)
    video = loaded(path)
    assert video.duration_s == pytest.approx(0.04, abs=0.002)
    assert video.luma.shape == (ROWS, 4)
    assert np.abs(video.luma.astype(int) - 200).max() <= 4


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".flv"])
def test_first_frame_that_comes_late_is_there_from_the_beginning(tmp_path, suffix):
    path, silent = tmp_path / f"clip{suffix}", tmp_path / f"silent{suffix}"
    times = np.arange(10) / 25
    levels = timed(silent, times)
    tone = ("-f", "lavfi", "-i", "sine=d=1.5")
    ffmpeg(*tone, "-itsoffset", "0.5", "-i", silent, "-map", "0", "-map", "1", "-c:v", "copy", path)
    video = loaded(path)
    assert video.duration_s == pytest.approx(0.9, abs=0.07)
    late = video.duration_s - 0.4
    check_times(video, times + late, levels)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_what_an_edit_list_cuts_off_is_not_seen(tmp_path, suffix):
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"clip{suffix}"
    times = np.arange(50) / 25
    levels = timed(whole, times, "-g", "10", "-bf", "2")
    ffmpeg("-ss", "0.6", "-i", whole, "-c", "copy", path)
    video = loaded(path)
    begin = 2 - video.duration_s
    # Matroska, which has no edit lists, begins with the key frame before.
    assert begin == pytest.approx(0.4 if suffix == ".mkv" else 0.6, abs=0.05)
    check_times(video, np.maximum(0, times - begin), levels)


def test_variable_frame_rate_keeps_its_times(tmp_path):
    frames = np.zeros((30, 64, 96), np.uint8)
    frames[20:] = 255
    path = tmp_path / "clip.mp4"
    # The last ten frames last five times as long: white comes at 1 s of 3.25 to 3.5.
    slower = "setpts='if(lt(N,20),N/20,1+(N-20)/4)/TB'"
    filmed(path, frames, 20, "-vf", slower, "-fps_mode", "vfr", "-video_track_timescale", "1000")
    video = loaded(path)
    assert video.duration_s == pytest.approx(3.25, abs=0.3)
    levels = video.luma.mean(0)
    white = np.flatnonzero(levels > 128)
    assert white[0] == pytest.approx(RATE, abs=1)
    assert levels[white[0] :].min() > 240


def test_change_of_the_frame_size_keeps_the_time(tmp_path):
    frames = bar(25)
    first = filmed(tmp_path / "first.ts", frames, 25)
    second = filmed(tmp_path / "second.ts", frames[:, ::2], 25)
    path = tmp_path / "both.ts"
    ffmpeg("-i", second, "-c", "copy", "-output_ts_offset", "1", tmp_path / "later.ts")
    path.write_bytes(first.read_bytes() + (tmp_path / "later.ts").read_bytes())
    video = loaded(path)
    tops = video.luma.argmax(0)
    assert video.duration_s == pytest.approx(2, abs=0.05)
    assert tops[int(0.9 * RATE)] > 50
    assert tops[int(1.1 * RATE)] < 12
    assert tops[int(1.9 * RATE)] > 50


def test_damaged_frames_keep_the_length_and_are_told(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (50, 64, 96), np.uint8)
    path = filmed(tmp_path / "clip.mp4", frames, 25, "-g", "5", "-movflags", "faststart")
    whole = loaded(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 9000] = b"\xa5" * 9000
    path.write_bytes(content)
    video = loaded(path)
    assert whole.warning is None
    assert video.warning == (
        "clip.mp4 has damaged frames; they were skipped and the length is kept."
    )
    assert video.duration_s == whole.duration_s
    assert video.luma.shape == whole.luma.shape
    quarter = video.luma.shape[1] // 4
    np.testing.assert_array_equal(video.luma[:, :quarter], whole.luma[:, :quarter])
    assert video.luma[:, -quarter:].std() > 10


def test_single_frame_fills_its_time(tmp_path):
    video = loaded(filmed(tmp_path / "clip.mp4", np.full((1, 64, 96), 255, np.uint8), "1/40"))
    assert video.duration_s == pytest.approx(40, abs=1 / RATE)
    assert video.luma.min() > 250


def test_too_long_a_video_is_refused(tmp_path):
    path = filmed(tmp_path / "clip.mp4", bar(50), 25)
    assert loaded(path, max_duration_s=2.0).duration_s == pytest.approx(2)
    for limit in (1.9, 0.1):
        with pytest.raises(InputError, match="too long"):
            loaded(path, max_duration_s=limit)


def test_too_large_a_frame_is_refused(tmp_path):
    path = tmp_path / "clip.avi"
    side = int(MAX_PICTURE_PIXELS**0.5) + 10
    ffmpeg("-f", "lavfi", "-i", f"color=s={side}x{side}", "-frames:v", "1", "-c:v", "mjpeg", path)
    with pytest.raises(InputError, match="pixels"):
        loaded(path)


def test_sound_alone_and_its_cover_are_no_video(tmp_path):
    sound = tmp_path / "sound.m4a"
    tone = ("-f", "lavfi", "-i", "sine=d=1")
    ffmpeg(*tone, sound)
    covered = tmp_path / "covered.mp3"
    cover = ("-f", "lavfi", "-i", "testsrc=s=64x64:d=0.04")
    picture = ("-c:v", "mjpeg", "-disposition:v", "attached_pic", "-frames:v", "1")
    ffmpeg(*tone, *cover, "-map", "0", "-map", "1", *picture, covered)
    for path in (sound, covered):
        with pytest.raises(InputError, match="no video frames"):
            loaded(path)


def test_what_is_no_video_is_refused(tmp_path):
    clip = filmed(tmp_path / "clip.mp4", bar(5), 25).read_bytes()
    playlist = b"#EXTM3U\n#EXTINF:1,\nclip.mp4\n"
    contents = [(b"", "empty"), (b"words " * 99, "not a video"), (clip[:200], "not a video")]
    for content, says in [*contents, (playlist, "not a video")]:
        path = tmp_path / "other.mp4"
        path.write_bytes(content)
        with pytest.raises(InputError, match=says):
            loaded(path)
    with pytest.raises(InputError, match="not found"):
        loaded(tmp_path / "none.mp4")
    with pytest.raises(InputError, match="folder"):
        loaded(tmp_path)


@pytest.mark.parametrize("checks", [100, 350], ids=["while packets are read", "amid the frames"])
def test_ends_at_the_next_check_once_cancelled(tmp_path, monkeypatch, checks):
    """Of 300 packets and 300 frames none is read after that, and ffmpeg does not go on either."""
    path = filmed(tmp_path / "clip.mp4", bar(300, 240, 320), 25)
    ends, calls, processes = [], [], []
    reached = threading.Event()
    check, popen = video.check_cancelled, subprocess.Popen

    def wait_at_one():
        calls.append(None)
        if len(calls) == checks:
            reached.set()
            end = time.monotonic() + PATIENCE_S
            while time.monotonic() < end:
                check()  # raises as soon as the pool closes
                time.sleep(0.01)
        check()

    def remember(*arguments, **options):
        processes.append(popen(*arguments, **options))
        return processes[-1]

    def read(rows):
        try:
            loaded(path, rows=rows)
        except Cancelled as end:
            ends.append(end)
            raise

    for module in (video, video_stream):
        monkeypatch.setattr(module, "check_cancelled", wait_at_one)
    monkeypatch.setattr(subprocess, "Popen", remember)
    with workers() as pool:
        assert next(pool.as_completed(read, [1025])) is None
        assert reached.wait(PATIENCE_S)
    assert len(ends) == 1
    assert len(calls) == checks
    assert all(process.poll() is not None for process in processes)
    if checks > 300:  # it had most frames still to write
        assert processes[1].returncode == -signal.SIGKILL
