"""What lossy codecs leave of the picture: `python -m benchmarks.sharing PICTURE AUDIO ...`.

Each pair is blended; every file is decoded again and seen as the run sees its own sounds.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row, aligned
from moss.blending.prepare import prepare
from moss.media.coding import Codec
from moss.results.run import Run
from moss.results.shared import SHARED, write_shared
from moss.settings.presets import PRESETS, blend_settings
from moss.usecases.blend import blend

OTHERS = (Codec("MP3", 128), Codec("AAC", 128), Codec("Opus", 96), Codec("Vorbis", 192))
PICKS = {"best_musical": "most musical", "balanced": "balanced", "best_visual": "most visual"}


def rows_of(run: Run, folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield what each codec leaves of the picks and of the pure picture of `run`, by codec.

    A row's figure is the visual loss, its ratio what that has gained over the file's.
    """
    inputs, settings = run.summary["inputs"], blend_settings(**run.summary["settings"])
    prepared = prepare(inputs["picture"]["path"], inputs["audio"]["path"], settings)
    points = {point["file"]: point for point in run.points}
    sounds = {text: points[run.summary["chosen"][name]] for name, text in PICKS.items()}
    sounds["pure picture"] = run.points[-1]
    yield "the file", [_row(text, point["replayed"], 0) for text, point in sounds.items()]
    for codec in (*SHARED, *OTHERS):
        rows = []
        for text, point in sounds.items():
            path = folder / f"{point['file'].split('/')[-1]}{codec.file_ending}"
            gain = 10 ** (point["gain_db"] / 20)
            assert run.folder is not None, "the run has files"
            found = write_shared(path, run.folder / point["file"], gain, codec, prepared, {})
            lost = found["replayed"][0] - point["replayed"][0]
            rows.append(_row(text, found["replayed"], lost, path.stat().st_size))
        yield str(codec), rows


def _row(what: str, replayed: list[float], lost: float, size_bytes: int = 0) -> Row:
    size = f", {size_bytes / 1e3:.0f} kB" if size_bytes else ""
    return Row(what, f"{replayed[0]:.3f}", f"{lost:+.3f}", f"audio {replayed[1]:.3f}{size}")


def main(argv: list[str] | None = None) -> None:
    """Blend the pairs and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sharing", description=__doc__)
    parser.add_argument("files", metavar="PICTURE AUDIO", nargs="+", help="one or more pairs")
    parser.add_argument("--preset", choices=PRESETS, default="quick")
    args = parser.parse_args(argv)
    if len(args.files) % 2:
        parser.error("give an AUDIO for every PICTURE")
    sections = []
    for picture, audio in zip(args.files[::2], args.files[1::2], strict=True):
        with tempfile.TemporaryDirectory() as name:
            folder, settings = Path(name), blend_settings(args.preset)
            run = blend(picture, audio, folder / "run", settings, draw=False).result()
            pair = f"{Path(picture).name} and {Path(audio).name}"
            sections += [(f"{pair}: {codec}", rows) for codec, rows in rows_of(run, folder)]
    heading = Row("shared as", "visual loss", "lost", f"preset {args.preset}")
    print(aligned(heading, sections))


if __name__ == "__main__":
    main()
