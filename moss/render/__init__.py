"""A front becomes files to look at: spectrograms, the front plot, the morph and its film."""

from moss.render.front_plot import save_front_plot
from moss.render.morph import save_morph_film, save_morph_gif
from moss.render.spectrograms import save_spectrogram, spectrogram_pixels

__all__ = [
    "save_front_plot",
    "save_morph_film",
    "save_morph_gif",
    "save_spectrogram",
    "spectrogram_pixels",
]
