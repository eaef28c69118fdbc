"""A painting that is played on the page: which files are taken, and what is left of them."""

import gradio as gr
import numpy as np
import pytest

from moss.errors import InputError
from moss.media import read_audio
from moss.ui.host.files import temp_root
from moss.ui.host.room import Room
from moss.ui.host.run import Host
from moss.ui.tabs.paint import sound_of
from tests.waiting import eventually

REQUEST = gr.Request(session_hash="painter", client=None)


def result_of(work):
    """Run a generator to its end and return what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def runs():
    return set(temp_root().glob("run-*"))


@pytest.fixture
def host():
    room = Room(temp_root())
    yield Host(lambda *_: iter(()), "cpu", None, room)
    room.release("painter")


@pytest.fixture
def painting(tmp_path_factory):
    folder = temp_root() / tmp_path_factory.mktemp("painting").name
    folder.mkdir()
    levels = np.zeros((421, 44), np.uint8)
    levels[300, 5:40] = 255
    np.save(folder / "painting.npy", levels)
    yield folder / "painting.npy"
    (folder / "painting.npy").unlink()
    folder.rmdir()


def test_an_uploaded_painting_becomes_a_sound_of_its_length(host, painting):
    sound = result_of(sound_of(host, REQUEST, str(painting)))
    waveform, rate = read_audio(sound)
    assert waveform.shape[1] == 44 * 1024
    assert rate == 44_100
    assert sound.is_relative_to(temp_root())
    assert host.room.holders == {"painter"}


def test_a_file_that_was_not_uploaded_is_refused(host, tmp_path):
    np.save(tmp_path / "painting.npy", np.ones((421, 44), np.uint8))
    with pytest.raises(InputError, match="not uploaded to this page"):
        result_of(sound_of(host, REQUEST, str(tmp_path / "painting.npy")))


def test_whoever_leaves_leaves_nothing_behind(host, painting):
    before = runs()
    work = sound_of(host, REQUEST, str(painting))
    while runs() == before:
        next(work)
    work.close()
    eventually(lambda: runs() == before)
