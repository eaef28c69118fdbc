"""Make the bundled first result again: `python -m examples.make_first`, about half a minute.

It is a run like any other, made small: sounds as FLAC, which keeps every sample, pictures as
WebP, a smaller GIF and film, and paths that hold wherever the folder lies.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import soundfile
from PIL import Image

from examples.make import HERE
from moss.media import read_audio
from moss.render import save_morph_gif
from moss.results.folder import new_folder
from moss.settings.presets import blend_settings
from moss.signal.spectrogram import STFT, DisplayRange
from moss.usecases.blend import blend

FIRST = HERE / "first"
PICTURE, TRACK = HERE / "fern.jpg", HERE / "pad.ogg"
# Two of the pad's chords, from the middle of one to the middle of the next.
SETTINGS = {"start_s": 4.5, "duration_s": 7.0, "population_size": 50, "representatives": 8}
AS_THEY_ARE = "results.npy", "pareto_front.png", "pareto_evolution.gif"
WEBP = {"quality": 60, "method": 6}
GIF = {"width": 360, "frames": 48, "max_bytes": 350_000}
FILM = [
    *("-vf", "scale=640:360", "-c:v", "libx264", "-preset", "veryslow", "-crf", "30"),
    *("-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart"),
]


def main():
    """Blend the pair and write `examples/first`."""
    with tempfile.TemporaryDirectory() as folder:
        *_, run = blend(PICTURE, TRACK, Path(folder) / "run", blend_settings(**SETTINGS))
        with new_folder(FIRST, overwrite=True) as first:
            make_small(run.folder, first)
    size = sum(path.stat().st_size for path in FIRST.rglob("*") if path.is_file())
    print(f"{FIRST}: {size / 1e6:.1f} MB")


def make_small(run, first):
    """Write the files of the folder `run` into the folder `first`, made small."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    (first / "front").mkdir()
    for point in summary["points"]:
        picture = (run / point["file"]).with_suffix(".png")
        Image.open(picture).convert("RGB").save(
            (first / point["file"]).with_suffix(".webp"), **WEBP
        )
    sounds = {file: as_flac(run, first, file) for file in files_of(summary)}
    for name in AS_THEY_ARE:
        shutil.copyfile(run / name, first / name)
    write_gif(summary, run, first / "pareto_morph.gif")
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    film = summary["morph"]["file"]
    subprocess.run(
        [ffmpeg, "-v", "error", "-i", run / film, *FILM, first / film],
        check=True,
    )
    for point in [*summary["points"], summary["original"]]:
        point["file"] = sounds[point["file"]]
    summary["chosen"] = {name: sounds[file] for name, file in summary["chosen"].items()}
    summary["inputs"]["picture"]["path"] = f"../{PICTURE.name}"
    summary["inputs"]["audio"]["path"] = f"../{TRACK.name}"
    text = json.dumps(summary, indent=2, allow_nan=False)
    (first / "summary.json").write_text(text + "\n", encoding="utf-8")


def files_of(summary):
    """The sound files that a summary names, each once."""
    return {point["file"] for point in [*summary["points"], summary["original"]]}


def as_flac(run, first, file):
    """Write a sound of `run` as FLAC with the same samples; return its name in `first`."""
    samples, sample_rate = soundfile.read(run / file, dtype="int32", always_2d=True)
    flac, subtype = Path(file).with_suffix(".flac"), soundfile.info(run / file).subtype
    soundfile.write(first / flac, samples, sample_rate, subtype, compression_level=1.0)
    again, _ = soundfile.read(first / flac, dtype="int32", always_2d=True)
    if not np.array_equal(samples, again):
        raise RuntimeError(f"{flac} does not hold the samples of {file}")
    return flac.as_posix()


def write_gif(summary, run, path):
    """Draw the morph again from the run's sounds, in fewer pixels."""
    settings = blend_settings(**summary["settings"])
    magnitudes = []
    for point in summary["points"]:
        waveform, _ = read_audio(run / point["file"])
        mid = waveform.mean(dim=0) / 10 ** (point["gain_db"] / 20)
        stft = STFT(len(mid), settings.n_fft, settings.hop_length)
        magnitudes.append(stft.log_magnitude(mid))
    shown = DisplayRange.below_peak(magnitudes[0], settings.range_nats)
    losses = np.array([point["designed"] for point in summary["points"]])
    save_morph_gif(
        path, [m.numpy() for m in magnitudes], losses, low=shown.low, high=shown.high, **GIF
    )


if __name__ == "__main__":
    main()
