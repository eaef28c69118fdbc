"""A front becomes files to look at: spectrograms, the front's plot and growth, the morph."""

from moss.render.evolution import save_evolution_gif
from moss.render.front_plot import save_front_plot
from moss.render.morph_film import film_sized, save_morph_film
from moss.render.morph_gif import save_morph_gif
from moss.render.playhead import save_playhead_film
from moss.render.spectrograms import drawable, save_spectrogram, spectrogram_pixels

__all__ = [
    "drawable",
    "film_sized",
    "save_evolution_gif",
    "save_front_plot",
    "save_morph_film",
    "save_morph_gif",
    "save_playhead_film",
    "save_spectrogram",
    "spectrogram_pixels",
]
