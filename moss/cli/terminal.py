"""What a person sees in a terminal: a progress bar, and the table of a finished run."""

import time
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Self, TextIO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from moss.progress import RenderProgress, SearchProgress
from moss.results import names
from moss.results.run import Run

BAR_WIDTH = 24  # characters; a line with all that is beside it fits 80 columns
TABLE_WIDTH = 80
FILES = {
    names.MORPH_GIF: "the journey from music to picture, seen",
    names.MORPH_FILM: "the same journey, heard and seen",
    names.EVOLUTION_GIF: "the front as it grew",
    names.FRONT_PLOT: "the front: designed, replayed and chosen points",
    names.RESULTS: "every mask of the front and its losses",
    names.SUMMARY: "settings and figures; --from makes the run again",
}
SOUND_FILES = {
    names.SOUND: "the sound",
    names.SPECTROGRAM: "what it shows",
    names.SOUND_FILM: "both, under a playhead",
    names.SUMMARY: "settings and figures",
}
AUDIO_LOSS_WORDS = {
    "heard": "loudness changed, 1 at pure picture",
    "log": "nats from the track",
}
CHOSEN = {
    "best_musical": "for the ear first",
    "balanced": "for both alike",
    "best_visual": "for the eye first",
}


class ProgressBar:
    """Draws a bar for each stage that progress events tell of; off a terminal it writes a line.

    A context manager: leaving it ends the drawing, however the work ended.
    """

    def __init__(self, stream: TextIO):
        self._stream, self._started = stream, time.perf_counter()
        self._bars = _bars_on(stream)
        self._stage, self._hypervolume = "", ""

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._bars:
            self._bars.start()
            self._stage = "reading"  # which hardly any event tells of
            self._bars.add_task(self._stage, total=None, steps="", front="")
        return self

    def __exit__(self, *_: object) -> None:
        """End the line."""
        if self._bars:
            self._bars.stop()

    def show(self, event: SearchProgress | RenderProgress) -> None:
        """Show how far the work is."""
        if isinstance(event, SearchProgress):
            self._hypervolume = f"hypervolume {event.hypervolume:.4f}"
        is_new, self._stage = event.stage != self._stage, event.stage
        if self._bars:
            self._draw(self._bars, event, is_new)
        elif is_new:
            seconds = time.perf_counter() - self._started
            self._stream.write(f"{seconds:7.1f} s  {event.stage}\n")
            self._stream.flush()

    def _draw(self, bars: Progress, event: SearchProgress | RenderProgress, is_new: bool) -> None:
        if is_new:
            last = bars.task_ids[-1]
            if bars.tasks[-1].total is None:
                bars.update(last, total=1, completed=1)
            bars.stop_task(last)
            bars.add_task(event.stage, steps="", front="")
        bars.update(
            bars.task_ids[-1],
            completed=event.step,
            total=max(1, event.steps),
            steps=f"{event.step}/{event.steps}",
            front=self._hypervolume,
        )


def table_of(run: Run) -> str:
    """Return the points and the other files of a run, or of a sound, as text for 80 columns."""
    parts = _about_points(run) if "points" in run.summary else _about_sound(run)
    text = StringIO()
    # Plain text, whatever the terminal can do: it may go into a file.
    console = Console(
        file=text,
        width=TABLE_WIDTH,
        force_terminal=False,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    for part in parts:
        # A folder's path may be longer than a line, but it is one word to copy.
        console.print(part, soft_wrap=isinstance(part, str))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _bars_on(stream: TextIO) -> Progress | None:
    """Return what draws bars on `stream`, or None where nothing can be drawn over."""
    console = Console(file=stream)
    if not stream.isatty() or console.is_dumb_terminal:
        return None
    return Progress(
        TextColumn("{task.description:<9}"),
        BarColumn(BAR_WIDTH),
        TextColumn("{task.fields[steps]:>9}"),
        TextColumn("{task.fields[front]}"),
        TimeElapsedColumn(),
        console=console,
    )


def _about_points(run: Run) -> list[RenderableType]:
    summary = run.summary
    points = Table(box=None, header_style="", padding=(0, 2))
    points.add_column("\nk", justify="right")
    for loss in ("designed\nvisual", "\naudio", "replayed\nvisual", "\naudio"):
        points.add_column(loss, justify="right")
    points.add_column("\nfile")
    for k, point in enumerate(summary["points"]):
        losses = (*point["designed"], *point["replayed"])
        points.add_row(str(k), *map(_figure, losses), point["file"])
    chosen = {
        name + Path(summary["chosen"][name]).suffix: f"{text}: {summary['chosen'][name]}"
        for name, text in CHOSEN.items()
    }
    share = summary.get("share", [])
    files = {"share/": "the three picks as lossy files"} if share else {}
    files |= {
        song["file"]: f"the whole track with {summary['chosen'][song['chosen']]} in it"
        for song in summary.get("songs", ())
    }
    audio_loss = summary["settings"].get("audio_loss", "log")
    return [
        points,
        "",
        *([_about_shared(summary), ""] if share else []),
        f"visual: 1 - SSIM; audio: {AUDIO_LOSS_WORDS[audio_loss]}; 0 is alike",
        "hypervolume: {designed:.4f} designed, {replayed:.4f} replayed".format(
            **summary["hypervolume"]
        ),
        f"seconds: {sum(summary['seconds'].values()):.1f}",
        *summary.get("warnings", ()),  # which a run of an earlier MOSS has not
        "",
        f"In {run.folder}:",
        _files(
            {"front/": "the sounds above, each with its spectrogram as PNG"}
            | chosen
            | files
            | FILES
        ),
    ]


def _about_shared(summary: Mapping[str, Any]) -> Table:
    """Return what the lossy copies of the picks still show, beside what the picks do."""
    table = Table(box=None, header_style="", padding=(0, 1))
    table.add_column("\nshared as")
    for name in CHOSEN:
        table.add_column(f"{name}\nvisual", justify="right")
        table.add_column("\naudio", justify="right")
    whole = {point["file"]: point["replayed"] for point in summary["points"]}
    rows = {"the file": {name: whole[file] for name, file in summary["chosen"].items()}}
    for copy in summary["share"]:
        rows.setdefault(copy["codec"], {})[copy["chosen"]] = copy["replayed"]
    for codec, losses in rows.items():
        table.add_row(codec, *(_figure(loss) for name in CHOSEN for loss in losses[name]))
    return table


def _about_sound(sound: Run) -> list[RenderableType]:
    summary = sound.summary
    loss = summary["visual_loss"]
    return [
        f"visual loss: {'too short to tell' if loss is None else f'{loss:.4f}'} (1 - SSIM to what "
        "was given, of the file; 0 is alike)",
        f"seconds of sound: {summary['duration_s']:.2f}",
        f"seconds: {sum(summary['seconds'].values()):.1f}",
        *summary["warnings"],
        "",
        f"In {sound.folder}:",
        _files(SOUND_FILES),
    ]


def _figure(loss: float) -> str:
    return f"{round(loss, 4) + 0.0:.4f}"  # adding zero makes a rounded -0.0 positive


def _files(texts: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, text in texts.items():
        table.add_row(f"  {name}", text)
    return table
