"""The page's composition root: the heavy generators are decorated here and handed to it."""

try:
    import spaces  # before torch: ZeroGPU has to see CUDA being asked for first
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

if __name__ == "__main__":
    ui.launch(ui.build(compute=compute, synthesise=synthesise, device=best_device()))
