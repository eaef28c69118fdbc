"""What a file says of itself goes from one to another, whatever the container."""

import subprocess

import imageio_ffmpeg
import numpy as np
import pytest

from moss.media.sound_files import write_audio
from moss.media.tags import commented, ffmpeg_options, tags_of

RATE = 44_100
SAID = {
    "title": "Ärger = gut; a\\b # c",
    "artist": "Ådne & Søn",
    "album": "Ten \u00d7 ten",
    "date": "2020",
    "genre": "Noise",
    "tracknumber": "3",
    "comment": "One line",
}
NOISE = 0.1 * np.random.default_rng(0).standard_normal((2, RATE))


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_what_is_written_is_read_again(tmp_path, name):
    write_audio(tmp_path / name, NOISE, RATE, tags=SAID)
    assert tags_of(tmp_path / name) == SAID


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.opus", "a.m4a", "a.mkv"])
def test_tags_of_every_container_are_read(tmp_path, name):
    write_audio(tmp_path / "a.wav", NOISE, RATE)
    command = ["-v", "error", "-i", tmp_path / "a.wav", *ffmpeg_options(SAID), tmp_path / name]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *command], check=True)
    found = tags_of(tmp_path / name)
    # libsndfile does not read the comments of all of them.
    assert found == {key: text for key, text in SAID.items() if key in found}
    assert {"title", "artist", "album", "date", "genre"} <= set(found)


@pytest.mark.parametrize("default", [0, 1])
@pytest.mark.parametrize("whole", [[], ["-metadata", "title=Whole"]])
def test_of_several_tracks_the_default_one_is_told_of(tmp_path, default, whole):
    write_audio(tmp_path / "a.wav", NOISE, RATE)
    options = []
    for k in (0, 1):
        options += [f"-disposition:a:{k}", "default" if k == default else "0"]
        options += [f"-metadata:s:a:{k}", f"title=Track {k}"]
    command = ["-v", "error", "-i", tmp_path / "a.wav", "-map", "0:a", "-map", "0:a", *options]
    command += ["-c:a", "libvorbis", *whole, tmp_path / "a.mkv"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *command], check=True)
    title = "Whole" if whole else f"Track {default}"
    assert tags_of(tmp_path / "a.mkv")["title"] == title


def test_a_file_without_any_has_none(tmp_path):
    write_audio(tmp_path / "a.wav", NOISE, RATE)
    (tmp_path / "a.txt").write_text("no sound")
    for name in ("a.wav", "a.txt", "missing.wav"):
        assert tags_of(tmp_path / name) == {}


def test_lines_become_one_and_what_cannot_be_printed_is_left_out(tmp_path):
    write_audio(tmp_path / "a.flac", NOISE, RATE, tags={"title": "a\nb\tc\x07d" + 2000 * "e"})
    title = tags_of(tmp_path / "a.flac")["title"]
    assert title.startswith("a b cde") and len(title) == 1000


def test_a_comment_comes_after_the_one_that_is_there():
    assert commented({}, "ours") == {"comment": "ours"}
    assert commented({"comment": "theirs", "title": "t"}, "ours") == {
        "comment": "theirs; ours",
        "title": "t",
    }
