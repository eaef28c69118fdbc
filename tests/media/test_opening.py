"""Lengths are those of what is decoded, whatever a header says; a second decoder is asked."""

import struct
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
import torch

from moss.errors import InputError
from moss.media import load_audio, load_overview, load_whole
from moss.media.audio import rate_of

RATE = 44_100
SECONDS = 4
NEVER = 2**32 - 1


def ffmpeg(*arguments):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    return subprocess.run([str(each) for each in command], check=True, capture_output=True).stdout


def sweep(rate=RATE, seconds=SECONDS, channels=2):
    """Low tones in every channel whose frequency tells the time, with another sign in each."""
    t = np.arange(seconds * rate) / rate
    tone = 0.4 * np.sin(2 * np.pi * (200 * t + 60 * t**2))
    return np.stack([(1 - 1.5 * k) * tone for k in range(channels)], 1)


def check_sound(path, sound, *, tolerance, rate=RATE, extra_s=0.1, lead=0):
    """Compare a file with the `sound` (samples, channels) that it was made of, from 0 and later.

    It may be `extra_s` longer, and begins `lead` samples late.
    """
    seconds = len(sound) / rate
    whole = load_audio(path, sample_rate=rate)
    assert seconds - 0.01 <= whole.shape[1] / rate <= seconds + extra_s
    assert rate_of(path) == rate
    inside = slice(rate // 4, len(sound) - rate // 4)
    error = whole.numpy().T[lead:][: len(sound)][inside] - sound[inside]
    assert np.sqrt(np.mean(error**2)) < tolerance
    for start_s in (0.7, 2.9):
        part = load_audio(path, sample_rate=rate, start_s=start_s, duration_s=1.0)
        first = round(start_s * rate)
        assert (part - whole[:, first : first + rate]).abs().max() < 1e-4
    seen = load_overview(path, 80)
    assert abs(seen.duration_s - whole.shape[1] / rate) < 1e-3
    assert (seen.peaks[2:75] > 0.1).all()
    samples, own = load_whole(path)
    assert own == rate and torch.equal(samples, whole)


@pytest.mark.parametrize(
    ("name", "options", "tolerance", "lead"),
    [
        # Lossy ones by what they change of a tone; raw MPEG and AAC say nothing of their lead-in.
        ("a.mp3", ["-write_xing", "0", "-q:a", "5"], 0.01, 1105),
        ("a.wma", [], 0.02, 2009),
        ("a.mka", ["-c:a", "ac3"], 0.02, 0),
        ("a.aac", ["-aac_pns", "0"], 0.02, 1024),
        ("a.mp2", [], 0.02, 481),
        ("a.ac3", [], 0.02, 256),
        ("a.oga", ["-c:a", "flac", "-f", "ogg"], 1e-4, 0),
        ("alac.m4a", ["-c:a", "alac"], 1e-4, 0),
        ("alac.caf", ["-c:a", "alac"], 1e-4, 0),
        ("a.caf", [], 1e-4, 0),
        ("a.w64", [], 1e-4, 0),
        ("rf64.wav", ["-rf64", "always"], 1e-4, 0),
        ("a.aifc", ["-f", "aiff"], 1e-4, 0),
        ("a.au", [], 1e-4, 0),
        ("a.tta", [], 1e-4, 0),
        ("a.wv", [], 1e-4, 0),
        ("ima.wav", ["-c:a", "adpcm_ima_wav"], 0.02, 0),
        ("ms.wav", ["-c:a", "adpcm_ms"], 0.02, 0),
        ("yamaha.wav", ["-c:a", "adpcm_yamaha"], 0.02, 0),
        ("mp3.wav", ["-c:a", "mp3"], 0.02, 1105),
    ],
)
def test_the_sound_is_whole_and_in_its_place(tmp_path, name, options, tolerance, lead):
    soundfile.write(tmp_path / "source.wav", sweep(), RATE)
    ffmpeg("-i", tmp_path / "source.wav", *options, tmp_path / name)
    check_sound(tmp_path / name, sweep(), tolerance=tolerance, lead=lead)


@pytest.mark.parametrize("codec", [["libvorbis", "ogg"], ["libopus", "opus"], ["flac", "ogg"]])
def test_ogg_streams_in_a_row_are_one_sound(tmp_path, codec):
    sound, rate = sweep(48_000), 48_000
    data = b""
    for half in (sound[: 2 * rate], sound[2 * rate :]):
        soundfile.write(tmp_path / "half.wav", half, rate)
        ffmpeg("-i", tmp_path / "half.wav", "-c:a", codec[0], "-f", codec[1], tmp_path / "half.ogg")
        data += (tmp_path / "half.ogg").read_bytes()
    (tmp_path / "a.ogg").write_bytes(data)
    whole = load_audio(tmp_path / "a.ogg", sample_rate=rate)
    assert SECONDS <= whole.shape[1] / rate <= SECONDS + 0.02
    for begin in (rate // 2, 5 * rate // 2):
        expected = torch.from_numpy(sound[begin : begin + rate].T)
        # The last packet of a stream is not always cut to its length.
        found = whole[:, begin : begin + rate + 1000].unfold(1, rate, 1)
        errors = [(found[:, lag] - expected).square().mean().sqrt() for lag in range(0, 1000, 4)]
        assert min(errors) < 0.02
    part = load_audio(tmp_path / "a.ogg", sample_rate=rate, start_s=2.9, duration_s=1.0)
    first = round(2.9 * rate)
    assert (part - whole[:, first : first + rate]).abs().max() < 1e-4
    assert load_overview(tmp_path / "a.ogg").duration_s == whole.shape[1] / rate
    assert torch.equal(load_whole(tmp_path / "a.ogg")[0], whole)


def test_an_ogg_whose_second_stream_has_another_rate_is_not_cut_in_silence(tmp_path):
    data = b""
    for rate in (24_000, 48_000):
        soundfile.write(tmp_path / "half.wav", sweep(rate), rate)
        ffmpeg("-i", tmp_path / "half.wav", "-c:a", "libvorbis", tmp_path / "half.ogg")
        data += (tmp_path / "half.ogg").read_bytes()
    (tmp_path / "a.ogg").write_bytes(data)
    for load in (load_overview, load_whole, lambda path: load_audio(path, sample_rate=RATE)):
        with pytest.raises(InputError, match=r"a\.ogg cannot be decoded from 4\.\d+ s on"):
            load(tmp_path / "a.ogg")
    part = load_audio(tmp_path / "a.ogg", sample_rate=24_000, duration_s=1.0)
    assert part.shape == (2, 24_000)


def patched(data, at, value):
    return data[:at] + value + data[at + len(value) :]


def sized_wav(size):
    return lambda data: patched(data, data.index(b"data") + 4, struct.pack("<I", size))


def sized_au(size):
    return lambda data: patched(data, 8, struct.pack(">I", size))


def flac_of(frames):
    def change(data):
        upper = bytes([data[21] & 0xF0 | frames >> 32])
        return patched(data, 21, upper + struct.pack(">I", frames & NEVER))

    return change


def behind_id3(data):
    return b"ID3\x03\x00\x00\x00\x00\x02\x00" + bytes(256) + data


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("WAV", sized_wav(0)),
        ("WAV", sized_wav(NEVER)),
        ("WAV", sized_wav(2**31 - 1)),
        ("AU", sized_au(NEVER)),
        ("FLAC", flac_of(0)),
        ("FLAC", flac_of(9 * RATE)),
        ("FLAC", flac_of(2**36 - 1)),
        ("FLAC", behind_id3),
    ],
)
def test_a_header_is_not_believed(tmp_path, kind, change):
    soundfile.write(tmp_path / "a", sweep(), RATE, format=kind)
    (tmp_path / "a").write_bytes(change((tmp_path / "a").read_bytes()))
    check_sound(tmp_path / "a", sweep(), tolerance=1e-4)


