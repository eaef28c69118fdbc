"""The pairs of `examples/` that the page offers."""

from dataclasses import dataclass
from pathlib import Path

from moss.ui.bundled import EXAMPLES as FOLDER


@dataclass(frozen=True)
class Pair:
    """A picture and a track that go well together."""

    name: str
    picture: Path
    track: Path


PAIRS = (
    Pair("Fern, ambient pad", FOLDER / "fern.jpg", FOLDER / "pad.ogg"),
    Pair("Moon, rain", FOLDER / "moon.webp", FOLDER / "rain.ogg"),
    Pair("Galaxy, strings", FOLDER / "galaxy.jpg", FOLDER / "strings.ogg"),
    Pair("Handwriting, ambient pad", FOLDER / "handwriting.png", FOLDER / "pad.ogg"),
)

FILES = frozenset(path for pair in PAIRS for path in (pair.picture, pair.track))
