"""The small pair and the small settings that tests of the engine blend."""

from pathlib import Path

import numpy as np

from moss.blending.prepare import prepare
from moss.blending.prepared import Prepared
from moss.settings.blend import BlendSettings
from moss.settings.presets import blend_settings
from moss.signal.pareto import REFERENCE_POINTS, hypervolume

EXAMPLES = Path(__file__).parent.parent / "examples"
PICTURE, PAD, STRINGS = (EXAMPLES / name for name in ("moon.webp", "pad.ogg", "strings.ogg"))
SMALL = blend_settings(
    duration_s=3.0,
    sample_rate=8000,
    n_fft=512,
    hop_length=128,
    grid_height=16,
    audio_weights=6,
    descent_steps=4,
    population_size=16,
    generations=3,
    representatives=4,
    effort=0.2,
)

TINY_SPECTROGRAM = {
    "duration_s": 3.0,
    "sample_rate": 8000,
    "n_fft": 512,
    "hop_length": 128,
    "grid_height": 16,
    "grid_width": 32,
    "population_size": 16,
    "generations": 3,
    "representatives": 4,
}
NOTEBOOK = blend_settings("notebook", audio_weights=6, descent_steps=4, **TINY_SPECTROGRAM)
README = blend_settings("readme", **TINY_SPECTROGRAM)


def small_pair(settings: BlendSettings = SMALL, track: Path = PAD) -> Prepared:
    """The small pair, prepared."""
    return prepare(PICTURE, track, settings)


def hypervolume_of(losses: np.ndarray, settings: BlendSettings = SMALL) -> float:
    """The hypervolume of losses (n, 2), against the reference of what the settings search."""
    return hypervolume(losses, REFERENCE_POINTS[settings.audio_loss])
