"""What a run is doing, as JSON for programs."""

import time
from typing import Any

import numpy as np

from moss.blending.prepared import Prepared
from moss.progress import SearchProgress
from moss.sonification.design import Design
from moss.ui.host.run import Item
from moss.ui.host.turns import Waiting
from moss.usecases.estimate import seconds_of, seconds_of_sound
from moss.usecases.time_left import TimeLeft

DIGITS = 4  # of losses and seconds
SOONEST_S = 0.25  # between two that tell of the same stage
REPEATED_S = 0.4  # without news: whoever has left is noticed at the next one


class ProgressJSON:
    """Turns the items of a run into plain JSON objects, whose "stage" says what is going on.

    "waiting" has "ahead", the number of runs before this one. Then come "reading", in a blend
    "seeding", "evolution" and "front", and "sounds" and "files", with "step" of "steps",
    "elapsed_s" since the reading began and, once it can be told, "left_s". The search has
    "hypervolume" and "front", the losses of the points on it. The last one is "done" or "failed",
    which has "error".
    """

    def __init__(self):
        self._started = self._told_s = time.perf_counter()
        self._time_left, self._last = None, {"stage": "waiting"}

    def after(self, item: Item):
        """Return the object that tells of `item`, or None where that can wait."""
        now = time.perf_counter()
        if isinstance(item, Waiting):
            self._started = now
            return self._say("waiting", ahead=item.ahead) if item.ahead else self._say("reading")
        if isinstance(item, Prepared):
            self._time_left = TimeLeft(seconds_of(item.settings))
            return None
        if isinstance(item, Design):
            self._time_left = TimeLeft(seconds_of_sound(item))
            return None
        if item is None:
            return self._repeated(now)
        if item.stage == self._last["stage"] and now - self._told_s < SOONEST_S:
            return None
        told = {"step": item.step, "steps": item.steps}
        left_s = self._time_left and self._time_left.after(item, now - self._started)
        if left_s is not None:
            told["left_s"] = round(left_s, 1)
        if isinstance(item, SearchProgress):
            front = np.round(item.losses[item.on_front], DIGITS).tolist()
            told |= {"hypervolume": round(item.hypervolume, DIGITS), "front": front}
        return self._say(item.stage, **told)

    def done(self) -> dict[str, Any]:
        """Return the object that tells of the end."""
        return self._say("done")

    def failed(self, sentence: str) -> dict[str, Any]:
        """Return the object that tells of a failure."""
        return self._say("failed", error=sentence)

    def _repeated(self, now):
        if now - self._told_s < REPEATED_S:
            return None
        self._told_s = now
        return self._last | self._elapsed()

    def _say(self, stage, **more):
        self._told_s = time.perf_counter()
        told = {"stage": stage, **more}
        # What is repeated while nothing happens need not be everything.
        self._last = {name: value for name, value in told.items() if name != "front"}
        return told | self._elapsed()

    def _elapsed(self):
        return {"elapsed_s": round(time.perf_counter() - self._started, 2)}
