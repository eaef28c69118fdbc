"""MOSS, Multi-Objective Spectral Synthesis: sounds between a track and a picture.

Each of `blend`, `steer`, `sonify` and `render_point` returns `Work`: an iterator of events whose
`result()` works to the end and returns what came out::

    run = moss.blend("me.jpg", "song.flac", "out").result()
    moss.steer("out", "out2", moss.Aim(toward="picture", point=5)).result()

What is asked for is imported when it is asked for: PyTorch takes seconds.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# A thread of OpenMP that waits for another gives its core away. The usual ones spin, and where
# another program holds a core, small operations take ten times as long. PyTorch reads both once.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Of minutes of sound every array is mapped anew, in pages of 2 MB where Linux has them: by 4 kB
# ones that took as long as the work on it.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

if TYPE_CHECKING:
    from moss.errors import InputError, MossError, OutputError
    from moss.progress import Failed, RenderProgress, SearchProgress, Work
    from moss.results.run import Run
    from moss.settings.blend import BlendSettings
    from moss.settings.presets import blend_settings
    from moss.settings.sonify import SonifySettings, sonify_settings
    from moss.usecases.blend import blend
    from moss.usecases.render_point import Point, render_point
    from moss.usecases.sonify import Source, sonify
    from moss.usecases.steer import Aim, steer

_HOMES = {
    "Aim": "moss.usecases.steer",
    "BlendSettings": "moss.settings.blend",
    "Failed": "moss.progress",
    "InputError": "moss.errors",
    "MossError": "moss.errors",
    "OutputError": "moss.errors",
    "Point": "moss.usecases.render_point",
    "RenderProgress": "moss.progress",
    "Run": "moss.results.run",
    "SearchProgress": "moss.progress",
    "SonifySettings": "moss.settings.sonify",
    "Source": "moss.usecases.sonify",
    "Work": "moss.progress",
    "blend": "moss.usecases.blend",
    "blend_settings": "moss.settings.presets",
    "render_point": "moss.usecases.render_point",
    "sonify": "moss.usecases.sonify",
    "sonify_settings": "moss.settings.sonify",
    "steer": "moss.usecases.steer",
}

__all__ = [
    "Aim",
    "BlendSettings",
    "Failed",
    "InputError",
    "MossError",
    "OutputError",
    "Point",
    "RenderProgress",
    "Run",
    "SearchProgress",
    "SonifySettings",
    "Source",
    "Work",
    "blend",
    "blend_settings",
    "render_point",
    "sonify",
    "sonify_settings",
    "steer",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
