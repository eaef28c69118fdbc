"""The page's composition root: the heavy generators are decorated here and handed to it."""

import os
from pathlib import Path

try:
    import spaces  # It comes before torch, because ZeroGPU has to see the first request for CUDA.
except ImportError:
    spaces = None

from moss import ui
from moss.device import best_device
from moss.usecases.compute import front_and_sounds
from moss.usecases.estimate import gpu_seconds, gpu_seconds_of_sound
from moss.usecases.sonify import synthesise

compute = front_and_sounds
if spaces:
    compute = spaces.GPU(front_and_sounds, duration=gpu_seconds)
    synthesise = spaces.GPU(synthesise, duration=gpu_seconds_of_sound)


def results_folder() -> Path | None:
    """Return the folder where copies of results stay, or None where nothing stays.

    At home it is `results` in the current folder. Hugging Face sets SPACE_ID for every Space,
    whose visitors share its disk.
    """
    return None if os.environ.get("SPACE_ID") else Path("results").absolute()


if __name__ == "__main__":
    page = ui.build(
        compute=compute,
        synthesise=synthesise,
        device=best_device(),
        results=results_folder(),
    )
    ui.launch(page)
