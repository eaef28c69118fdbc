"""Two commands of ffmpeg for this machine: what its microphone hears, live and as a picture."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass

import imageio_ffmpeg

from moss.results.names import SPECTROGRAM

RATE = 22050  # Hz, at which MOSS writes sounds: a picture fills the whole height
PATIENCE_S = 10  # with ffmpeg, while it lists devices
RECORDED_S = 10
# Rows are half of the window, which is 2048 samples then as in MOSS; 100 dB as in its pictures.
LOOK = "mode=combined:color=magma:scale=log:drange=100:win_func=hann"
LIVE = f"showspectrum=s=1280x1024:slide=scroll:overlap=0.875:{LOOK}"
PICTURE = f"showspectrumpic=s=1200x1024:{LOOK}"
FREQUENCIES = {"linear": "lin", "log": "log"}
# How ffmpeg calls the systems of each platform, and the usual microphone of each system.
SYSTEMS = {"linux": ("pulse", "alsa"), "darwin": ("avfoundation",), "win32": ("dshow",)}
USUAL = {
    "pulse": "default",
    "alsa": "default",
    "avfoundation": ":default",
    "dshow": "audio=Microphone",
}
NAMED = {  # the first microphone in what ffmpeg lists
    "pulse": re.compile(r"^[* ] +\S+ \[.+\]", re.M),
    "alsa": re.compile(r"^[* ] +\S+ \[.+\]", re.M),
    "avfoundation": re.compile(r"AVFoundation audio devices:\s+.*\[\d+\] \S"),
    "dshow": re.compile(r'"(?P<name>[^"]+)" \(audio\)'),
}


@dataclass(frozen=True)
class Microphone:
    """A microphone as ffmpeg names it; `found` says whether this machine seems to have one."""

    system: str
    name: str
    found: bool


def microphone(platform: str = sys.platform) -> Microphone:
    """Return the usual microphone of this machine; where none is found, what it would be called."""
    systems = SYSTEMS.get(platform, SYSTEMS["linux"])
    for system in systems:
        if found := named(system, _listed(system)):
            return found
    return Microphone(systems[0], USUAL[systems[0]], False)


def named(system: str, listing: str) -> Microphone | None:
    """Return the microphone to take of what ffmpeg lists for `system`, or None if it has none."""
    if not (found := NAMED[system].search(listing)):
        return None
    # Only dshow knows no name for whichever is the usual one.
    name = f"audio={found['name']}" if system == "dshow" else USUAL[system]
    return Microphone(system, name, True)


def live_command(source: Microphone, scale: str) -> list[str]:
    """Return the ffplay command of a spectrogram that scrolls by; `scale` is of FREQUENCIES."""
    heard = f"amovie=filename={_escaped(source.name)}:format_name={source.system}"
    graph = f"{heard},aresample={RATE},{LIVE}:fscale={FREQUENCIES[scale]},scale=1280:640"
    return ["ffplay", "-window_title", "MOSS", "-f", "lavfi", "-i", graph]


def picture_command(source: Microphone | str, scale: str) -> list[str]:
    """Return the ffmpeg command that writes spectrogram.png.

    `source` is a sound file's path, or a microphone, of which ten seconds are recorded.
    """
    given = ["-i", source]
    if isinstance(source, Microphone):
        given = ["-f", source.system, "-t", str(RECORDED_S), "-i", source.name]
    graph = f"aresample={RATE},{PICTURE}:fscale={FREQUENCIES[scale]}"
    return [_ffmpeg(), "-y", *given, "-lavfi", graph, SPECTROGRAM]


def spelled(command: list[str], platform: str = sys.platform) -> str:
    """Return a command as the shell of the platform takes it."""
    return subprocess.list2cmdline(command) if platform == "win32" else shlex.join(command)


def _escaped(value):
    """An option's value in a filter graph, whose text is read twice."""
    return re.sub(r"([\\'\[\],;])", r"\\\1", re.sub(r"([\\':])", r"\\\1", value))


def _ffmpeg():
    """The machine's own ffmpeg, or the one that MOSS brings, which knows fewer devices."""
    return "ffmpeg" if shutil.which("ffmpeg") else imageio_ffmpeg.get_ffmpeg_exe()


def _listed(system):
    """What ffmpeg tells of the devices of `system`; "" where it cannot."""
    asked = ["-sources", system]
    if system in ("avfoundation", "dshow"):
        asked = ["-f", system, "-list_devices", "true", "-i", ""]
    try:
        done = subprocess.run(
            [_ffmpeg(), "-hide_banner", *asked],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr
