"""HDR and transparent films look as they are shown."""

import numpy as np
import pytest

from tests.media.films import ffmpeg, loaded

NITS = np.array([0, 1, 5, 20, 50, 100, 400, 1000, 4000])


def pq_of(nits):
    """ITU-R BT.2100, from light to code."""
    light = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * light) / (1 + 18.6875 * light)) ** 78.84375


def hlg_of(nits):
    scene = np.clip(nits / 1000, 0, 1) ** (1 / 1.2)
    bent = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bent)


@pytest.mark.parametrize("transfer, code_of", [("smpte2084", pq_of), ("arib-std-b67", hlg_of)])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_greys_of_hdr_are_those_of_sdr(tmp_path, transfer, code_of, suffix):
    path = tmp_path / f"clip{suffix}"
    luma = (code_of(NITS) * 876 + 64).round().astype("<u2")
    chroma = np.full(64 * 96 // 2, 512, "<u2").tobytes()
    raw = b"".join(np.full(64 * 96, each, "<u2").tobytes() + chroma for each in luma)
    told = ("-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc")
    frames = ("-f", "rawvideo", "-pix_fmt", "yuv420p10le", *told, "-s", "96x64", "-r", "10")
    codec = ("-c:v", "libx265", "-x265-params", "lossless=1:log-level=none", *told)
    ffmpeg(*frames, "-i", "-", *codec, path, stdin=raw)
    shown = loaded(path, columns_per_s=10.0).luma[0].astype(int)
    paper = np.clip(NITS / 203, 0, 1) ** (1 / 2.4) * 255  # of a display for SDR
    assert np.abs(shown[:6] - paper[:6])[NITS[:6] > 0].max() <= 3
    assert shown[0] <= 1
    assert shown[5] + 20 < shown[6] < shown[7] - 5  # highlights keep their order
    assert shown[7:].min() >= 246


ALPHA_CODECS = {
    ".webm": ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-crf", "10", "-b:v", "0"),
    ".mkv": ("-c:v", "libvpx", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0", "-b:v", "4M"),
    ".mov": ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"),
    ".avi": ("-c:v", "ffv1", "-pix_fmt", "bgra"),
}


@pytest.mark.parametrize("suffix", ALPHA_CODECS)
@pytest.mark.parametrize("ink, ground", [(200, 0), (40, 255)], ids=["light", "dark"])
def test_what_is_transparent_lies_over_a_ground_that_shows_it(tmp_path, suffix, ink, ground):
    frames = np.full((10, 64, 96, 4), 255 - ground, np.uint8)  # the colour of what is clear
    frames[..., 3] = 0
    frames[:, :32] = (ink, ink, ink, 255)
    frames[:, 32:48] = (ink, ink, ink, 128)
    path = tmp_path / f"clip{suffix}"
    raw = ("-f", "rawvideo", "-pix_fmt", "bgra", "-s", "96x64", "-r", "10", "-i", "-")
    ffmpeg(*raw, *ALPHA_CODECS[suffix], path, stdin=frames.tobytes())
    video = loaded(path, rows=64)
    for rows, expected in (
        (slice(2, 30), ink),
        (slice(34, 46), (ink + ground) / 2),
        (slice(50, 62), ground),
    ):
        assert np.abs(video.luma[rows].astype(int) - expected).max() <= 6
    over_white = "is dark on a transparent ground, so it lies over white."
    assert video.warning == (f"{path.name} {over_white}" if ground else None)


def test_film_whose_alpha_is_full_everywhere_is_as_without(tmp_path):
    path = tmp_path / "clip.avi"
    frames = np.full((5, 64, 96, 4), 20, np.uint8)
    frames[..., 3] = 255
    raw = ("-f", "rawvideo", "-pix_fmt", "bgra", "-s", "96x64", "-r", "10", "-i", "-")
    ffmpeg(*raw, *ALPHA_CODECS[".avi"], path, stdin=frames.tobytes())
    video = loaded(path)
    assert np.abs(video.luma.astype(int) - 20).max() <= 1
    assert video.warning is None
