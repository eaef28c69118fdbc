"""Small good files of every format that MOSS takes, made anew by Pillow and ffmpeg."""

import io
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()
WIDTH, HEIGHT = 64, 48
STEREO = "0.4*sin(2*PI*(200*t+300*t*t))|0.3*sin(2*PI*660*t)*sin(2*PI*1.3*t)"
SOUND = ("-f", "lavfi", "-i", f"aevalsrc={STEREO}:s=16000:d=1")
VIDEO = ("-f", "lavfi", "-i", "testsrc=s=32x32:r=5:d=1", "-pix_fmt", "yuv420p")
IRREGULAR = (
    *("-vf", "settb=1/1000,setpts='PTS+mod(N*7,5)*0.03/TB'"),
    *("-fps_mode", "vfr", "-enc_time_base", "1/1000"),
)
DROPPED = ("-vf", "select='not(eq(mod(n,5),2))'", "-fps_mode", "vfr")
CHAINED = "chained"  # of what is told twice, one after the other in one file
# No dates and no random numbers, so that a case is the same every time.
EXACT = ("-threads", "1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-flags:v", "+bitexact")


@dataclass(frozen=True)
class Original:
    """A file: its format, such as "TIFF", which kind of it, its suffix and its bytes."""

    format: str
    kind: str
    suffix: str
    data: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it goes into the page's well for pictures; otherwise it is a track."""
        return self.format in PICTURES


def colour() -> Image.Image:
    """A smooth picture with a little noise, so that no codec makes it trivial."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = np.stack([255 * y / HEIGHT, 255 * x / WIDTH, 2 * (x + y)], -1)
    noise = np.random.default_rng(0).uniform(-12, 12, planes.shape)
    return Image.fromarray(np.clip(planes + noise, 0, 255).astype(np.uint8))


def clear() -> Image.Image:
    """The same picture, transparent on one side."""
    picture = colour().convert("RGBA")
    alpha = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    picture.putalpha(Image.fromarray(alpha))
    return picture


def ink() -> Image.Image:
    """Black ink on a transparent ground."""
    picture = Image.new("RGBA", (WIDTH, HEIGHT))
    picture.paste((0, 0, 0, 255), (10, 10, 30, 20))
    return picture


def grey_16() -> Image.Image:
    """Grey of 16 bits."""
    return Image.fromarray(np.arange(WIDTH * HEIGHT, dtype=np.uint16).reshape(HEIGHT, WIDTH) * 21)


def grey_32() -> Image.Image:
    """Grey as floats, from -1 to 1."""
    return Image.fromarray(np.linspace(-1, 1, WIDTH * HEIGHT, dtype="f4").reshape(HEIGHT, WIDTH))


def palette() -> Image.Image:
    """The picture in 64 colours."""
    return colour().convert("P", palette=Image.Palette.ADAPTIVE, colors=64)


def moving() -> list[Image.Image]:
    """Two more frames, so that a picture moves."""
    return [colour().rotate(90 * k) for k in (1, 2)]


def on_its_side() -> Image.Exif:
    """An orientation that the reader has to undo."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def saved(picture: Image.Image, format: str, **options) -> bytes:
    """Return the bytes of `picture` as Pillow saves it."""
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


# format: its suffix, then the kinds, each with what makes Pillow's decoder take another way.
PICTURES: dict[str, tuple[str, dict[str, Callable[[], bytes]]]] = {
    "PNG": (
        ".png",
        {
            "colour": lambda: saved(colour(), "PNG"),
            "palette": lambda: saved(palette(), "PNG", transparency=3),
            "alpha": lambda: saved(clear(), "PNG", exif=on_its_side()),
            "16 bits": lambda: saved(grey_16(), "PNG"),
            "1 bit": lambda: saved(colour().convert("1"), "PNG"),
            "ink": lambda: saved(ink(), "PNG"),
        },
    ),
    "JPEG": (
        ".jpg",
        {
            "baseline": lambda: saved(colour(), "JPEG"),
            "progressive": lambda: saved(colour(), "JPEG", progressive=True, quality=90),
            "grey on its side": lambda: saved(colour().convert("L"), "JPEG", exif=on_its_side()),
            "CMYK": lambda: saved(colour().convert("CMYK"), "JPEG"),
            "no end": lambda: saved(colour(), "JPEG")[:-2],
        },
    ),
    "WebP": (
        ".webp",
        {
            "lossy": lambda: saved(colour(), "WEBP"),
            "lossy alpha": lambda: saved(clear(), "WEBP"),
            "lossless alpha": lambda: saved(clear(), "WEBP", lossless=True, exif=on_its_side()),
            "moving": lambda: saved(colour(), "WEBP", save_all=True, append_images=moving()),
        },
    ),
    "GIF": (
        ".gif",
        {
            "still": lambda: saved(palette(), "GIF", transparency=3),
            "moving": lambda: saved(colour(), "GIF", save_all=True, append_images=moving(), loop=0),
        },
    ),
    "BMP": (
        ".bmp",
        {
            "colour": lambda: saved(colour(), "BMP"),
            "palette": lambda: saved(palette(), "BMP"),
            "1 bit": lambda: saved(colour().convert("1"), "BMP"),
        },
    ),
    "TIFF": (
        ".tiff",
        {
            "plain": lambda: saved(colour(), "TIFF"),
            "LZW": lambda: saved(colour(), "TIFF", compression="tiff_lzw"),
            "deflate alpha": lambda: saved(clear(), "TIFF", compression="tiff_adobe_deflate"),
            "JPEG": lambda: saved(colour(), "TIFF", compression="jpeg"),
            "fax": lambda: saved(colour().convert("1"), "TIFF", compression="group4"),
            "16 bits": lambda: saved(grey_16(), "TIFF", exif=on_its_side()),
            "16 bits, white at 0": lambda: saved(grey_16(), "TIFF", tiffinfo={262: 0}),
            "CIELAB": lambda: saved(Image.merge("LAB", colour().split()), "TIFF"),
            "floats": lambda: saved(grey_32(), "TIFF"),
            "pages": lambda: saved(colour(), "TIFF", save_all=True, append_images=moving()),
        },
    ),
    "AVIF": (
        ".avif",
        {
            "colour": lambda: saved(colour(), "AVIF", exif=on_its_side(), max_threads=1),
            "alpha": lambda: saved(clear(), "AVIF", max_threads=1),
        },
    ),
    "HEIF": (
        ".heic",
        {
            "colour": lambda: saved(colour(), "HEIF", exif=on_its_side().tobytes()),
            "alpha": lambda: saved(clear(), "HEIF"),
        },
    ),
}

