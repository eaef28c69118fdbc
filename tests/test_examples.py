"""The committed examples: they open, they are worth blending, and their code still makes them."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import torchaudio
from PIL import Image

from examples import make

FOLDER = Path(make.__file__).parent
PICTURES = [FOLDER / f"{name}.{ending}" for name, (_, _, ending, _) in make.PICTURES.items()]
TRACKS = [FOLDER / f"{name}.ogg" for name in make.TRACKS]


def file_name(path):
    return path.name


def luma(path):
    return np.asarray(Image.open(path).convert("L"), float) / 255


def test_all_of_it_stays_small():
    sizes = [path.stat().st_size for path in PICTURES + TRACKS]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 2_000_000


def test_no_media_lies_about_that_the_code_does_not_make():
    media = {path for path in FOLDER.iterdir() if path.suffix not in {".py", ".md", ""}}
    assert media == set(PICTURES + TRACKS)


@pytest.mark.parametrize("path", PICTURES, ids=file_name)
def test_picture_has_shapes_on_a_dark_ground(path):
    image = luma(path)
    assert 768 <= max(image.shape) <= 1024
    # A uniform ramp deviates by 0.29, a flat grey by 0; half a ramp is a picture with contrast.
    assert image.std() > 0.145
    assert np.median(image) < 0.35
    assert image.max() > 0.9
    # Midtones, not a stencil: part of the picture lies well between black and white.
    assert ((image > 0.15) & (image < 0.85)).mean() > 0.1


@pytest.mark.parametrize("path", PICTURES, ids=file_name)
def test_picture_is_made_of_large_shapes(path):
    # A mask has 128 x 256 cells: what survives averaging to far fewer can be seen in a blend.
    small = Image.open(path).convert("L").resize((32, 32), Image.Resampling.BOX)
    assert (np.asarray(small, float) / 255).std() > 0.6 * luma(path).std()


@pytest.mark.parametrize("path", TRACKS, ids=file_name)
def test_track_is_whole_wide_and_at_a_fair_level(path):
    waveform, sample_rate = soundfile.read(path, always_2d=True)
    assert sample_rate == 44_100
    assert 30 <= len(waveform) / sample_rate <= 32
    assert waveform.shape[1] == 2
    assert np.corrcoef(waveform.T)[0, 1] < 0.95
    # Vorbis moves the peak of -3 dBFS by up to about a decibel; 1 dB of room must stay.
    assert np.abs(waveform).max() < 10 ** (-1 / 20)
    loudness = torchaudio.functional.loudness(torch.from_numpy(waveform.T.copy()), sample_rate)
    assert -20.5 < float(loudness) < -15.5


@pytest.mark.parametrize("path", TRACKS, ids=file_name)
def test_track_has_no_hole_inside_and_quiet_ends(path):
    waveform, sample_rate = soundfile.read(path, always_2d=True)
    seconds = waveform[: len(waveform) // sample_rate * sample_rate].reshape(-1, sample_rate, 2)
    rms = np.sqrt((seconds**2).mean(axis=(1, 2)))
    assert rms[1:-3].min() > 0.1 * rms.max()
    ends = np.abs(np.concatenate([waveform[:20], waveform[-20:]]))
    assert ends.max() < 0.003  # nothing to click on


@pytest.mark.parametrize("path", TRACKS, ids=file_name)
def test_track_reaches_high_enough_to_carry_a_picture(path):
    waveform, sample_rate = soundfile.read(path, always_2d=True)
    power = np.abs(np.fft.rfft(waveform.mean(axis=1))) ** 2
    hz = np.fft.rfftfreq(len(waveform), 1 / sample_rate)
    octaves = [power[(hz >= low) & (hz < 2 * low)].mean() for low in (86, 172, 344, 689, 1378)]
    top = power[(hz >= 5512) & (hz < 11025)].mean()
    assert 10 * np.log10(top / max(octaves)) > -60


def test_a_picture_made_again_is_the_committed_one():
    again = np.asarray(Image.open(io.BytesIO(make.picture_bytes("galaxy"))), float)
    committed = np.asarray(Image.open(FOLDER / "galaxy.jpg"), float)
    # The same pixels on the same libraries; another JPEG codec or processor may round some
    # by a level, while another seed moves every star (a mean of 11 levels).
    assert np.abs(again - committed).mean() < 1


def test_command_writes_what_was_asked_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make", "--only", "galaxy", "--output", str(tmp_path)])
    make.main()
    assert [path.name for path in tmp_path.iterdir()] == ["galaxy.jpg"]


def test_another_stream_serial_keeps_every_sample():
    ogg = (FOLDER / "rain.ogg").read_bytes()
    changed = make.with_serial(ogg, 99)
    assert changed != ogg
    # Decoders drop pages whose checksum is wrong, so equal sound means right checksums.
    sound, _ = soundfile.read(io.BytesIO(changed))
    expected, _ = soundfile.read(io.BytesIO(ogg))
    np.testing.assert_array_equal(sound, expected)
    assert make.with_serial(changed, make.TRACKS["rain"][0]) == ogg
