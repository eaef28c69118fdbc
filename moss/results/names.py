"""What the files of a result are called: every name stands here and nowhere else."""

from pathlib import Path

# Of every result.
SUMMARY = "summary.json"

# Of a run.
FRONT = "front"  # the folder of the sounds along the front
RESULTS = "results.npy"
SHARE = "share"  # the folder of the lossy files
FRONT_PLOT = "pareto_front.png"
EVOLUTION_GIF = "pareto_evolution.gif"
MORPH_GIF = "pareto_morph.gif"
MORPH_FILM = "pareto_morph.mp4"

# Of a sound made of what is visible, and of one more point of a front.
SOUND = "sound.wav"
SPECTROGRAM = "spectrogram.png"
SOUND_FILM = "sound.mp4"
POINT = "point.json"

# A bundled result has smaller files under the same names: FLAC for WAV, WebP for PNG.
PICTURE_SUFFIXES = (".png", ".webp")


def front_sound(place: int, file_format: str) -> str:
    """Return the name of the sound at a `place` on the front, such as "front/03.wav"."""
    return f"{FRONT}/{place:02d}.{file_format}"


def right_of(picture: Path) -> Path:
    """Return where the right channel's spectrogram lies beside that of the left one."""
    return picture.with_stem(f"{picture.stem}-right")


def chosen_sound(name: str, file_format: str) -> str:
    """Return the name of the copy of a chosen sound, such as "balanced.wav"."""
    return f"{name}.{file_format}"


def shared_sound(name: str, ending: str) -> str:
    """Return the name of a lossy copy of a chosen sound, such as "share/balanced-320.mp3"."""
    return f"{SHARE}/{name}{ending}"


def song(name: str, file_format: str) -> str:
    """Return the name of the whole track with a chosen sound in it, such as "song_visual.wav"."""
    return f"song_{name.removeprefix('best_')}.{file_format}"


def original_sound(file_format: str) -> str:
    """Return the name of the track, where no sound of the front is the track itself."""
    return f"original.{file_format}"


def morph_sound(file_format: str) -> str:
    """Return the name of the morph's sound, which is only there until the film has it."""
    return f"pareto_morph.{file_format}"


def point_sound(file_format: str) -> str:
    """Return the name of the sound of one more point."""
    return f"sound.{file_format}"
