import os
import struct
import subprocess
import tempfile
import warnings
import zlib
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from moss.errors import InputError, OutputError
from moss.media import load_audio, load_picture, read_audio, sha256_of, write_audio
from moss.media.limits import MAX_CHANNELS, MAX_PART_S, MAX_PICTURE_PIXELS, MIN_PICTURE_SIDE
from moss.settings.blend import MAX_DURATION_S
from tests.fuzz.fields import sealed

RATE = 22050


def rgb_picture(height=24, width=32):
    """A smooth colour picture, unlike any of its rotations and reflections."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [255 * y / height, 255 * x / width, 127 + 0 * x]
    return Image.fromarray(np.stack(planes, -1).astype(np.uint8))


def rec601(picture):
    return np.asarray(picture, dtype=np.float64)[..., :3] @ [0.299, 0.587, 0.114] / 255


def tones(seconds=2.0, rate=44100, channels=2):
    """Low tones that differ from second to second and between the channels."""
    t = np.arange(round(seconds * rate)) / rate
    sweep = 0.4 * np.sin(2 * np.pi * (200 * t + 150 * t**2))
    beats = 0.3 * np.sin(2 * np.pi * 660 * t) * np.sin(2 * np.pi * 1.3 * t + 0.5)
    return np.stack([sweep, beats], 1)[:, :channels]


def eight_seconds(folder, name):
    """A file of tones in the format of its suffix, long enough for ffmpeg to seek in it."""
    rate = 48000 if name == "a.opus" else 44100
    soundfile.write(folder / "a.wav", tones(8, rate), rate)
    if name != "a.wav":
        # AAC's noise substitution would sound different at every decoding.
        aac = ["-c:a", "aac", "-aac_pns", "0"]
        codec = {"a.m4a": aac, "a.mkv": aac, "a.ogg": ["-c:a", "libvorbis"]}.get(name, [])
        ffmpeg("-i", folder / "a.wav", *codec, folder / name)
    return folder / name


def ffmpeg(*arguments):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run([str(part) for part in command], check=True)


# Pictures


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        # Pillow's grey is rounded to 8 bits; the lossy and paletted formats change the colours.
        ("a.png", {}, 0.6 / 255),
        ("a.bmp", {}, 0.6 / 255),
        ("a.tiff", {"compression": "tiff_lzw"}, 0.6 / 255),
        ("a.webp", {"lossless": True}, 0.6 / 255),
        ("a.webp", {"quality": 95}, 0.04),
        ("a.jpg", {"quality": 95}, 0.04),
        ("a.gif", {}, 0.06),
    ],
)
def test_a_format_gives_its_luma_whatever_the_extension(tmp_path, name, options, tolerance):
    picture = rgb_picture()
    picture.save(tmp_path / name, **options)
    misnamed = tmp_path / "picture.wav"
    (tmp_path / name).rename(misnamed)
    luma = load_picture(misnamed)
    assert luma.dtype == np.float32
    assert luma.shape == (24, 32)
    assert np.abs(luma - rec601(picture)).max() < tolerance


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK"])
def test_colour_modes_give_the_same_luma(tmp_path, mode):
    picture = rgb_picture().convert(mode)
    path = tmp_path / "a.tiff"
    picture.save(path)
    expected = rec601(picture.convert("RGB"))
    assert np.abs(load_picture(path) - expected).max() < 1.1 / 255


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_lies_over_black(tmp_path, mode):
    picture = rgb_picture().convert("RGBA")
    alpha = np.full((24, 32), 255, np.uint8)
    alpha[:8] = 0
    if mode != "P":  # a palette is either clear or not
        alpha[8:16] = 102
    picture.putalpha(Image.fromarray(alpha))
    path = tmp_path / "a.png"
    if mode == "P":
        paletted = rgb_picture().convert("P", palette=Image.Palette.ADAPTIVE, colors=200)
        indices = np.asarray(paletted).copy()
        indices[:8] = 255
        clear = Image.fromarray(indices, mode="P")
        clear.putpalette(paletted.getpalette())
        clear.save(path, transparency=255)
        tolerance = 0.06
    else:
        picture.convert(mode).save(path)
        tolerance = 1.1 / 255
    luma = load_picture(path)
    assert (luma[:8] == 0).all()
    assert np.abs(luma - rec601(rgb_picture()) * alpha / 255).max() < tolerance


def test_a_gif_gives_its_first_frame(tmp_path):
    frames = [Image.new("L", (16, 16), value) for value in (200, 100, 0)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert np.abs(load_picture(tmp_path / "a.gif") - 200 / 255).max() < 1e-6


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_grey_of_16_bits_keeps_its_precision(tmp_path, name):
    values = np.arange(1000, 1000 + 32 * 32, dtype=np.uint16).reshape(32, 32)
    Image.fromarray(values).save(tmp_path / name)
    luma = load_picture(tmp_path / name)
    assert np.array_equal(np.rint(luma.astype(np.float64) * 65535), values)


def test_grey_of_16_bits_honours_its_transparent_value(tmp_path):
    values = np.full((16, 16), 40000, np.uint16)
    values[:4] = 50000
    Image.fromarray(values).save(tmp_path / "a.png", transparency=50000)
    luma = load_picture(tmp_path / "a.png")
    assert (luma[:4] == 0).all()
    assert np.abs(luma[4:] - 40000 / 65535).max() < 1e-6


def test_colour_of_16_bits_is_read(tmp_path):
    samples = np.asarray(rgb_picture()).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    path = tmp_path / "a.png"
    path.write_bytes(png(32, 24, zlib.compress(rows), depth=16, colour=2))
    assert np.abs(load_picture(path) - rec601(rgb_picture())).max() < 1.1 / 255


def test_floats_are_scaled_from_least_to_greatest(tmp_path):
    values = np.linspace(-3, 5, 400, dtype=np.float32).reshape(20, 20)
    Image.fromarray(values).save(tmp_path / "a.tiff")
    assert np.allclose(load_picture(tmp_path / "a.tiff"), (values + 3) / 8, atol=1e-6)


@pytest.mark.parametrize("mode", ["L", "RGB", "F", "I;16"])
def test_a_constant_picture_is_fine(tmp_path, mode):
    array = {"F": np.full((9, 9), 0.25, np.float32), "I;16": np.full((9, 9), 500, np.uint16)}
    picture = Image.fromarray(array[mode]) if mode in array else Image.new(mode, (9, 9))
    picture.save(tmp_path / "a.tiff")
    luma = load_picture(tmp_path / "a.tiff")
    expected = {"F": 0.25, "I;16": 500 / 65535}.get(mode, 0)
    assert np.abs(luma - expected).max() < 1e-6


@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16", "F"])
def test_a_large_picture_is_right_in_every_row_and_takes_little_memory(tmp_path, mode):
    # So many pixels that no memory that was freed before is used again.
    slope = np.add.outer(np.arange(4000, dtype=np.float32), np.arange(4000, dtype=np.float32))
    slope /= slope.max()
    scale = {"F": 1, "I;16": 65535}.get(mode, 255)
    values = np.rint(slope * scale) if scale > 1 else slope
    picture = Image.fromarray(values.astype({1: np.float32, 255: np.uint8}.get(scale, np.uint16)))
    if mode == "RGBA":
        picture = Image.merge(mode, [picture] * 3 + [Image.new("L", picture.size, 51)])
        slope /= 5
    picture.save(tmp_path / "a.tiff")
    Path("/proc/self/clear_refs").write_text("5")  # its peak begins anew
    before = memory_kb("VmRSS")
    luma = load_picture(tmp_path / "a.tiff")
    # 4 bytes a pixel as it is decoded, 4 as float32, and 3 for the rows being worked on.
    assert memory_kb("VmHWM") - before < 11 * picture.width * picture.height / 1000
    assert np.abs(luma - slope).max() < 0.6 / 255


def memory_kb(what):
    """The resident memory of this process: VmRSS now, VmHWM at its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.png", "L"),
        ("a.jpg", "L"),
        ("a.webp", "L"),
        ("a.tiff", "L"),
        ("a.png", "I;16"),
        ("a.tiff", "I;16"),
    ],
)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(tmp_path, orientation, name, mode):
    upright = np.full((24, 40), 20, np.uint8)
    upright[:12, :20] = 240  # bright at the top left
    upright[:12, 20:] = 120  # grey at the top right
    # What a camera stores so that the reader's turn gives `upright` (EXIF 2.3, tag 0x0112).
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    if mode == "I;16":
        stored = stored.astype(np.uint16) * 257
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / name, exif=exif)
    luma = load_picture(tmp_path / name)
    assert luma.shape == (24, 40)
    # The middle of each quarter, so that a lossy codec's edges do not count.
    assert luma[3:9, 5:15].mean() * 255 == pytest.approx(240, abs=4)
    assert luma[3:9, 25:35].mean() * 255 == pytest.approx(120, abs=4)
    assert luma[15:21, 5:35].mean() * 255 == pytest.approx(20, abs=4)


