"""Films that tests make with ffmpeg, and how they read them."""

import subprocess

import imageio_ffmpeg
import numpy as np

from moss.media import load_video

RATE = 44100 / 512
ROWS = 65
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-pix_fmt", "yuv420p")
MILLISECONDS = (".webm", ".mkv", ".flv")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "4M")


def ffmpeg(*arguments, stdin=b""):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, input=stdin, check=True)


def filmed(path, frames, fps, *options):
    """Write uint8 (frames, rows, columns) as a video."""
    size = f"{frames.shape[2]}x{frames.shape[1]}"
    codec = VP8 if path.suffix == ".webm" else H264
    raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", fps, "-i", "-")
    ffmpeg(*raw, *codec, *options, path, stdin=frames.tobytes())
    return path


def bar(count, rows=64, columns=96, thick=8):
    """A white bar that falls from the top to the bottom, frame by frame."""
    frames = np.zeros((count, rows, columns), np.uint8)
    for k, frame in enumerate(frames):
        top = k * (rows - thick) // max(1, count - 1)
        frame[top : top + thick] = 255
    return frames


def timed(path, times, *options, levels=None):
    """Write frames of one grey each that are displayed at `times`; return their greys."""
    count = len(times)
    levels = np.linspace(20, 235, count).round().astype(np.uint8) if levels is None else levels
    frames = np.repeat(levels, 64 * 96).reshape(count, 64, 96)
    each = "+".join(f"eq(N,{k})*{time:.6f}" for k, time in enumerate(times))
    unit = ("-enc_time_base", "1/1000" if path.suffix in MILLISECONDS else "1/90000")
    variable = ("-vf", f"settb=1/90000,setpts='({each})/TB'", "-fps_mode", "vfr", *unit)
    filmed(path, frames, 25, *variable, *options)
    return levels


def loaded(path, max_duration_s=600.0, rows=ROWS, columns_per_s=RATE):
    return load_video(path, rows=rows, columns_per_s=columns_per_s, max_duration_s=max_duration_s)
