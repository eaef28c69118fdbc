"""The part of the page that shows a finished run: the player, the cards, the morph, the files."""

from html import escape

import gradio as gr

from moss.ui.components.cards.cards import Cards, cards_html
from moss.ui.components.player.player import Player, player_value
from moss.ui.host.result import Result
from moss.ui.host.visit import Visit
from moss.ui.words import QUIET

MORPHS = {
    "morph": ("pareto_morph.gif", "From music to picture, seen"),
    "evolution": ("pareto_evolution.gif", "How the front grew: first the seeds, then evolution"),
}
SEE_FILM = (
    '<button type="button" class="moss-see" data-label="From music to picture" '
    'aria-label="See it: from music to picture">See it</button>'
)


class ResultPanel:
    """Builds the player where it is made, inside a Blocks, and the rest where `below` is called.

    `first` is shown until there is another result.
    """

    def __init__(self, first: Result):
        self._first = first
        self._visit = gr.Dropdown(
            visible=False, label="Results of this visit", filterable=False, elem_id="moss-visit"
        )
        self.player = Player(player_value(first.folder, first.summary), elem_id="moss-player")
        self.problem = gr.HTML(elem_id="moss-onward-problem")  # of going on from the result
        self._note = gr.HTML(_note(first), elem_id="moss-note")

    def below(self) -> None:
        """Build the cards, the morph and the downloads."""
        folder = self._first.folder
        gr.Markdown("## Every point, as a file")
        self._cards = Cards(cards_html(folder, self._first.summary), elem_id="moss-cards")
        gr.Markdown("## The journey")
        with gr.Row():
            with gr.Column(min_width=320):
                gr.Markdown("From music to picture, heard and seen")
                self._film = gr.Video(
                    folder / self._first.summary["morph"]["file"],
                    show_label=False,
                    interactive=False,
                    buttons=["download"],
                    elem_id="moss-film",
                )
                gr.HTML(SEE_FILM, elem_id="moss-see-film", apply_default_css=False)
            self._moving = {}
            for name, (file, caption) in MORPHS.items():
                with gr.Column(min_width=320):
                    gr.Markdown(caption)
                    self._moving[name] = gr.Image(
                        folder / file,
                        show_label=False,
                        alt_text=caption,
                        type="filepath",
                        interactive=False,
                        buttons=["download", "fullscreen"],
                        elem_id=f"moss-{name}",
                    )
        self._archive = gr.DownloadButton(
            "Download everything (zip)", visible=False, elem_id="moss-archive"
        )

    @property
    def outputs(self) -> list:
        """The components that `showing` updates."""
        return [
            self._visit,
            self.player,
            self._note,
            self._cards,
            self._film,
            *self._moving.values(),
            self._archive,
        ]

    def showing(self, visit: Visit) -> dict:
        """Return the updates that show the visit's result."""
        result = visit.shown
        folder, summary = result.folder, result.summary
        return {
            self._visit: visit.menu,
            self.player: player_value(folder, summary),
            self._note: _note(result),
            self._cards: cards_html(folder, summary),
            self._film: str(folder / summary["morph"]["file"]),
            self._archive: gr.update(
                value=str(result.archive) if result.archive else None,
                visible=result.archive is not None,
            ),
        } | {self._moving[name]: str(folder / file) for name, (file, _) in MORPHS.items()}

    def on_choice(self, show, visit: gr.State, outputs: list) -> None:
        """Call show(visit, index) when the visitor goes back to a result."""
        self._visit.input(show, [visit, self._visit], outputs, queue=False, **QUIET)


def _note(result):
    words = [f"<b>{escape(result.name)}</b>"]
    volumes = result.summary["hypervolume"]
    words.append(
        "hypervolume {designed:.2f} as designed, {replayed:.2f} as replayed".format(**volumes)
    )
    if result.kept:
        words.append(f"kept in <code>{escape(str(result.kept))}</code>")
    if result.refused:
        words.append(f"no copy could be written to <code>{escape(str(result.refused))}</code>")
    return f"<p>{' · '.join(words)}</p>"