# Sounds


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        # Rounding to 16 bits; then what each lossy codec may change at its usual rate.
        ("a.wav", {"subtype": "FLOAT"}, 1e-6),
        ("a.wav", {"subtype": "PCM_16"}, 1e-4),
        ("a.flac", {}, 1e-4),
        ("a.ogg", {"format": "OGG", "subtype": "VORBIS"}, 0.02),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}, 0.02),
        ("a.mp3", {}, 0.02),
    ],
)
def test_a_format_gives_its_waveform_whatever_the_extension(tmp_path, name, options, tolerance):
    rate = 48000 if name == "a.opus" else 44100
    sound = tones(rate=rate)
    soundfile.write(tmp_path / name, sound, rate, **options)
    misnamed = tmp_path / "sound.png"
    (tmp_path / name).rename(misnamed)
    waveform = load_audio(misnamed, sample_rate=rate)
    assert waveform.dtype == torch.float32
    assert waveform.shape == (2, 2 * rate)
    error = (waveform.numpy().T - sound)[1000:-1000]  # codecs blur their first and last block
    assert np.sqrt(np.mean(error**2)) < tolerance


@pytest.mark.parametrize("name", ["a.m4a", "a.aac", "a.mp4", "a.mkv", "a.mov"])
def test_ffmpeg_reads_what_soundfile_cannot(tmp_path, name):
    sound = tones()
    soundfile.write(tmp_path / "a.wav", sound, 44100)
    video = ["-f", "lavfi", "-i", "color=c=red:s=32x32:r=10:d=2"]
    inputs = video if name in ("a.mp4", "a.mkv", "a.mov") else []
    ffmpeg("-i", tmp_path / "a.wav", *inputs, "-c:a", "aac", "-b:a", "192k", tmp_path / name)
    waveform = load_audio(tmp_path / name, sample_rate=44100).numpy().T
    # Raw AAC says nothing of its encoder's lead-in of 1024 samples.
    lead = 1024 if name == "a.aac" else 0
    assert len(sound) + lead <= len(waveform) < len(sound) + lead + 2048
    error = (waveform[lead : lead + len(sound)] - sound)[3000:-3000]
    assert np.sqrt(np.mean(error**2)) < 0.01


