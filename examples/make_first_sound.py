"""Make the bundled first sound again: `python -m examples.make_first_sound`, some ten seconds.

It is a sound like any other, made small: FLAC, which keeps every sample, and WebP.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

from examples.make import HERE
from examples.make_first import FILM, WEBP, as_flac
from moss.results.folder import new_folder
from moss.settings.sonify import SonifySettings
from moss.usecases.sonify import Source, sonify

FIRST_SOUND = HERE / "first_sound"
PICTURE = HERE / "galaxy.jpg"
SETTINGS = SonifySettings(duration_s=6.0)


def main():
    """Make the picture's sound and write `examples/first_sound`."""
    with tempfile.TemporaryDirectory() as folder:
        *_, run = sonify([Source("picture", PICTURE)], Path(folder) / "run", SETTINGS)
        with new_folder(FIRST_SOUND, overwrite=True) as first:
            make_small(run.folder, first)
    size = sum(path.stat().st_size for path in FIRST_SOUND.iterdir())
    print(f"{FIRST_SOUND}: {size / 1e6:.1f} MB")


def make_small(run, first):
    """Write the files of the folder `run` into the folder `first`, made small."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    summary["file"] = as_flac(run, first, summary["file"])
    summary["inputs"][0]["path"] = f"../{PICTURE.name}"
    picture = Image.open(run / "spectrogram.png").convert("RGB")
    picture.save(first / "spectrogram.webp", **WEBP)
    ffmpeg, film = imageio_ffmpeg.get_ffmpeg_exe(), "sound.mp4"
    subprocess.run([ffmpeg, "-v", "error", "-i", run / film, *FILM, first / film], check=True)
    text = json.dumps(summary, indent=2, allow_nan=False)
    (first / "summary.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