# format: its suffix, then the kinds with what ffmpeg is told.
TRACKS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "WAV": (
        ".wav",
        {
            "16 bits": ("-c:a", "pcm_s16le"),
            "24 bits": ("-c:a", "pcm_s24le"),
            "floats": ("-c:a", "pcm_f32le"),
            "doubles": ("-c:a", "pcm_f64le", "-ac", "1"),
            "six channels": ("-c:a", "pcm_s16le", "-ac", "6"),
            "ADPCM": ("-c:a", "adpcm_ms"),
        },
    ),
    "FLAC": (".flac", {"16 bits": ("-sample_fmt", "s16"), "24 bits": ("-sample_fmt", "s32")}),
    "OGG": (
        ".ogg",
        {
            "Vorbis": ("-c:a", "libvorbis"),
            "FLAC": ("-c:a", "flac"),
            CHAINED: ("-c:a", "libvorbis"),
        },
    ),
    "Opus": (".opus", {"stereo": ("-c:a", "libopus"), "mono": ("-c:a", "libopus", "-ac", "1")}),
    "MP3": (
        ".mp3",
        {
            "constant": ("-c:a", "libmp3lame", "-b:a", "32k", "-metadata", "title=A sound"),
            "variable": ("-c:a", "libmp3lame", "-q:a", "4", "-ar", "44100"),
            "no Xing": ("-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0"),
        },
    ),
    "M4A": (
        ".m4a",
        {
            "AAC": ("-c:a", "aac"),
            "AAC, index first": ("-c:a", "aac", "-movflags", "+faststart"),
            "ALAC": ("-c:a", "alac"),
            "bare AAC": ("-c:a", "aac", "-f", "adts"),
        },
    ),
    "MP4": (
        ".mp4",
        {
            "whole": (*VIDEO, "-c:v", "libx264", "-c:a", "aac"),
            "in pieces": (*VIDEO, "-c:v", "mpeg4", "-movflags", "frag_keyframe+empty_moov"),
            "irregular": (*VIDEO, *IRREGULAR, "-c:v", "libx264", "-c:a", "aac"),
        },
    ),
    "MOV": (".mov", {"PCM": (*VIDEO, "-c:v", "mjpeg", "-c:a", "pcm_s16be")}),
    "WebM": (
        ".webm",
        {
            "Opus": (*VIDEO, "-c:v", "libvpx", "-c:a", "libopus"),
            "Vorbis": (*VIDEO, "-c:v", "libvpx", "-c:a", "libvorbis"),
        },
    ),
    "MKV": (
        ".mkv",
        {
            "FLAC": (*VIDEO, "-c:v", "libx264", "-c:a", "flac"),
            "irregular": (*VIDEO, *IRREGULAR, "-c:v", "libx264", "-c:a", "flac"),
        },
    ),
    "AVI": (
        ".avi",
        {
            "MP3": (*VIDEO, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
            "dropped frames": (*VIDEO, *DROPPED, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
        },
    ),
}


@cache
def originals() -> dict[str, list[Original]]:
    """Return every original by its format."""
    pictures = {
        name: [Original(name, kind, suffix, make()) for kind, make in kinds.items()]
        for name, (suffix, kinds) in PICTURES.items()
    }
    tracks = {
        name: [
            Original(name, kind, suffix, _sound(suffix, told) * (2 if kind == CHAINED else 1))
            for kind, told in kinds.items()
        ]
        for name, (suffix, kinds) in TRACKS.items()
    }
    return pictures | tracks


def _sound(suffix, told):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a" + suffix)
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error"]
        subprocess.run([*command, *SOUND, *told, *EXACT, str(path)], check=True)
        return path.read_bytes()
