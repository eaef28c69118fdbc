"""How long a run will still take, from how long it has taken."""

from moss.config import BlendSettings
from moss.estimate import PHASES, seconds_of
from moss.progress import RenderProgress, SearchProgress

LEAST_DONE = 0.04  # with less, the guess is no better than a shrug


class TimeLeft:
    """Turns events into the seconds that are left.

    `sounds` is how many sounds will be made; all of the settings' unless given.
    """

    def __init__(self, settings: BlendSettings, sounds: int | None = None):
        self._shares = seconds_of(settings, sounds)
        self._done = dict.fromkeys(PHASES, 0.0)

    def after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> float | None:
        """Return the seconds left after `event`, `elapsed_s` into the run; None: too early."""
        self._done[event.phase] = event.step / event.steps if event.steps else 1.0
        # A phase may be left early or out; what is not done of it then took no time, nor will it.
        ahead = PHASES[PHASES.index(event.phase) :]
        done = sum(self._shares[phase] * self._done[phase] for phase in PHASES)
        left = sum(self._shares[phase] * (1 - self._done[phase]) for phase in ahead)
        if done < LEAST_DONE * (done + left):
            return None
        return elapsed_s * left / done
