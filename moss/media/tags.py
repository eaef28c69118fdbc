"""What a sound file says of itself: title, artist and the like, under libsndfile's names."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import imageio_ffmpeg
import soundfile

from moss.media.ffmpeg import CONTAINERS
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


def ffmpeg_options(tags: Mapping[str, str]) -> list[str]:
    """Return the options with which ffmpeg writes `tags`."""
    return [word for name, text in tags.items() for word in ("-metadata", f"{TAGS[name]}={text}")]


def _cleaned(text: str) -> str:
    """Return `text` in one line, without what cannot be printed."""
    return "".join(filter(str.isprintable, " ".join(text.split())))[:MAX_TAG]


def _tags_by_ffmpeg(path: Path) -> dict[str, str]:
    """Return the tags of a file that only ffmpeg reads, such as M4A."""
    command = [
        *("-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"),
        *("-format_whitelist", CONTAINERS, "-i", f"file:{path.absolute()}", "-f", "ffmetadata"),
        "-",
    ]
    try:
        done = subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), *command],
            capture_output=True,
            check=True,
            timeout=FFMPEG_TIMEOUT_S,
        )
    except (OSError, RuntimeError, subprocess.SubprocessError):
        return {}
    return _parsed(done.stdout.decode(errors="replace"))


def _parsed(text: str) -> dict[str, str]:
    """Return the tags in an ffmetadata text, whose values escape some signs by a backslash."""
    ours = {theirs: name for name, theirs in TAGS.items()}
    whole = re.split(r"^\[", text, maxsplit=1, flags=re.MULTILINE)[0]  # of no chapter or stream
    lines = re.findall(r"^(\w+)=((?:\\.|[^\\\n])*)", whole, re.MULTILINE | re.DOTALL)
    return {
        ours[name.lower()]: re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
        for name, value in lines
        if name.lower() in ours
    }
