"""What is still heard of the music beside what is seen: `python -m benchmarks.heard PICTURE AUDIO`.

Each pair is blended with each audio loss and preset, without pictures; all is read from the files.
The visual loss is what the run replays. Beside it, of the sounds against the untouched track:

score     the mean opinion score by Zimtohrli, an auditory model that no search knows: 5 is no
          difference, 1 entirely different; the lowest of the mid and the channels, at 48 kHz
sdr       decibels of the original in the mid, at its best gain, over all else in it
low, high mean absolute difference of the levels of Bark bands of the mid in decibels, below and
          above 4 kHz, at the best gain, floored 60 dB under the loudest; hiss raises the second

Each is given at fixed visual losses, between the sounds to both sides of it; the score is the best
of those that show at least as much.
"""

import argparse
import tempfile
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy.signal import resample_poly, stft

from benchmarks.bench import tell
from benchmarks.table import Row, aligned
from moss.media import read_audio
from moss.results.run import Run
from moss.settings.blend import BlendSettings
from moss.settings.fields import settings_in
from moss.settings.presets import PRESETS, blend_settings
from moss.usecases.blend import blend

RATE = 48_000  # which Zimtohrli is made for
LOOKS = (0.2, 0.3, 0.4, 0.5, 0.6)  # visual losses
SILENT_PEAK = 1e-4  # such a channel has nothing to be heard
TINY = 1e-12  # keeps quotients finite
BAND_WINDOW = 2048  # samples, 43 ms
BARK_BANDS = 25
SPLIT_BARK = 18  # the first band whose upper edge, 5.3 kHz, is well over 4 kHz
FLOOR_DB = 60.0  # under the loudest band
GAINS_DB = np.arange(-24, 24.25, 0.5)
MISSING = "The score needs Zimtohrli; install it with: pip install 'moss[bench]', or zimtohrli."


def auditory_model() -> ModuleType:
    """Return Zimtohrli, or end with a sentence where it is missing."""
    try:
        import zimtohrli
    except ImportError:
        raise SystemExit(MISSING) from None
    return zimtohrli


def at_48_khz(path: Path) -> np.ndarray:
    """Return the samples (channels, samples) of a file at 48 kHz, float32."""
    waveform, rate = read_audio(path)
    divisor = np.gcd(rate, RATE)
    return resample_poly(waveform.numpy(), RATE // divisor, rate // divisor, axis=1)


def opinion_score(original: np.ndarray, changed: np.ndarray) -> float:
    """Return the lowest score over the mid and the channels of two sounds (channels, samples)."""
    compare = auditory_model().mos_from_signals
    sides = [np.vstack((x.mean(axis=0), x)) if len(x) > 1 else x for x in (original, changed)]
    return min(
        float(compare(np.ascontiguousarray(before), np.ascontiguousarray(after)))
        for before, after in zip(*sides, strict=True)
        if np.abs(before).max() > SILENT_PEAK
    )


def distortion_db(original: np.ndarray, changed: np.ndarray) -> float:
    """Return the sdr of two sounds (channels, samples)."""
    before, after = (x.mean(axis=0, dtype=float) for x in (original, changed))
    kept = before * (before @ after / max(before @ before, TINY))
    lost = after - kept
    return float(10 * np.log10((kept @ kept + TINY) / (lost @ lost + TINY)))


def band_differences_db(original: np.ndarray, changed: np.ndarray) -> tuple[float, float]:
    """Return low and high of two sounds (channels, samples)."""
    before, after = _band_levels_db(original), _band_levels_db(changed)
    floor = before.max() - FLOOR_DB
    before = np.maximum(before, floor)
    differences = (np.abs(np.maximum(after + gain, floor) - before) for gain in GAINS_DB)
    best = min(differences, key=np.mean)
    return float(best[:SPLIT_BARK].mean()), float(best[SPLIT_BARK:].mean())


def _band_levels_db(sound: np.ndarray) -> np.ndarray:
    """Return the levels (band, time) of the mid; bands by the formula of Zwicker and Terhardt."""
    hertz, _, spectrum = stft(sound.mean(axis=0), RATE, nperseg=BAND_WINDOW)
    bark = 13 * np.arctan(0.76e-3 * hertz) + 3.5 * np.arctan((hertz / 7500) ** 2)
    members = np.arange(BARK_BANDS)[:, None] == bark.astype(int)
    return 10 * np.log10(members @ np.abs(spectrum) ** 2 + 1e-14)


def figures_of(run: Run) -> np.ndarray:
    """Return (visual loss, score, sdr, low, high) of each sound of `run`, from its files."""
    assert run.folder is not None, "the run has files"
    original = at_48_khz(run.folder / run.summary["original"]["file"])
    rows = []
    for point in run.points:
        changed = at_48_khz(run.folder / point["file"])
        heard = opinion_score(original, changed), distortion_db(original, changed)
        rows.append((point["replayed"][0], *heard, *band_differences_db(original, changed)))
    return np.array(rows)


def rows_of(figures: np.ndarray, seconds: float) -> list[Row]:
    """Return the rows of one run: its purest picture, then what is heard at each look."""
    visual, score, *others = figures[np.argsort(figures[:, 0])].T
    score = np.maximum.accumulate(score)
    rows = [Row("visual loss of the purest picture", f"{visual[0]:.3f}", "", f"{seconds:.1f} s")]
    for look in LOOKS:
        if not visual[0] <= look <= visual[-1]:
            rows.append(Row(f"at visual {look:g}", "-"))
            continue
        sdr, low, high = (np.interp(look, visual, each) for each in others)
        best = np.interp(look, visual, score)
        beside = f"low {low:.1f}, high {high:.1f}"
        rows.append(Row(f"at visual {look:g}", f"{best:.2f}", f"{sdr:.1f}", beside))
    return rows


def tried(presets: list[str]) -> list[tuple[str, BlendSettings]]:
    """Return each preset with each audio loss that there is; published ones have their own."""
    declared = settings_in(BlendSettings).get("audio_loss")
    found = []
    for preset in presets:
        settings = blend_settings(preset)
        if declared is None or settings.is_published:
            found.append((preset, settings))
            continue
        for loss in declared.choices:
            found.append((f"{preset}, {loss}", blend_settings(preset, audio_loss=loss)))
    return found


def main(argv: list[str] | None = None) -> None:
    """Blend the pairs and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.heard",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", metavar="PICTURE AUDIO", nargs="+", help="one or more pairs")
    parser.add_argument("--preset", choices=PRESETS, nargs="+", default=["quick"])
    args = parser.parse_args(argv)
    if len(args.files) % 2:
        parser.error("give an AUDIO for every PICTURE")
    auditory_model()
    sections = []
    for picture, audio in zip(args.files[::2], args.files[1::2], strict=True):
        for what, settings in tried(args.preset):
            title = f"{Path(picture).name} and {Path(audio).name}: {what}"
            tell(title)
            with tempfile.TemporaryDirectory() as name:
                run = blend(picture, audio, Path(name) / "run", settings, draw=False).result()
                rows = rows_of(figures_of(run), sum(run.summary["seconds"].values()))
            sections.append((title, rows))
    print(aligned(Row("heard", "score", "sdr", "dB from the track's bands"), sections))


if __name__ == "__main__":
    main()
