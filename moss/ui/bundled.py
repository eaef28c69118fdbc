"""The bundled examples: the pairs that the page offers, and the results with which it opens."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """A picture and a track that go well together."""

    name: str
    picture: Path
    track: Path


def _examples_folder() -> Path:
    """Return the folder: a wheel has it inside the package, a checkout beside the package."""
    package = Path(str(files("moss")))
    inside = package / "examples"
    return inside if inside.is_dir() else package.parent / "examples"


EXAMPLES = _examples_folder()
FIRST = EXAMPLES / "first"  # a finished run
FIRST_SOUND = EXAMPLES / "first_sound"  # a finished sound

PAIRS = (
    Pair("Fern, ambient pad", EXAMPLES / "fern.jpg", EXAMPLES / "pad.ogg"),
    Pair("Moon, rain", EXAMPLES / "moon.webp", EXAMPLES / "rain.ogg"),
    Pair("Galaxy, strings", EXAMPLES / "galaxy.jpg", EXAMPLES / "strings.ogg"),
    Pair("Handwriting, ambient pad", EXAMPLES / "handwriting.png", EXAMPLES / "pad.ogg"),
)
PAIR_FILES = frozenset(path for pair in PAIRS for path in (pair.picture, pair.track))


def pair_of(picture: str | None, track: str | None) -> Pair | None:
    """Return the pair whose files these are, or None."""
    return next((p for p in PAIRS if (str(p.picture), str(p.track)) == (picture, track)), None)
