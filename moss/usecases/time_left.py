"""How long a run will still take, from how long it has taken."""

from collections.abc import Mapping

from moss.progress import RenderProgress, SearchProgress

MIN_DONE = 0.1  # of the run; what is estimated from less is more than a third off
LEAST_LEFT = 0.5  # of an estimate, until a step is done: until then the clock alone tells less


class TimeLeft:
    """Turns events into the seconds that are left; what came before the first event tells nothing.

    Parameters
    ----------
    shares : about how long each stage takes, in order. Only their ratios count, so they need not
        be right for this machine.
    """

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._shares, self._stages = shares, list(shares)
        self._done = dict.fromkeys(shares, 0.0)
        self._began_s: float | None = None
        self._step: tuple[str, int] | None = None  # the last that was done, and then:
        self._then_left_s = self._then_s = 0.0

    def after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> float | None:
        """Return the seconds left after `event`, `elapsed_s` into the run; None if too early."""
        if self._began_s is None:
            self._began_s = elapsed_s
        self._done[event.stage] = event.step / event.steps if event.steps else 1.0
        # A stage may be ended early or left out; the rest of it takes no time.
        ahead = self._stages[self._stages.index(event.stage) :]
        done = sum(self._shares[stage] * self._done[stage] for stage in self._stages)
        left = sum(self._shares[stage] * (1 - self._done[stage]) for stage in ahead)
        if done < MIN_DONE * (done + left):
            return None
        if self._step == (event.stage, event.step):
            # Nothing is done since, but that takes no longer for it.
            waited_s = elapsed_s - self._then_s
            return max(self._then_left_s - waited_s, LEAST_LEFT * self._then_left_s)
        self._step, self._then_s = (event.stage, event.step), elapsed_s
        self._then_left_s = (elapsed_s - self._began_s) * left / done
        return self._then_left_s
