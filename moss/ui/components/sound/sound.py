"""A finished sound: its spectrogram under a playhead, its figures and its files."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import gradio as gr

from moss.render.spectrograms import HEIGHT, PLOT, WIDTH
from moss.results import names
from moss.ui.host.files import image_of, url_of
from moss.ui.host.result import Result

SCRIPT = Path(__file__).parent / "sound.js"


class SoundPlayer(gr.HTML):
    """Plays what `sound_html` returns: the playhead follows the sound, a press moves both."""

    def __init__(self, value: str = "", **options):
        super().__init__(
            value,
            js_on_load=SCRIPT.read_text(encoding="utf-8"),
            apply_default_css=False,
            **options,
        )


def sound_html(result: Result) -> str:
    """Return the HTML of a sound; its files have to be among those that gradio serves."""
    folder, summary = result.folder, result.summary
    sound = folder / summary["file"]
    picture = image_of(folder / names.SPECTROGRAM)
    takes = {
        f"Sound ({sound.suffix[1:].upper()})": sound,
        f"Spectrogram ({picture.suffix[1:].upper()})": picture,
        "Film (MP4)": folder / names.SOUND_FILM,
        "Figures (JSON)": folder / names.SUMMARY,
        "Everything (zip)": result.archive,
    }
    links = "".join(
        f'<li><a href="{url_of(path)}" download="">{name}</a></li>'
        for name, path in takes.items()
        if path
    )
    sides = dict(zip(("left", "top", "right", "bottom"), PLOT, strict=True))
    sizes = {"width": WIDTH, "height": HEIGHT, **sides}
    style = ";".join(f"--{name}:{size}" for name, size in sizes.items())
    name = escape(result.name)
    warnings = "".join(f"<p>{escape(warning)}</p>" for warning in summary["warnings"])
    return (
        f'<figure class="moss-sound" style="{style}"><div class="seen">'
        f'<img src="{url_of(picture)}" width="{WIDTH}" height="{HEIGHT}" '
        f'alt="Spectrogram of {name}, read back from the file"/>'
        '<div class="plot"><i class="playhead"></i></div></div>'
        f'<audio controls="" preload="metadata" src="{url_of(sound)}" aria-label="{name}"></audio>'
        f"<figcaption><p>{' · '.join(_figures(result))}</p>{warnings}</figcaption>"
        '<div class="acts"><button type="button" class="moss-see" data-high-hz="22050" '
        f'aria-label="See it: {name}">See it</button>'
        f'<ul class="takes" aria-label="Downloads">{links}</ul></div></figure>'
    )


def _figures(result: Result) -> Iterator[str]:
    summary = result.summary
    loss, loudness = summary["visual_loss"], summary["loudness_lufs"]
    yield f"<b>{escape(result.name)}</b>"
    yield f"{summary['duration_s']:.1f} s"
    if loss is not None:
        yield f"difference from what was given {loss:.2f}"
    yield "silence" if loudness is None else f"{loudness:.1f} LUFS"
    if result.copy:
        yield f"kept in <code>{escape(str(result.copy))}</code>"
    if result.unwritable:
        yield f"no copy could be written to <code>{escape(str(result.unwritable))}</code>"
