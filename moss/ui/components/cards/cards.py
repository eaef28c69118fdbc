"""Every representative as a card: what it looks like, its own player, its losses, its file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from moss.render.spectrograms import HEIGHT, PLOT, WIDTH
from moss.ui.components.script import script_of
from moss.ui.host.files import image_of, url_of

HERE = Path(__file__).parent
# What the page calls the points that a run has chosen.
NAMES = {"best_musical": "Most musical", "balanced": "Balanced", "best_visual": "Most visual"}


class Cards(gr.HTML):
    """The list that `cards_html` returns, or "" for none; one of its sounds plays at a time."""

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(
            value, js_on_load=script_of(HERE / "cards.js"), apply_default_css=False, **options
        )


def cards_html(folder: Path, summary: Mapping[str, Any]) -> str:
    """Return the HTML of the run in `folder` as a list of cards, from music to picture.

    The sounds are the browser's own players and load when they are played.

    Parameters
    ----------
    folder
        The folder of a finished run, whose files have to be among those that gradio serves.
    summary
        The run's summary.json.
    """
    points = summary["points"]
    tags: dict[str, list[str]] = {}
    for name, file in summary["chosen"].items():
        tags.setdefault(file, []).append(NAMES[name])
    for k in summary.get("steered", {}).get("new", ()):
        tags.setdefault(points[k]["file"], []).append("New")
    cards = "".join(
        _card(
            folder / point["file"],
            f"Point {k} of {len(points) - 1}",
            tags.get(point["file"], []),
            point,
        )
        for k, point in enumerate(points)
    )
    # Only the spectrogram is shown of the picture: words of this size would not be legible.
    sides = dict(zip(("left", "top", "right", "bottom"), PLOT, strict=True))
    sizes = {"width": WIDTH, "height": HEIGHT, **sides}
    style = ";".join(f"--{name}:{size}" for name, size in sizes.items())
    return f'<ol class="moss-cards" style="{style}">{cards}</ol>'


def _card(sound: Path, title: str, tags: list[str], point: Mapping[str, Any]) -> str:
    heading = title + "".join(f" <b>{tag}</b>" for tag in tags)
    (visual, audio), designed = point["replayed"], point["designed"]
    differences = point.get("differences")  # which a run of an earlier MOSS has not
    sounds = f"from the music {audio:.2f}"
    if differences:
        sounds = f"sounds {100 * differences['heard']:.0f} % different"
    url, download = url_of(sound), f"Download {sound.suffix[1:].upper()}"
    return (
        f'<li><div class="seen"><img src="{url_of(image_of(sound))}" loading="lazy" '
        f'width="{WIDTH}" height="{HEIGHT}" alt="Spectrogram of {title.lower()}"/></div>'
        f"<h3>{heading}</h3>"
        f"<p><span>Difference from the picture {visual:.2f},</span> "
        f"<span>{sounds}</span></p>"
        f"<p><small>designed as {designed[0]:.2f} and {designed[1]:.2f}</small></p>"
        f'<audio controls="" preload="none" src="{url}" aria-label="{title}"></audio>'
        f'<div class="acts"><button type="button" class="moss-see" '
        f'aria-label="See it: {title.lower()}">See it</button>'
        f'<a href="{url}" download="" '
        f'aria-label="{download} of {title.lower()}">{download}</a></div></li>'
    )
