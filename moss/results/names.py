"""What the files of a result are called: every name stands here and nowhere else."""

from pathlib import Path

# Of every result.
SUMMARY = "summary.json"

# Of a run.
FRONT = "front"  # the folder of the sounds along the front
ORIGINAL = "original.wav"  # the track, where no sound of the front is the track itself
RESULTS = "results.npy"
FRONT_PLOT = "pareto_front.png"
EVOLUTION_GIF = "pareto_evolution.gif"
MORPH_GIF = "pareto_morph.gif"
MORPH_FILM = "pareto_morph.mp4"
MORPH_SOUND = "pareto_morph.wav"  # only until the film has it

# Of a sound made of what is visible, and of one more point of a front.
SOUND = "sound.wav"
SPECTROGRAM = "spectrogram.png"
SOUND_FILM = "sound.mp4"
POINT = "point.json"

# A bundled result has smaller files under the same names: FLAC for WAV, WebP for PNG.
PICTURE_SUFFIXES = (".png", ".webp")


def front_sound(place: int) -> str:
    """Return the name of the sound at a `place` on the front, such as "front/03.wav"."""
    return f"{FRONT}/{place:02d}.wav"


def right_of(picture: Path) -> Path:
    """Return where the right channel's spectrogram lies beside that of the left one."""
    return picture.with_stem(f"{picture.stem}-right")


def chosen_sound(name: str) -> str:
    """Return the name of the copy of a chosen sound, such as "balanced.wav"."""
    return f"{name}.wav"
