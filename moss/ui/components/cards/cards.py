"""Every representative as a card: what it looks like, its own player, its losses, its file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from moss.render.spectrograms import HEIGHT, PLOT, WIDTH
from moss.ui.host.files import image_of, url_of

NAMES = {"best_musical": "Most musical", "balanced": "Balanced", "best_visual": "Most visual"}
# Of the whole page: the film too falls silent. A component that is made anew must not add to it.
ONE_AT_A_TIME = """
window.mossOneAtATime ??= document.addEventListener("play", ({target}) => {
  for (const each of document.querySelectorAll("audio, video")) if (each !== target) each.pause();
}, true) ?? true;
"""


class Cards(gr.HTML):
    """The list that `cards_html` returns, or "" for none; one of its sounds plays at a time."""

    def __init__(self, value: str = "", **options):
        super().__init__(value, js_on_load=ONE_AT_A_TIME, apply_default_css=False, **options)


def cards_html(folder: Path, summary: Mapping[str, Any]) -> str:
    """Return the HTML of the run in `folder` as a list of cards, from music to picture.

    `summary` is the run's summary.json. The files have to be among those that gradio serves.
    The sounds are the browser's own players and load when they are played.
    """
    points, names = summary["points"], {}
    for name, file in summary["chosen"].items():
        names.setdefault(file, []).append(NAMES[name])
    for k in summary.get("steered", {}).get("new", ()):
        names.setdefault(points[k]["file"], []).append("New")
    cards = "".join(
        _card(folder / point["file"], f"Point {k} of {len(points) - 1}", names, point)
        for k, point in enumerate(points)
    )
    # Only the spectrogram is shown of the picture: words of this size would not be legible.
    sides = dict(zip(("left", "top", "right", "bottom"), PLOT, strict=True))
    sizes = {"width": WIDTH, "height": HEIGHT, **sides}
    style = ";".join(f"--{name}:{size}" for name, size in sizes.items())
    return f'<ol class="moss-cards" style="{style}">{cards}</ol>'


def _card(sound, title, names, point):
    tags = "".join(f" <b>{name}</b>" for name in names.get(point["file"], ()))
    (looks, sounds), designed = point["replayed"], point["designed"]
    url, download = url_of(sound), f"Download {sound.suffix[1:].upper()}"
    return (
        f'<li><div class="seen"><img src="{url_of(image_of(sound))}" loading="lazy" '
        f'width="{WIDTH}" height="{HEIGHT}" alt="Spectrogram of {title.lower()}"/></div>'
        f"<h3>{title}{tags}</h3>"
        f"<p><span>Difference from the picture {looks:.2f},</span> "
        f"<span>from the music {sounds:.2f}</span></p>"
        f"<p><small>designed as {designed[0]:.2f} and {designed[1]:.2f}</small></p>"
        f'<audio controls="" preload="none" src="{url}" aria-label="{title}"></audio>'
        f'<div class="acts"><button type="button" class="moss-see" '
        f'aria-label="See it: {title.lower()}">See it</button>'
        f'<a href="{url}" download="" '
        f'aria-label="{download} of {title.lower()}">{download}</a></div></li>'
    )
