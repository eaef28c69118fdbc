"""The endpoints that make sounds of what is visible, called over HTTP as programs call them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from gradio_client import Client, handle_file
from PIL import Image

from app import compute
from moss import ui
from tests.media.films import bar, filmed
from tests.small import PICTURE
from tests.ui.browser.serving import served
from tests.ui.test_api import failed

SMALL = {"sample_rate": 8000, "n_fft": 512, "hop_length": 128, "duration_s": 1}


@pytest.fixture(scope="module")
def url():
    with served(ui.build(compute=compute, results=None)) as url:
        yield url


@pytest.fixture(scope="module")
def client(url, tmp_path_factory):
    return Client(url, verbose=False, download_files=tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """What each endpoint is given."""
    folder = tmp_path_factory.mktemp("given")
    np.save(folder / "array.npy", np.tri(60, 80))
    picture = handle_file(str(PICTURE))
    return {
        "picture": {"picture": picture},
        "slideshow": {"pictures": [picture, picture]},
        "video": {
            "video": handle_file(str(filmed(folder / "falls.mp4", bar(50, 240, 320, 24), 25)))
        },
        "array": {"array": handle_file(str(folder / "array.npy"))},
    }


@pytest.mark.parametrize(
    ("kind", "duration_s"), [("picture", 1), ("slideshow", 2.5), ("video", 2), ("array", 1)]
)
def test_every_source_becomes_a_sound(client, given, kind, duration_s):
    job = client.submit(
        **given[kind],
        preset="clear",
        settings=SMALL | {"gap_s": 0.5},
        api_name=f"/sonify_{kind}",
    )
    told = [progress for progress, *_ in job]
    stages = list(dict.fromkeys(each["stage"] for each in told))
    order = ["reading", "sounds", "files", "done"]
    assert [stage for stage in order if stage in stages] == stages and stages[-1] == "done"
    figures, sound, spectrogram, film, summary = job.result()
    samples, rate = soundfile.read(sound)
    assert len(samples) / rate == pytest.approx(duration_s, abs=128 / 8000)
    assert np.abs(samples).max() > 0.01
    Image.open(spectrogram).verify()
    assert film.endswith(".mp4")
    written = json.loads(Path(summary).read_text())
    assert written["settings"]["n_fft"] == 512
    for name in ("duration_s", "visual_loss", "loudness_lufs", "true_peak_dbtp", "warnings"):
        assert figures[name] == written[name]


BAD_CALLS = {
    "no picture": ("picture", {"picture": None}, "There is no picture yet"),
    "no pictures": ("slideshow", {"pictures": []}, "There is no picture yet"),
    "no video": ("video", {"video": None}, "There is no video yet"),
    "no array": ("array", {"array": None}, "There is no array yet"),
    "a picture as a video": ("video", {"video": handle_file(str(PICTURE))}, "moon.webp"),
    "a picture as an array": ("array", {"array": handle_file(str(PICTURE))}, "moon.webp"),
    "no such preset": ("picture", {"preset": "loud"}, "There is no preset 'loud'"),
    "no such setting": (
        "picture",
        {"settings": {"audio_weights": 3}},
        "There is no setting 'audio_weights'",
    ),
    "a hop that loses sound": ("picture", {"settings": {"hop_length": 1500}}, "cannot be turned"),
    "too long": ("picture", {"settings": {"duration_s": 601}}, "must be from 0.1 to 600"),
    "too much work": (
        "picture",
        {"settings": {"duration_s": 600, "effort": 20}},
        "This would take",
    ),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_call_that_cannot_be_ends_with_its_sentence(client, given, name):
    kind, changes, sentence = BAD_CALLS[name]
    call = {**given[kind], "preset": "clear", "settings": SMALL} | changes
    assert sentence in failed(client, **call, api_name=f"/sonify_{kind}")
