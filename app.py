"""The page's composition root: the one heavy generator is decorated here and handed to the page."""

try:
    import spaces  # before torch: ZeroGPU has to see CUDA being asked for first
except ImportError:
    spaces = None

from moss import ui
from moss.device import best_device
from moss.estimate import gpu_seconds
from moss.pipeline import front_and_sounds

search = spaces.GPU(front_and_sounds, duration=gpu_seconds) if spaces else front_and_sounds

if __name__ == "__main__":
    ui.launch(ui.build(search=search, device=best_device()))