@pytest.mark.parametrize(
    ("name", "sample_rate"),
    [
        ("a.wav", 16000),
        ("a.wav", 22050),
        ("a.mp3", 22050),
        ("a.ogg", 22050),
        ("a.opus", 22050),
        ("a.m4a", 22050),
    ],
)
def test_a_part_equals_the_same_samples_of_the_whole(tmp_path, name, sample_rate):
    path = eight_seconds(tmp_path, name)
    whole = load_audio(path, sample_rate=sample_rate)
    for start_s, duration_s in [(0.0, 1.0), (0.01, 0.5), (4.123457, 1.5), (7.0, 30.0), (5.5, None)]:
        part = load_audio(path, sample_rate=sample_rate, start_s=start_s, duration_s=duration_s)
        first = round(start_s * sample_rate)
        left = whole.shape[1] - first
        count = left if duration_s is None else min(left, round(duration_s * sample_rate))
        assert part.shape == (2, count)
        # Lossy decoders keep a state from the samples before: -80 dB is inaudible.
        tolerance = 1e-6 if name == "a.wav" else 1e-4
        assert (part - whole[:, first : first + count]).abs().max() < tolerance


def test_a_part_of_a_matroska_file_is_right_to_a_millisecond(tmp_path):
    path = eight_seconds(tmp_path, "a.mkv")  # Matroska tells time in milliseconds
    whole = load_audio(path, sample_rate=48000)
    part = load_audio(path, sample_rate=48000, start_s=4.5, duration_s=1.0)
    starts = range(216000 - 50, 216000 + 51)
    assert min((part - whole[:, i : i + 48000]).abs().max() for i in starts) < 0.05


