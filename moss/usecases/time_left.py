"""How long a run will still take, from how long it has taken."""

from collections.abc import Mapping

from moss.progress import RenderProgress, SearchProgress

MIN_DONE = 0.1  # of the run; what is estimated from less is more than a third off


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
        return (elapsed_s - self._began_s) * left / done
