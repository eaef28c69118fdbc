"""Where the bundled examples lie, which the page opens with."""

from importlib.resources import files
from pathlib import Path


def _examples() -> Path:
    """Return their folder: a wheel has them inside the package, a checkout beside it."""
    package = Path(str(files("moss")))
    inside = package / "examples"
    return inside if inside.is_dir() else package.parent / "examples"


EXAMPLES = _examples()
FIRST = EXAMPLES / "first"  # a finished run
FIRST_SOUND = EXAMPLES / "first_sound"  # a finished sound
