"""What a person sees in a terminal: a progress bar, and the table of a finished run."""

import shutil
import time
from typing import Any, TextIO

from moss.progress import RenderProgress, SearchProgress
from moss.results.run import Run

BAR_WIDTH = 24
FILES = {
    "pareto_morph.gif": "the journey from music to picture, seen",
    "pareto_morph.mp4": "the same journey, heard and seen",
    "pareto_evolution.gif": "the front as it grew",
    "pareto_front.png": "the front: designed, replayed and chosen points",
    "results.npy": "every mask of the front and its losses",
    "summary.json": "settings and figures; --from makes the run again",
}
SOUND_FILES = {
    "sound.wav": "the sound",
    "spectrogram.png": "what it shows",
    "sound.mp4": "both, under a playhead",
    "summary.json": "settings and figures",
}
CHOSEN = {
    "best_musical.wav": "for the ear first",
    "balanced.wav": "for both alike",
    "best_visual.wav": "for the eye first",
}


class ProgressBar:
    """Draws progress events on one line of a terminal; elsewhere it writes a line per stage.

    A context manager: leaving it ends the line, however the work ended.
    """

    def __init__(self, stream: TextIO):
        self._stream, self._started = stream, time.perf_counter()
        self._on_terminal = stream.isatty()
        self._stage, self._hypervolume, self._drawn = None, None, 0

    def __enter__(self):
        if self._on_terminal:
            self._draw("reading")  # no event tells of it
        return self

    def __exit__(self, *_):
        self._end_line()

    def show(self, event: SearchProgress | RenderProgress) -> None:
        """Tell of one event."""
        self._hypervolume = getattr(event, "hypervolume", self._hypervolume)
        seconds = time.perf_counter() - self._started
        if self._on_terminal:
            if event.stage != self._stage:
                self._end_line()
            self._draw(self._line(event, seconds))
        elif event.stage != self._stage:
            self._stream.write(f"{seconds:7.1f} s  {event.stage}\n")
            self._stream.flush()
        self._stage = event.stage

    def _line(self, event, seconds):
        filled = BAR_WIDTH * event.step // max(1, event.steps)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        steps = f"{event.step}/{event.steps}"
        found = f"hypervolume {self._hypervolume:.4f}   " if self._hypervolume is not None else ""
        return f"{event.stage:<9} [{bar}] {steps:>9}   {found}{seconds:6.1f} s"

    def _draw(self, line):
        line = line[: shutil.get_terminal_size().columns - 1]  # a wrapped line cannot be redrawn
        self._stream.write("\r" + line.ljust(self._drawn))
        self._stream.flush()
        self._drawn = len(line)

    def _end_line(self):
        if self._drawn:
            self._stream.write("\n")
            self._stream.flush()
        self._drawn = 0


def table_of(run: Run) -> str:
    """Return the points and the other files of a run, or of a sound, as text for 80 columns."""
    summary = run.summary
    if "points" not in summary:
        return _table_of_sound(run)
    lines = [
        "             designed             replayed",
        "  k      visual     audio     visual     audio    file",
        *(_row(k, point) for k, point in enumerate(summary["points"])),
        "",
        "visual: 1 - SSIM to the picture; audio: nats from the track; 0 is alike in both",
        "hypervolume: {designed:.4f} designed, {replayed:.4f} replayed".format(
            **summary["hypervolume"]
        ),
        f"seconds: {sum(summary['seconds'].values()):.1f}",
        "",
        f"In {run.folder}:",
        *_rows({"front/": "the sounds above, each with its spectrogram as PNG"}),
        *_rows(
            {
                name: f"{text}: {summary['chosen'][name.removesuffix('.wav')]}"
                for name, text in CHOSEN.items()
            }
        ),
        *_rows(FILES),
    ]
    return "\n".join(lines)


def _table_of_sound(sound: Run) -> str:
    summary = sound.summary
    loss = summary["visual_loss"]
    lines = [
        f"visual loss: {'too short to tell' if loss is None else f'{loss:.4f}'} (1 - SSIM to what "
        "was given, of the file; 0 is alike)",
        f"seconds of sound: {summary['duration_s']:.2f}",
        f"seconds: {sum(summary['seconds'].values()):.1f}",
        *summary["warnings"],
        "",
        f"In {sound.folder}:",
        *_rows(SOUND_FILES),
    ]
    return "\n".join(lines)


def _row(k: int, point: dict[str, Any]) -> str:
    # Adding zero makes a rounded -0.0 positive.
    figures = "".join(
        f"{round(loss, 4) + 0.0:11.4f}" for loss in (*point["designed"], *point["replayed"])
    )
    return f"{k:3d} {figures}    {point['file']}"


def _rows(texts: dict[str, str]) -> list[str]:
    return [f"  {name:<20} {text}" for name, text in texts.items()]
