"""What a run is doing, as JSON for programs."""

import time
from typing import Any

import numpy as np

from moss.blending.prepared import Prepared
from moss.progress import RenderProgress, SearchProgress
from moss.sonification.design import Design
from moss.ui.host.turns import Waiting
from moss.usecases.estimate import seconds_of, seconds_of_sound
from moss.usecases.time_left import TimeLeft

DIGITS = 4  # of losses and seconds
MIN_INTERVAL_S = 0.25  # between two objects of the same stage
REPEAT_S = 0.4  # Without news as often: gradio notices at an object that a caller has left.


class ProgressJSON:
    """Turns the items of a run into plain JSON objects, whose "stage" says what is going on.

    "waiting" has "ahead", the number of runs before this one. Then come "reading", in a blend
    "seeding", "evolution" and "front", and "sounds" and "files", with "step" of "steps",
    "elapsed_s" since the reading began and, once it can be estimated, "left_s". The search has
    "hypervolume" and "front", the losses of the points on it. The last one is "done" or "failed",
    which has "error".
    """

    def __init__(self) -> None:
        self._started = self._last_s = time.perf_counter()
        self._time_left: TimeLeft | None = None
        self._last: dict[str, Any] = {"stage": "waiting"}

    def after(self, item: object) -> dict[str, Any] | None:
        """Return the object for `item` of a run, or None where there is nothing new to say."""
        now = time.perf_counter()
        if isinstance(item, Waiting):
            self._started = now
            return self._say("waiting", ahead=item.ahead) if item.ahead else self._say("reading")
        if isinstance(item, Prepared):
            self._time_left = TimeLeft(seconds_of(item.settings))
        elif isinstance(item, Design):
            self._time_left = TimeLeft(seconds_of_sound(item))
        elif isinstance(item, SearchProgress | RenderProgress):
            return self._after_event(item, now)
        elif item is None and now - self._last_s >= REPEAT_S:
            self._last_s = now
            return self._last | self._elapsed()
        return None

    def done(self) -> dict[str, Any]:
        """Return the object of the end."""
        return self._say("done")

    def failed(self, sentence: str) -> dict[str, Any]:
        """Return the object of a failure, which `sentence` explains."""
        return self._say("failed", error=sentence)

    def _after_event(
        self, event: SearchProgress | RenderProgress, now: float
    ) -> dict[str, Any] | None:
        if event.stage == self._last["stage"] and now - self._last_s < MIN_INTERVAL_S:
            return None
        more: dict[str, Any] = {"step": event.step, "steps": event.steps}
        left_s = self._time_left.after(event, now - self._started) if self._time_left else None
        if left_s is not None:
            more["left_s"] = round(left_s, 1)
        if isinstance(event, SearchProgress):
            front = np.round(event.losses[event.on_front], DIGITS).tolist()
            more |= {"hypervolume": round(event.hypervolume, DIGITS), "front": front}
        return self._say(event.stage, **more)

    def _say(self, stage: str, **more: Any) -> dict[str, Any]:
        self._last_s = time.perf_counter()
        # The front is long, and is not repeated while nothing happens.
        self._last = {"stage": stage} | {k: value for k, value in more.items() if k != "front"}
        return {"stage": stage, **more} | self._elapsed()

    def _elapsed(self) -> dict[str, float]:
        return {"elapsed_s": round(time.perf_counter() - self._started, 2)}