@pytest.mark.parametrize("rate", [8000, 11025, 32000, 44100, 48000, 96000])
def test_resampling_keeps_the_waveform(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", tones(2, rate), rate, subtype="FLOAT")
    waveform = load_audio(tmp_path / "a.wav", sample_rate=RATE).numpy().T
    assert waveform.shape == (2 * RATE, 2)
    inside = slice(800, -800)  # the filter sees silence beyond the file's ends
    assert np.abs(waveform - tones(2, RATE))[inside].max() < 1e-4


@pytest.mark.parametrize(("rate", "sample_rate"), [(44100, 22050), (48000, 22050), (44100, 16000)])
def test_nothing_above_the_new_nyquist_frequency_folds_back(tmp_path, rate, sample_rate):
    t = np.arange(2 * rate) / rate
    low, high = sample_rate / 2, rate / 2
    sweep = 0.9 * np.sin(2 * np.pi * (low * t + (high - low) * t**2 / 4))
    soundfile.write(tmp_path / "a.wav", sweep, rate, subtype="FLOAT")
    waveform = load_audio(tmp_path / "a.wav", sample_rate=sample_rate)
    # A sweep that starts and ends at once has a click there; only its inside is at stake.
    inside = waveform[:, 400:-400]
    assert 20 * torch.log10(inside.abs().max() / 0.9) < -80


def test_an_odd_sample_rate_is_resampled_in_little_memory(tmp_path):
    soundfile.write(tmp_path / "a.wav", tones(2, 44101), 44101, subtype="FLOAT")
    waveform = load_audio(tmp_path / "a.wav", sample_rate=RATE, duration_s=1.0).numpy().T
    assert waveform.shape == (RATE, 2)
    # 0.03 % of one second at the sweep's 500 Hz is one radian at most.
    assert np.abs(waveform - tones(1, RATE))[800:-800].max() < 0.4


def test_mono_stays_mono_and_stereo_can_be_mixed_down(tmp_path):
    stereo = tones()
    soundfile.write(tmp_path / "stereo.wav", stereo, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "mono.wav", stereo[:, 0], RATE, subtype="FLOAT")
    assert load_audio(tmp_path / "mono.wav", sample_rate=RATE).shape[0] == 1
    mixed = load_audio(tmp_path / "stereo.wav", sample_rate=RATE, mono=True)
    assert mixed.shape[0] == 1
    assert np.abs(mixed[0].numpy() - stereo.mean(1)).max() < 1e-6


@pytest.mark.parametrize("channels", range(3, MAX_CHANNELS + 1))
def test_more_channels_become_stereo(tmp_path, channels):
    sound = np.repeat(tones(1, RATE)[:, :1], channels, axis=1)
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    assert load_audio(tmp_path / "a.wav", sample_rate=RATE).shape == (2, RATE)


def test_six_channels_become_stereo_with_left_and_right_in_place(tmp_path):
    sound = np.zeros((RATE, 6))
    sound[:, 0] = tones(1, RATE)[:, 0]  # front left
    soundfile.write(tmp_path / "a.wav", sound, RATE, format="WAVEX", subtype="FLOAT")
    left, right = load_audio(tmp_path / "a.wav", sample_rate=RATE)
    assert left.abs().max() > 0.1
    assert right.abs().max() == 0


def test_a_nearly_silent_track_is_fine(tmp_path):
    soundfile.write(tmp_path / "a.wav", 1e-6 * tones(), RATE, subtype="FLOAT")
    assert 0 < load_audio(tmp_path / "a.wav", sample_rate=RATE).abs().max() < 1e-6


@pytest.mark.parametrize("bit_depth", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_flac_holds_the_samples_of_wav(tmp_path, bit_depth, channels):
    noise = np.random.default_rng(0).uniform(-1, 1, (channels, 5000))
    wav, flac = tmp_path / "a.wav", tmp_path / "a.flac"
    for path in (wav, flac):
        write_audio(path, noise, RATE, bit_depth)
    assert (soundfile.info(flac).format, soundfile.info(flac).subtype) == (
        "FLAC",
        f"PCM_{bit_depth}",
    )
    assert torch.equal(read_audio(wav)[0], read_audio(flac)[0])


@pytest.mark.parametrize("bit_depth", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_what_is_written_is_read_within_half_a_step(tmp_path, bit_depth, channels):
    step = 2.0 ** (1 - bit_depth)
    noise = np.random.default_rng(0).uniform(-1, 1 - step, (channels, 5000))
    noise[:, :4] = [-1, 1 - step, 0, step]
    waveform = torch.from_numpy(noise)
    before = waveform.clone()
    write_audio(tmp_path / "a.wav", waveform, RATE, bit_depth)
    again, sample_rate = read_audio(tmp_path / "a.wav")
    assert sample_rate == RATE
    assert again.shape == waveform.shape
    assert (again.double() - waveform).abs().max() <= step / 2
    assert torch.equal(waveform, before)
    assert soundfile.info(tmp_path / "a.wav").subtype == f"PCM_{bit_depth}"
    write_audio(tmp_path / "b.wav", again.numpy(), RATE, bit_depth)
    assert sha256_of(tmp_path / "a.wav") == sha256_of(tmp_path / "b.wav")


@pytest.mark.parametrize("bit_depth", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_written_in_pieces_is_the_same(tmp_path, monkeypatch, bit_depth, channels):
    noise = np.random.default_rng(0).uniform(-1, 1, (channels, 5000)).astype(np.float32)
    write_audio(tmp_path / "a.wav", noise, RATE, bit_depth)
    monkeypatch.setattr("moss.media.sound_files.SAMPLES_AT_ONCE", 999)
    write_audio(tmp_path / "b.wav", noise, RATE, bit_depth)
    assert sha256_of(tmp_path / "a.wav") == sha256_of(tmp_path / "b.wav")


def test_full_scale_is_the_greatest_step(tmp_path):
    write_audio(tmp_path / "a.wav", np.array([[1.0, -1.0]]), RATE, 16)
    assert soundfile.read(tmp_path / "a.wav", dtype="int16")[0].tolist() == [32767, -32768]


@pytest.mark.parametrize(
    ("waveform", "bit_depth"),
    [
        ([[0.0, 1.001]], 16),
        ([[0.0, float("nan")]], 16),
        ([0.0, 0.1], 16),
        ([[]], 16),
        ([[0.0, 0.1]], 32),
    ],
)
def test_a_waveform_outside_the_contract_is_not_written(tmp_path, waveform, bit_depth):
    with pytest.raises(ValueError, match=r"waveform|bit_depth"):
        write_audio(tmp_path / "a.wav", np.array(waveform), RATE, bit_depth)
    with pytest.raises(ValueError, match="ends in neither"):
        write_audio(tmp_path / "a.mp3", np.zeros((1, 10)), RATE)
    assert not (tmp_path / "a.wav").exists()


def test_an_output_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    for path in (tmp_path / "folder.wav", tmp_path / "missing" / "a.wav"):
        with pytest.raises(OutputError, match=path.name):
            write_audio(path, np.zeros((1, 10)), RATE)


def test_sha256_is_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")
    with pytest.raises(InputError, match="missing"):
        sha256_of(tmp_path / "missing")


# Bad input: one sentence with the file's name and what would work


def png(width, height, data, *, depth=8, colour=0):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def encoded(picture, suffix, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a" + suffix)
        picture.save(path, **options)
        return path.read_bytes()


def sound_bytes(sound, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.wav")
        options.setdefault("format", "WAV")
        soundfile.write(path, sound, 44100, **options)
        return path.read_bytes()


def converted(sound, suffix, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        soundfile.write(Path(folder, "a.wav"), sound, 44100)
        ffmpeg("-i", Path(folder, "a.wav"), *arguments, Path(folder, "b" + suffix))
        return Path(folder, "b" + suffix).read_bytes()


def silent_video():
    with tempfile.TemporaryDirectory() as folder:
        ffmpeg("-f", "lavfi", "-i", "color=c=red:s=32x32:r=10:d=1", Path(folder, "a.mp4"))
        return Path(folder, "a.mp4").read_bytes()


def unsound_ogg():
    """Vorbis that tells its length, but whose code books are wrong: no packet of it decodes."""
    data = bytearray(sound_bytes(tones(1), format="OGG"))
    data[1000] ^= 1
    return sealed(bytes(data))


def torn_opus():
    """Opus whose first page of sound is said to have six packets."""
    data = bytearray(converted(tones(1), ".opus"))
    first_sound = data.index(b"OggS", data.index(b"OpusTags"))
    data[first_sound + 26] = 6
    return sealed(bytes(data))


def half(data):
    return data[: len(data) // 2]


def tenth(data):
    return data[: len(data) // 10]


def with_value(value):
    sound = tones(1)
    sound[2000, 0] = value
    return sound


def noise_picture():
    values = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return Image.fromarray(values)


def bomb(pixels):
    return png(pixels // 8000 + 1, 8000, zlib.compress(b"\0" * 1000))


def nan_tiff():
    values = np.full((16, 16), np.nan, np.float32)
    return encoded(Image.fromarray(values), ".tiff")


BAD_PICTURES = {
    "empty.png": (lambda: b"", "empty"),
    "text.png": (lambda: b"hello\n" * 100, "not a picture"),
    "sound.png": (lambda: sound_bytes(tones(1)), "not a picture"),
    "header.png": (lambda: encoded(noise_picture(), ".png")[:20], "picture"),
    "cut.png": (lambda: tenth(encoded(noise_picture(), ".png")), "cut short"),
    "cut.jpg": (lambda: tenth(encoded(noise_picture(), ".jpg")), "cut short"),
    "cut.webp": (lambda: half(encoded(noise_picture(), ".webp")), "cut short"),
    "cut.gif": (lambda: tenth(encoded(noise_picture(), ".gif")), "not a picture"),
    "cut.bmp": (lambda: tenth(encoded(noise_picture(), ".bmp")), "cut short"),
    "cut.tiff": (lambda: tenth(encoded(noise_picture(), ".tiff")), "cut short|not a picture"),
    "broken.png": (lambda: png(64, 64, b"not zlib"), "damaged"),
    "bomb.png": (lambda: bomb(MAX_PICTURE_PIXELS), "too many pixels"),
    "big-bomb.png": (lambda: bomb(20 * MAX_PICTURE_PIXELS), "too many pixels"),
    "dot.png": (lambda: encoded(Image.new("L", (1, 1)), ".png"), "1 x 1 pixels"),
    "line.png": (
        lambda: encoded(Image.new("L", (500, MIN_PICTURE_SIDE - 1)), ".png"),
        f"at least {MIN_PICTURE_SIDE}",
    ),
    "nan.tiff": (nan_tiff, "not finite"),
    "drawing.eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
}

BAD_SOUNDS = {
    "empty.wav": (lambda: b"", "empty"),
    "text.mp3": (lambda: b"hello\n" * 100, "no sound"),
    "text.raw": (lambda: b"hello\n" * 100, "no sound"),
    "noise.wav": (lambda: np.random.default_rng(0).bytes(20000), "no sound"),
    "picture.wav": (lambda: encoded(noise_picture(), ".png"), "no sound"),
    "list.m3u8": (lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "no sound"),
    "concat.mp4": (lambda: b"ffconcat version 1.0\nfile a.wav\n", "no sound"),
    "header.wav": (lambda: sound_bytes(tones(1))[:20], "no sound"),
    "no-samples.wav": (lambda: sound_bytes(tones(0)), "no samples"),
    "header.flac": (lambda: sound_bytes(tones(1), format="FLAC")[:200], "damaged"),
    "header.ogg": (lambda: sound_bytes(tones(1), format="OGG")[:200], "no sound"),
    "header.mp3": (lambda: sound_bytes(tones(1), format="MP3")[:100], "no sound|damaged"),
    "cut.m4a": (lambda: half(converted(tones(1), ".m4a")), "no sound"),
    "mute.mp4": (silent_video, "no sound track"),
    "silent.wav": (lambda: sound_bytes(0 * tones(1)), "silent"),
    "silent.flac": (lambda: sound_bytes(0 * tones(1), format="FLAC"), "silent"),
    "silent.m4a": (lambda: converted(0 * tones(1), ".m4a"), "silent"),
    "nan.wav": (lambda: sound_bytes(with_value(np.nan), subtype="FLOAT"), "not finite"),
    "infinite.wav": (lambda: sound_bytes(with_value(np.inf), subtype="FLOAT"), "not finite"),
    "loud.wav": (lambda: sound_bytes(with_value(1e30), subtype="FLOAT"), "samples of 1e.30"),
    "unsound.ogg": (unsound_ogg, "no sound that can be decoded"),
    "torn.opus": (torn_opus, "no sound that can be decoded"),
    "nine.wav": (lambda: sound_bytes(np.tile(tones(1), 5)[:, :9]), "9 channels"),
}


def assert_one_sentence(error, name):
    text = str(error.value)
    assert name in text
    assert "/" not in text.replace(" / ", "")  # the name, not the whole path
    assert "\n" not in text
    assert text.endswith(".")
    assert 20 < len(text) < 250


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_bad_picture_is_refused_in_a_sentence(tmp_path, name):
    make, reason = BAD_PICTURES[name]
    (tmp_path / name).write_bytes(make())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match=reason) as error:
            load_picture(tmp_path / name)
    assert_one_sentence(error, name)


@pytest.mark.parametrize("name", BAD_SOUNDS)
def test_a_bad_sound_is_refused_in_a_sentence(tmp_path, name):
    make, reason = BAD_SOUNDS[name]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(InputError, match=reason) as error:
        load_audio(tmp_path / name, sample_rate=RATE)
    assert_one_sentence(error, name)


def read_sound(path):
    return load_audio(path, sample_rate=RATE)


@pytest.mark.parametrize("load", [load_picture, read_sound, read_audio])
def test_a_path_that_is_no_readable_file_is_refused_in_a_sentence(tmp_path, load):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"text")
    cases = {
        "missing.x": "not found",
        "file/inside.x": "not found",
        "folder": "folder",
        "pipe": "regular file",
        "n" * 300: "file name",
    }
    for name, reason in cases.items():
        with pytest.raises(InputError, match=reason) as error:
            load(tmp_path / name)
        assert_one_sentence(error, Path(name).name[:80])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("load", [load_picture, read_sound, read_audio])
def test_a_file_without_permission_is_refused_in_a_sentence(tmp_path, load):
    (tmp_path / "a.x").write_bytes(b"text")
    (tmp_path / "a.x").chmod(0)
    with pytest.raises(InputError, match="permission") as error:
        load(tmp_path / "a.x")
    assert_one_sentence(error, "a.x")


def test_a_picture_of_the_greatest_size_gives_no_warning(tmp_path):
    # Pillow itself warns from 89 million pixels on, before anything is decoded.
    (tmp_path / "a.png").write_bytes(bomb(MAX_PICTURE_PIXELS - 10_000_000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match="damaged"):
            load_picture(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.wav", "a.m4a"])
def test_a_start_beyond_the_end_tells_the_length(tmp_path, name):
    soundfile.write(tmp_path / "a.wav", tones(8), 44100)
    ffmpeg("-i", tmp_path / "a.wav", tmp_path / "a.m4a")
    for start_s in (8.1, 50, 1e7):
        with pytest.raises(InputError, match=r"a\.\w+ is 8\.0\d s long") as error:
            load_audio(tmp_path / name, sample_rate=RATE, start_s=start_s)
        assert_one_sentence(error, name)


@pytest.mark.parametrize(
    ("start_s", "duration_s"),
    [(-1, 1), (float("nan"), 1), (float("inf"), 1), (0, 0), (0, -1), (0, MAX_PART_S + 1)],
)
def test_a_part_out_of_range_is_refused(tmp_path, start_s, duration_s):
    soundfile.write(tmp_path / "a.wav", tones(1), 44100)
    with pytest.raises(InputError, match="works"):
        load_audio(tmp_path / "a.wav", sample_rate=RATE, start_s=start_s, duration_s=duration_s)


def test_to_the_end_is_refused_where_the_rest_is_too_long(tmp_path):
    samples = np.full(round((MAX_PART_S + 1) * 1000), 0.1)
    soundfile.write(tmp_path / "a.wav", samples, 1000)
    with pytest.raises(InputError, match="goes on for more than"):
        load_audio(tmp_path / "a.wav", sample_rate=1000, duration_s=None)
    rest = load_audio(tmp_path / "a.wav", sample_rate=1000, start_s=2.0, duration_s=None)
    assert rest.shape == (1, round((MAX_PART_S - 1) * 1000))


@pytest.mark.parametrize("rate", [500, 1_000_000])
def test_a_strange_sample_rate_is_refused(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", tones(0.1), rate)
    with pytest.raises(InputError, match="sample rate") as error:
        load_audio(tmp_path / "a.wav", sample_rate=RATE)
    assert_one_sentence(error, "a.wav")


def test_a_cut_track_gives_what_is_left(tmp_path):
    data = sound_bytes(tones(4), format="WAV", subtype="PCM_16")
    (tmp_path / "a.wav").write_bytes(half(data))
    waveform = load_audio(tmp_path / "a.wav", sample_rate=44100)
    assert abs(waveform.shape[1] - 2 * 44100) < 50
    with pytest.raises(InputError, match="long"):
        load_audio(tmp_path / "a.wav", sample_rate=44100, start_s=3.0)


def test_a_cut_track_that_still_tells_its_whole_length_is_refused_after_its_end(tmp_path):
    data = sound_bytes(tones(8), format="MP3")
    (tmp_path / "a.mp3").write_bytes(half(data))
    assert load_audio(tmp_path / "a.mp3", sample_rate=RATE).shape[1] < 5 * RATE
    with pytest.raises(InputError, match=r"ends earlier, .* 6 s; start earlier") as error:
        load_audio(tmp_path / "a.mp3", sample_rate=RATE, start_s=6.0)
    assert_one_sentence(error, "a.mp3")


def test_a_part_is_right_where_seeking_would_lead_astray(tmp_path):
    # Its first half is in it twice, of which its header does not know.
    data = sound_bytes(tones(4), format="MP3")
    (tmp_path / "a.mp3").write_bytes(half(data) + data[500:])
    whole = load_audio(tmp_path / "a.mp3", sample_rate=RATE)
    assert abs(whole.shape[1] / RATE - 6) < 0.1
    part = load_audio(tmp_path / "a.mp3", sample_rate=RATE, start_s=3.0, duration_s=2.0)
    assert (part - whole[:, 3 * RATE : 5 * RATE]).abs().max() < 1e-4


def test_an_ogg_that_cannot_be_decoded_is_never_sought_in(tmp_path):
    # libvorbis would crash and take this process with it.
    (tmp_path / "a.ogg").write_bytes(unsound_ogg())
    with pytest.raises(InputError, match="no sound that can be decoded") as error:
        load_audio(tmp_path / "a.ogg", sample_rate=RATE, start_s=0.7)
    assert_one_sentence(error, "a.ogg")


def test_a_missing_ffmpeg_is_told(tmp_path, monkeypatch):
    (tmp_path / "a.m4a").write_bytes(converted(tones(1), ".m4a"))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="needs ffmpeg") as error:
        load_audio(tmp_path / "a.m4a", sample_rate=RATE)
    assert_one_sentence(error, "a.m4a")


def test_the_longest_duration_of_the_settings_can_be_read():
    assert MAX_DURATION_S <= MAX_PART_S
