"""The presets of a blend, and its settings from one of them."""

from __future__ import annotations

from typing import Any

from moss.settings.blend import BlendSettings
from moss.settings.fields import preset_with

PUBLISHED_WHITE_DB = 4.342944819  # half a neper
# What both published forms have in common.
PUBLISHED = {
    "audio_loss": "log",
    "white_db": PUBLISHED_WHITE_DB,
    "range_nats": 12.0,
    "population_size": 100,
    "generations": 50,
    "operators": "published",
    "phase": "target",
}
PRESETS: dict[str, dict[str, Any]] = {
    "high-res": {},
    "quick": {
        "duration_s": 10.0,
        "audio_weights": 24,
        "descent_steps": 16,
        "population_size": 50,
        "generations": 20,
        "effort": 1.15,  # 10 s leave time for it
    },
    "hidden": {
        "rate": "track",
        "sample_rate": None,
        "low_hz": None,
        "high_hz": 20_000.0,
    },
    "notebook": {
        "sample_rate": 16_000,
        "n_fft": 1024,
        "hop_length": 256,
        "grid_height": 64,
        "grid_width": 128,
        "smoothing_sigma": 5.0,
        "mixing": "linear",
        "gamma": 1.8,
        "method": "notebook",
        "audio_weights": 10,
        "descent_steps": 200,
        **PUBLISHED,
    },
    "readme": {
        "sample_rate": 22_050,
        "n_fft": 2048,
        "hop_length": 512,
        "grid_height": 128,
        "smoothing_sigma": 3.0,
        "mixing": "log",
        "method": "readme",
        **PUBLISHED,
    },
}


def blend_settings(preset: str = "high-res", /, **changes: Any) -> BlendSettings:
    """Return the settings of a preset with `changes`, which may have former names.

    Raises
    ------
    InputError
        For a preset, names and values that there are not.
    """
    return preset_with(BlendSettings, PRESETS, preset, changes)
