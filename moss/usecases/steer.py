"""A finished run goes on: more picture, more music or another weight, from where it stands."""

import os
import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, replace

from moss.blending.front import Front, audio_weight_of
from moss.blending.prepare import prepare
from moss.blending.prepared import Prepared
from moss.blending.task import LEAST_APART, Heard, SteeredSearch
from moss.errors import InputError
from moss.progress import RenderProgress, SearchProgress, as_work
from moss.results.finished import front_and_heard
from moss.results.names import SUMMARY
from moss.results.recorded import read_recorded
from moss.results.run import Run, finished_run, result_folder
from moss.results.write_run import write_run
from moss.settings.presets import blend_settings
from moss.settings.wishes import wishes_from
from moss.usecases.blend import check_apart, check_whole
from moss.usecases.compute import Compute, compute_found, front_and_sounds, never

KEPT_POPULATIONS = 2  # of points on a front that goes on; each time it grows by half a population


@dataclass(frozen=True)
class Aim:
    """Where on the front to look further: toward a side from a point, or at a weight.

    Attributes
    ----------
    toward : "picture" or "music".
    point : the place in the summary's points to start from.
    music : the weight of the audio loss in (0, 1), as 0.8 of 80 to 20; both losses count over
        their spans. Raises InputError where it is not one of the two.
    """

    toward: str | None = None
    point: int = 0
    music: float | None = None

    def __post_init__(self) -> None:
        """Check that it is one aim."""
        if (self.toward is None) == (self.music is None):
            raise InputError("A run is steered toward a side or to a weight of music; give one.")
        if self.toward not in (None, "picture", "music"):
            raise InputError(f"There is no side {self.toward!r}; there are picture and music.")
        if self.music is not None and not 0 < self.music < 1:
            raise InputError(
                f"The weight of music is {self.music:g}; more than 0 and less than 1 works."
            )


@as_work
def steer(
    folder: str | os.PathLike,
    output: str | os.PathLike | None,
    aim: Aim,
    *,
    wishes: str | None = None,
    device: str = "cpu",
    overwrite: bool = False,
    draw: bool = True,
    compute: Compute = front_and_sounds,
    stop: Callable[[], bool] = never,
) -> Generator[Prepared | SearchProgress | RenderProgress | Run, None, Run]:
    """Go on with the finished run in `folder` and leave a whole run in the folder `output`.

    The search starts from the run's front and looks around the aim; up to three new points there
    get sounds, of which the best by a weight is one. Points that had sounds stay, in order, even
    where a new point now dominates them: a person heard them. It yields and stops as
    `moss.usecases.blend.blend` does, and takes the same arguments.

    Parameters
    ----------
    wishes : in place of the run's; "" drops them, None keeps them. Where they change, every mask
        obeys the new ones and all sounds are made again.

    Raises
    ------
    InputError
        `folder` holds no whole run or one of a published method, its inputs are gone or changed,
        or nothing is found but what sounds like the points it has.
    OutputError
        `output` cannot be written, holds an input or `folder` itself, or has something in it and
        `overwrite` is false.
    """
    recorded = read_recorded(folder)
    inputs = {kind: recorded.input(kind, "put it back") for kind in recorded.inputs}
    check_apart(output, *inputs.values(), recorded.folder / SUMMARY)
    before = blend_settings(**recorded.settings)
    if before.is_published:
        raise InputError(
            f'The run is of the published method "{before.method}", which cannot go on from a '
            "front; blend the same files with another preset, and steer that run."
        )
    settings = before if wishes is None else replace(before, wishes=wishes)
    with result_folder(output, overwrite=overwrite) as new:
        started = time.perf_counter()
        check_whole(inputs["audio"], settings)
        prepared = prepare(
            inputs["picture"], inputs["audio"], settings, device, inputs.get("second_picture")
        )
        front, heard = front_and_heard(recorded, prepared)
        task = _task(front.thinned(KEPT_POPULATIONS * settings.population_size), heard, aim)
        if wishes_from(settings.wishes) != wishes_from(before.wishes):
            task = replace(task, heard=())
        elif task.arc_span[1] - task.arc_span[0] < LEAST_APART / 2:  # of an arc of up to 2 spans
            raise InputError(
                f"Point {aim.point} is already the end toward {aim.toward}; aim another way or "
                "from another point."
            )
        seconds = {"reading": time.perf_counter() - started}
        yield prepared
        found = yield from compute_found(prepared, task, compute, stop, seconds)
        if task.heard and not found.points.new:
            raise InputError(
                "All that was found there is nearly the same as sounds that the run already has; "
                "go on from another point or with another weight."
            )
        steered = {"from": str(recorded.folder.resolve()), **asdict(aim)}
        draw = draw and output is not None
        summary = yield from write_run(prepared, found, new, seconds, steered, draw=draw)
        run = finished_run(new, summary, output)
    yield run
    return run


def _task(front: Front, heard: list[Heard], aim: Aim) -> SteeredSearch:
    if aim.toward is not None:
        if not 0 <= aim.point < len(heard):
            raise InputError(
                f"There is no point {aim.point}; there are points 0 to {len(heard) - 1}."
            )
        index = front.nearest(heard[aim.point].losses)
        arc_span = front.arc_span_toward(aim.toward, index)
    else:
        assert aim.music is not None, "an Aim has a side or a weight"
        best = front.best_at(audio_weight_of(front, aim.music))
        arc_span = front.arc_span_around(best)
    return SteeredSearch(front, arc_span, tuple(heard), aim.music)
