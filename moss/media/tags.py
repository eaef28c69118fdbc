"""What a sound file says of itself: title, artist and the like, under libsndfile's names."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import imageio_ffmpeg
import soundfile

from moss.errors import InputError
from moss.media.ffmpeg import READING, find_track
from moss.media.limits import FFMPEG_TIMEOUT_S

# By ffmpeg's names, where it calls them otherwise; libsndfile writes no others.
TAGS = {
    "title": "title",
    "artist": "artist",
    "album": "album",
    "date": "date",
    "genre": "genre",
    "tracknumber": "track",
    "copyright": "copyright",
    "license": "license",
    "comment": "comment",
}
MAX_TAG = 1000  # characters; more is no name of anything


def tags_of(path: Path) -> dict[str, str]:
    """Return what the sound file `path` says of itself; nothing where it cannot be read."""
    try:
        with path.open("rb") as raw, soundfile.SoundFile(raw.fileno(), closefd=False) as sound:
            found = sound.copy_metadata()
    except (OSError, soundfile.LibsndfileError):
        found = _tags_by_ffmpeg(path)
    cleaned = {name: _cleaned(found.get(name, "")) for name in TAGS}
    return {name: text for name, text in cleaned.items() if text}


def commented(tags: Mapping[str, str], comment: str) -> dict[str, str]:
    """Return the tags with one more comment."""
    return dict(tags) | {"comment": "; ".join(filter(None, (tags.get("comment"), comment)))}


def copy_cover(source: Path, flac: Path) -> None:
    """Put the cover art of the sound file `source`, where it has any, into the file `flac`.

    Its samples stay as they are. A WAV file has no place for it, and is left alone.
    """
    if flac.suffix != ".flac":
        return
    covered = flac.with_name(f"covered-{flac.name}")
    command = [
        *("-nostdin", "-v", "error", "-y", *READING, "-i", f"file:{flac.absolute()}"),
        *(*READING, "-i", f"file:{source.absolute()}", "-map", "0:a"),
        # Without cover art this is an error, and nothing is written.
        *("-map", "1:v:disp:attached_pic", "-map_metadata", "0", "-c", "copy"),
        *("-disposition:v:0", "attached_pic", f"file:{covered.absolute()}"),
    ]
    try:
        _run(command)
        covered.replace(flac)
    except (OSError, RuntimeError, subprocess.SubprocessError):
        covered.unlink(missing_ok=True)  # the song is worth more than its cover


def ffmpeg_options(tags: Mapping[str, str]) -> list[str]:
    """Return the options with which ffmpeg writes `tags`."""
    return [word for name, text in tags.items() for word in ("-metadata", f"{TAGS[name]}={text}")]


def _cleaned(text: str) -> str:
    """Return `text` in one line, without what cannot be printed."""
    return "".join(filter(str.isprintable, " ".join(text.split())))[:MAX_TAG]


def _tags_by_ffmpeg(path: Path) -> dict[str, str]:
    """Return the tags of a file that only ffmpeg reads, such as M4A.

    Where the whole file has none they are those of its track that is used.
    """
    command = ["-nostdin", "-v", "error", *READING, "-i", f"file:{path.absolute()}"]
    try:
        track = find_track(path, works="a sound file")
        written = ["-map", f"0:{track.stream}", "-c", "copy", "-f", "ffmetadata", "-"]
        told = _run([*command, *written]).decode(errors="replace")
    except (OSError, RuntimeError, subprocess.SubprocessError, InputError):
        return {}
    whole, *of_track = re.split(r"^\[STREAM\]", told, flags=re.MULTILINE)
    return _parsed(whole) or _parsed("".join(of_track))


def _run(options: Sequence[str]) -> bytes:
    """Return what ffmpeg writes to its output."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *options]
    done = subprocess.run(command, capture_output=True, check=True, timeout=FFMPEG_TIMEOUT_S)
    return done.stdout


def _parsed(text: str) -> dict[str, str]:
    """Return the tags in an ffmetadata text, whose values escape some signs by a backslash."""
    ours = {theirs: name for name, theirs in TAGS.items()}
    whole = re.split(r"^\[", text, maxsplit=1, flags=re.MULTILINE)[0]  # of no chapter
    lines = re.findall(r"^(\w+)=((?:\\.|[^\\\n])*)", whole, re.MULTILINE | re.DOTALL)
    return {
        ours[name.lower()]: re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
        for name, value in lines
        if name.lower() in ours
    }
