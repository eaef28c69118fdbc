"""Make docs/result.png, the README's picture, from a finished run.

    python -m docs.make_result RUN_FOLDER

Four of the run's sounds are read from their WAV files and drawn side by side.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from moss.media import read_audio
from moss.render import spectrogram_pixels
from moss.render.style import GROUND
from moss.signal.spectrogram import DB_PER_NEPER, STFT

PANEL = 300, 240  # width, height in pixels
GAP = 8
PLACES = 0, 0.45, 0.7, 1  # along the run's sounds, from music to picture


def main(run: Path) -> None:
    """Read four sounds of `run` and draw them."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    settings, points = summary["settings"], summary["points"]
    width = len(PLACES) * PANEL[0] + (len(PLACES) - 1) * GAP
    sheet = Image.new("RGB", (width, PANEL[1]), GROUND)
    for column, place in enumerate(PLACES):
        point = points[round(place * (len(points) - 1))]
        waveform, _ = read_audio(run / point["file"])
        mid = waveform.mean(dim=0) / 10 ** (point["gain_db"] / 20)
        stft = STFT(len(mid), settings["n_fft"], settings["hop_length"])
        log_magnitude = stft.log_magnitude(mid).numpy()
        if column == 0:
            high = float(log_magnitude.max()) - settings["white_db"] / DB_PER_NEPER
        pixels = spectrogram_pixels(
            np.ascontiguousarray(log_magnitude), low=high - settings["range_nats"], high=high
        )
        panel = Image.fromarray(pixels).resize(PANEL, Image.Resampling.BOX)
        sheet.paste(panel, (column * (PANEL[0] + GAP), 0))
    sheet.save(Path(__file__).parent / "result.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
