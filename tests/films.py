"""Films that tests make with ffmpeg."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np

RATE, SIZE, BAR = 25, (240, 320), 24  # frames per second, rows and columns, rows of the bar


def falling_bar(path: Path, duration_s: float) -> Path:
    """Write a film of a bright bar that falls from the top to the bottom."""
    count = round(RATE * duration_s)
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "320x240", "-r", str(RATE), "-i", "-"]
    options = ["-v", "error", *raw, "-pix_fmt", "yuv420p", "-y"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *options, str(path)]
    frames = np.zeros((count, *SIZE), np.uint8)
    for k, frame in enumerate(frames):
        frame[k * (SIZE[0] - BAR) // (count - 1) :][:BAR] = 255
    subprocess.run(command, input=frames.tobytes(), check=True)
    return path
