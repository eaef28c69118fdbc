"""Settings that a blend and a sound of what is visible have word for word, declared once for both.

Each function returns a new field, since a dataclass keeps those that it is given.
"""

from typing import Any

from moss.settings.fields import setting

PICTURE = "the picture"
SPECTROGRAM = "the spectrogram"


def gamma_setting() -> float:
    """Declare the power that brightness is raised to."""
    return setting(
        1.0,
        label="Gamma",
        help="raise its brightness to this power; more than 1 darkens it",
        group=PICTURE,
        bounds=(0.1, 10.0),
    )


def range_setting(default: float | None = 12.0, more: str = "") -> Any:
    """Declare the log magnitudes from black to white, in nats; `more` goes on in its help."""
    return setting(
        default,
        label="Range (nats)",
        help=f"from black to white, in nats; 12 are 104 dB{more}",
        group=PICTURE,
        option="range",
        bounds=(1.0, 20.0),
    )


def scale_setting() -> str:
    """Declare how the rows of a picture lie over frequency."""
    return setting(
        "linear",
        label="Scale of the rows",
        help="how a picture's rows lie over frequency: evenly in hertz, in octaves, or in mel",
        group=SPECTROGRAM,
        choices=("linear", "log", "mel"),
    )