@pytest.mark.parametrize(
    ("container", "codec", "tolerance"),
    [
        ("WAV", "GSM610", 0.03),
        ("W64", "GSM610", 0.03),
        ("AIFF", "GSM610", 0.03),
        # ffmpeg takes these in WAV and AU for other codecs, and decodes noise.
        ("WAV", "G721_32", 0.02),
        ("AU", "G721_32", 0.02),
        ("AU", "G723_24", 0.03),
        ("WAV", "NMS_ADPCM_16", 0.03),
    ],
)
def test_what_cannot_be_sought_in_is_read_from_its_start(tmp_path, container, codec, tolerance):
    rate, sound = 8000, sweep(8000, channels=1)
    soundfile.write(tmp_path / "a", sound, rate, format=container, subtype=codec)
    check_sound(tmp_path / "a", sound, tolerance=tolerance, rate=rate)


def test_damage_that_checksums_tell_is_refused_by_both_decoders(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (SECONDS * RATE, 2))
    soundfile.write(tmp_path / "a.flac", noise, RATE)
    data = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(patched(data, len(data) // 2, bytes(5000)))
    with pytest.raises(InputError, match="damaged or cut short"):
        load_audio(tmp_path / "a.flac", sample_rate=RATE)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
@pytest.mark.parametrize("default", [0, 1])
def test_the_default_track_is_heard_and_seen(tmp_path, name, default):
    soundfile.write(tmp_path / "0.wav", 0.1 * sweep(), RATE)
    soundfile.write(tmp_path / "1.wav", sweep(), RATE)
    flags = [("-disposition:a:" + str(k), "default" if k == default else "0") for k in (0, 1)]
    options = ["-map", "0", "-map", "1", "-c:a", "alac", *flags[0], *flags[1]]
    ffmpeg("-i", tmp_path / "0.wav", "-i", tmp_path / "1.wav", *options, tmp_path / name)
    peak = (0.04, 0.4)[default]
    assert load_audio(tmp_path / name, sample_rate=RATE).max() == pytest.approx(peak, rel=0.01)
    assert load_whole(tmp_path / name)[0].max() == pytest.approx(peak, rel=0.01)
    assert np.median(load_overview(tmp_path / name).peaks) == pytest.approx(peak, rel=0.1)
