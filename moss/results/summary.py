"""summary.json: what every result says of how it was made."""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from moss import __version__
from moss.results.names import SUMMARY

LIBRARIES = ("numpy", "torch", "torchaudio", "pymoo")


def made_with(device: str) -> dict[str, Any]:
    """Return the versions and the device, which a summary begins with."""
    return {
        "moss": __version__,
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        "device": device,
    }


def rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds of each stage to the millisecond."""
    return {stage: round(spent, 3) for stage, spent in seconds.items()}


def write_summary(folder: Path, summary: Mapping[str, Any]) -> None:
    """Write summary.json; a number that is not finite is an error of ours."""
    text = json.dumps(summary, indent=2, allow_nan=False)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8")
