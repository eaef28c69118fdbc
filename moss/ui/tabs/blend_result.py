"""The part of the Blend tab that shows a finished run: player, cards, morph and files."""

from html import escape

import gradio as gr
from gradio.blocks import Block

from moss.results import names
from moss.ui.components.cards.cards import Cards, cards_html
from moss.ui.components.player.player import Player, player_value
from moss.ui.events import Updates
from moss.ui.host.result import Result
from moss.ui.tabs.result_panel import ResultPanel

MORPHS = {
    "morph": (names.MORPH_GIF, "From music to picture, seen"),
    "evolution": (names.EVOLUTION_GIF, "How the front grew: first the seeds, then evolution"),
}
WORKING_NOTE = "<p>Still being made, and refined while you listen. Below is the result before.</p>"
SEE_FILM = (
    '<button type="button" class="moss-see" data-label="From music to picture" '
    'aria-label="See it: from music to picture">See it</button>'
)


class BlendResultPanel(ResultPanel):
    """Builds the player where it is made, inside a Blocks; `build_details` builds the rest.

    `first` is shown until there is another result.
    """

    def __init__(self, first: Result) -> None:
        super().__init__("Results of this visit", "moss-visit")
        self._first = first
        self.player = Player(self.player_value(first), elem_id="moss-player")
        self.problem = gr.HTML(elem_id="moss-onward-problem")
        self._note = gr.HTML(_note_html(first), elem_id="moss-note")

    def build_details(self) -> None:
        """Build the cards, the morph and the downloads where this is called."""
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
            self._morphs: dict[str, gr.Image] = {}
            for name, (file, caption) in MORPHS.items():
                with gr.Column(min_width=320):
                    gr.Markdown(caption)
                    self._morphs[name] = gr.Image(
                        str(folder / file),
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
    def result_components(self) -> list[Block]:
        """The player, the note, the cards, the film, the morphs and the archive."""
        return [
            self.player,
            self._note,
            self._cards,
            self._film,
            *self._morphs.values(),
            self._archive,
        ]

    def stage_updates(self, result: Result) -> Updates:
        """Return the updates of the stage alone, which a run that is being made may have taken."""
        return {self.player: self.player_value(result), self._note: _note_html(result)}

    def working_updates(self, value: str) -> Updates:
        """Return the updates that let the stage play a `value` of a run that is being made."""
        return {self.player: value, self._note: WORKING_NOTE}

    def player_value(self, result: Result) -> str:
        """Return what the player plays of a finished run, as a version of what it made of it."""
        return player_value(result.folder, result.summary, result.folder.parent.name)

    def result_updates(self, result: Result) -> Updates:
        """Return the updates that show the run."""
        folder, summary = result.folder, result.summary
        return {
            **self.stage_updates(result),
            self._cards: cards_html(folder, summary),
            self._film: str(folder / summary["morph"]["file"]),
            **{self._morphs[name]: str(folder / file) for name, (file, _) in MORPHS.items()},
            self._archive: gr.update(
                value=str(result.archive) if result.archive else None,
                visible=result.archive is not None,
            ),
        }


def _note_html(result: Result) -> str:
    """Return the HTML that names the result, and says how good its front is and where it stays."""
    notes = [f"<b>{escape(result.name)}</b>"]
    volumes = result.summary["hypervolume"]
    notes.append(
        "hypervolume {designed:.2f} as designed, {replayed:.2f} as replayed".format(**volumes)
    )
    # A result of an earlier MOSS has no warnings.
    notes += [escape(warning) for warning in result.summary.get("warnings", ())]
    if result.copy:
        notes.append(f"kept in <code>{escape(str(result.copy))}</code>")
    if result.unwritable:
        notes.append(f"no copy could be written to <code>{escape(str(result.unwritable))}</code>")
    return f"<p>{' · '.join(notes)}</p>"
