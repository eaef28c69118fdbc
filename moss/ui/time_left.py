"""How long a run will still take, from how long it has taken."""

from moss.config import BlendSettings
from moss.progress import RenderProgress, SearchProgress

# Shares of the whole on two cores, measured with both the quick and the high-res preset.
SHARES = {"seeding": 0.15, "evolution": 0.10, "front": 0.07, "sounds": 0.38, "files": 0.30}
LEAST_DONE = 0.04  # with less, the guess is no better than a shrug


class TimeLeft:
    """Turns events into the seconds that are left.

    `sounds` is how many sounds will be made; all of the settings' unless given.
    """

    def __init__(self, settings: BlendSettings, sounds: int | None = None):
        usual = BlendSettings()
        count = settings.representatives if sounds is None else sounds
        work = {
            "seeding": _ratio(settings, usual, "prices") * _ratio(settings, usual, "descent_steps"),
            "evolution": _ratio(settings, usual, "generations")
            * _ratio(settings, usual, "population_size"),
            "front": _ratio(settings, usual, "population_size"),
            "sounds": settings.effort * count / usual.representatives,
            "files": 1.0,
        }
        if settings.viewer == "any":
            work["sounds"] *= 4
        # The root: a part of every phase does not depend on the settings.
        self._shares = {phase: share * work[phase] ** 0.5 for phase, share in SHARES.items()}
        self._done = dict.fromkeys(self._shares, 0.0)

    def after(self, event: SearchProgress | RenderProgress, elapsed_s: float) -> float | None:
        """Return the seconds left after `event`, `elapsed_s` into the run; None: too early."""
        self._done[event.phase] = event.step / event.steps if event.steps else 1.0
        phases = list(self._shares)
        # A phase may be left early or out; what is not done of it then took no time, nor will it.
        ahead = phases[phases.index(event.phase) :]
        done = sum(self._shares[phase] * self._done[phase] for phase in phases)
        left = sum(self._shares[phase] * (1 - self._done[phase]) for phase in ahead)
        if done < LEAST_DONE * (done + left):
            return None
        return elapsed_s * left / done


def _ratio(settings, usual, name):
    return getattr(settings, name) / getattr(usual, name)
