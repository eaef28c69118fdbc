"""Lossy files: decoded again, they are the sound at its own moment and of its own length."""

import pytest
import soundfile
import torch

from moss.errors import OutputError
from moss.media import load_audio
from moss.media.coding import Codec, write_coded
from moss.media.tags import tags_of

RATE = 22_050
CODECS = [
    *(Codec("MP3", 320), Codec("MP3", 192), Codec("AAC", 256)),
    *(Codec("Opus", 160), Codec("Vorbis", 192)),
]


def sound(rate=RATE, channels=2):
    """Noise that falls over 1 kHz, with a beginning that no other moment has."""
    noise = torch.randn(channels, 3 * rate, generator=torch.Generator().manual_seed(0))
    spectrum = torch.fft.rfft(noise)
    hz = torch.fft.rfftfreq(noise.shape[1], 1 / rate)
    return 0.1 * torch.fft.irfft(spectrum / (1 + (hz / 1000) ** 2), n=noise.shape[1])


@pytest.mark.parametrize("codec", CODECS, ids=str)
@pytest.mark.parametrize("channels", [1, 2])
def test_what_is_decoded_is_the_sound_without_delay(tmp_path, codec, channels):
    before, path = sound(channels=channels), tmp_path / f"a{codec.file_ending}"
    write_coded(path, before, RATE, codec, {"title": "A title", "comment": "Said"})
    after = load_audio(path, sample_rate=RATE, duration_s=None)
    assert abs(after.shape[1] - before.shape[1]) <= 1 and after.shape[0] == channels
    after = after[:, : before.shape[1]]
    lags = torch.fft.irfft(torch.fft.rfft(before).conj() * torch.fft.rfft(after)).sum(dim=0)
    assert lags.argmax() == 0
    error = (after - before[:, : after.shape[1]]).square().mean()
    assert 10 * torch.log10(before.square().mean() / error) > 15  # a sample late: under 12
    assert tags_of(path)["title"] == "A title"


@pytest.mark.parametrize(
    ("sample_rate", "codec", "coded_rate"),
    [
        (8_000, Codec("MP3", 192), 44_100),
        (44_100, Codec("MP3", 192), 44_100),
        (48_000, Codec("MP3", 192), 48_000),
        (96_000, Codec("Vorbis", 192), 48_000),
        (22_050, Codec("Opus", 160), 48_000),
    ],
)
def test_files_have_the_rates_of_players(tmp_path, sample_rate, codec, coded_rate):
    path = tmp_path / f"a{codec.file_ending}"
    write_coded(path, sound(sample_rate), sample_rate, codec, {})
    assert soundfile.info(path).samplerate == coded_rate


def test_silence_can_be_coded(tmp_path):
    path = tmp_path / "a-192.mp3"
    write_coded(path, torch.zeros(1, RATE), RATE, Codec("MP3", 192), {})
    assert not load_audio(path, sample_rate=RATE, may_be_silent=True).any()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(OutputError, match=r"a-192\.mp3 cannot be written"):
        write_coded(tmp_path / "no" / "a-192.mp3", sound(), RATE, Codec("MP3", 192), {})
