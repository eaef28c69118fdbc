"""How long a run will still take, from how long it has taken."""

from collections.abc import Mapping

from moss.progress import RenderProgress, SearchProgress

LEAST_DONE = 0.04  # with less, the guess is no better than a shrug


class TimeLeft:
    """Turns events into the seconds that are left; `shares` are those of each stage, in order.

    Only how they compare counts, so they need not be right for this machine.
    """

    def __init__(self, shares: Mapping[str, float]):
        self._shares, self._stages = shares, list(shares)
        self._done = dict.fromkeys(shares, 0.0)

    def after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> float | None:
        """Return the seconds left after `event`, `elapsed_s` into the run; None: too early."""
        self._done[event.stage] = event.step / event.steps if event.steps else 1.0
        # A stage may be left early or out; what is not done of it then took no time, nor will it.
        ahead = self._stages[self._stages.index(event.stage) :]
        done = sum(self._shares[stage] * self._done[stage] for stage in self._stages)
        left = sum(self._shares[stage] * (1 - self._done[stage]) for stage in ahead)
        if done < LEAST_DONE * (done + left):
            return None
        return elapsed_s * left / done
