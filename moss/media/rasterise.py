"""Draws the SVG that comes in as PNG that goes out; run by itself, away from all else.

It imports nothing of MOSS, so that it starts at once.
"""

import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import resvg_py

MAX_BYTES = 2 * 2**30
MAX_CPU_S = 10


def main() -> None:
    """Draw with `width` or `height`, the first argument, of so many pixels, the second."""
    try:
        import resource
    except ImportError:  # Windows: the time that its parent gives it is the only limit
        pass
    else:
        for limit, value in (
            (resource.RLIMIT_AS, MAX_BYTES),
            (resource.RLIMIT_CPU, MAX_CPU_S),
            (resource.RLIMIT_CORE, 0),
        ):
            with suppress(ValueError):  # where less is allowed already
                resource.setrlimit(limit, (value, value))
    side, pixels = sys.argv[1], int(sys.argv[2])
    # A Space has no fonts of its own; Matplotlib brings some.
    matplotlib = find_spec("matplotlib")
    places = matplotlib.submodule_search_locations if matplotlib else None
    drawn = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode("ascii"),
        dpi=96,  # of CSS, for sizes in inches and the like
        width=pixels if side == "width" else None,
        height=pixels if side == "height" else None,
        font_dirs=[str(Path(place, "mpl-data/fonts/ttf")) for place in places or ()],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
        serif_family="DejaVu Serif",
        monospace_family="DejaVu Sans Mono",
    )
    sys.stdout.buffer.write(bytes(drawn))


if __name__ == "__main__":
    main()
