"""The Blend tab: what goes in on one side, the run and its result on the other."""

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from moss.blending.task import NEW_POINTS
from moss.errors import InputError
from moss.settings.blend import LEFT_RIGHT, BlendSettings
from moss.settings.wishes import wishes_from
from moss.ui.bundled import FIRST
from moss.ui.events import QUIET, Updates
from moss.ui.host.orders import order_blend, order_steer
from moss.ui.host.result import Result, result_in
from moss.ui.host.run import Host, Order
from moss.ui.host.visit import Visit
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.share_panel import SharePanel
from moss.ui.inputs.wells import Wells
from moss.ui.tabs.blend_result import BlendResultPanel
from moss.ui.tabs.run_tab import RunTab
from moss.ui.words import notice_html
from moss.ui.working.blend import KEEPING, BlendFollower, BlendProgressPanel
from moss.ui.working.running import with_problems
from moss.usecases.steer import Aim

# Those that are there to be compared with come last.
PRESET_NAMES = {
    "quick": "Quick",
    "high-res": "High-res",
    "hidden": "Hidden",
    "notebook": "Published notebook",
    "readme": "Published readme",
}
# A preset says how to search; these belong to the track and the picture at hand.
KEPT_BY_PRESETS = ("start_s", "wishes")


class BlendTab(RunTab):
    """Builds the tab where it is made, inside a Blocks.

    Parameters
    ----------
    host : where the runs are done.
    presets : the settings by name, the first one chosen.
    """

    what = "result"
    _progress: BlendProgressPanel
    _panel: BlendResultPanel

    def __init__(self, host: Host, presets: Mapping[str, BlendSettings]) -> None:
        self._presets = presets
        self._keep_requests: dict[str | None, threading.Event] = {}
        usual = next(iter(presets))
        first = result_in(FIRST, "The bundled result")
        with gr.Row(elem_id="moss-desk", elem_classes="moss-desk"):
            with gr.Column(
                scale=2, min_width=320, elem_id="moss-inputs", elem_classes="moss-inputs"
            ):
                self._wells = wells = Wells(presets[usual], host.room)
                self._start = gr.Button("Blend", variant="primary", elem_id="moss-start")
                problem = gr.HTML(elem_id="moss-problem")
                self._wishes_note = gr.HTML(elem_id="moss-wished")
                preset = gr.Radio(
                    [(PRESET_NAMES[name], name) for name in presets],
                    value=usual,
                    label="Preset",
                    info="Quick makes 10 s, high-res 30 s. Hidden draws above the music. "
                    "Published is the method as its notebook and its README have it, to be heard "
                    "and measured beside ours.",
                    elem_id="moss-preset",
                    elem_classes="moss-preset",
                )
                with gr.Accordion("Fine tuning", open=False, elem_id="moss-tuning"):
                    tuning = FineTuning(presets[usual], "moss-setting")
                with gr.Accordion("Share it, or make it again", open=False, elem_id="moss-share"):
                    self._share = SharePanel(wells, preset, tuning, problem)
                gr.HTML(
                    notice_html(host.results, host.device),
                    elem_id="moss-uploads",
                    elem_classes="moss-uploads",
                )
            with gr.Column(
                scale=5, min_width=360, elem_id="moss-stage", elem_classes="moss-stage-side"
            ):
                progress = BlendProgressPanel("moss")
                panel = BlendResultPanel(first)
        panel.build_details()
        self._aim = gr.State()
        super().__init__(
            host,
            preset=preset,
            tuning=tuning,
            problem=problem,
            well_problems=[wells.picture_problem, wells.second_problem, wells.track_problem],
            progress=progress,
            panel=panel,
            first=first,
            also_updated=[tuning["wishes"]],
        )
        self._connect()

    @property
    def picture(self) -> gr.Image:
        """The well of the picture."""
        return self._wells.picture

    def follow_link(self, page: gr.Blocks) -> None:
        """Let `page` open with the settings and the example that its address names."""
        self._share.follow_link(page)

    def _connect(self) -> None:
        wells, tuning, player = self._wells, self._tuning, self._panel.player
        wishes = tuning["wishes"]
        wells.connect(tuning["start_s"], tuning["duration_s"], tuning["channel"])
        blends = self._connect_run(
            self._start.click,
            self._blend,
            [wells.picture, wells.second_picture, wells.track, self._visit, *tuning.controls],
        )
        steers = self._connect_run(
            player.steer,
            self._steer,
            [self._aim, self._visit, wishes],
            begin=self._begin_steer,
            also_begun=[self._aim],
        )
        self._progress.connect_stop([blends, steers])
        self._progress.connect_keep(self._keep)
        # A track that sounds in its well silences the player, which hears of all others itself.
        wells.track.play(None, js="() => document.dispatchEvent(new Event('play'))", **QUIET)
        player.wish(_wishes_of, None, wishes, queue=False, **QUIET)
        wishes.change(_wishes_note, wishes, self._wishes_note, queue=False, **QUIET)

    def _busy(self, is_busy: bool) -> Updates:
        return {
            self._start: gr.update(interactive=not is_busy),
            self._panel.player: gr.update(busy=is_busy),
        }

    def _end(self, visit: Visit) -> Updates:
        # What a run without an end had taken goes back to the result before.
        stage = self._panel.stage_updates(visit.current)
        player = gr.update(busy=False, value=stage[self._panel.player])
        return {**super()._end(visit), **stage, self._panel.player: player}

    def _preset_settings(self, name: str) -> Mapping[str, Any]:
        settings = self._presets[name].as_dict()
        return {key: value for key, value in settings.items() if key not in KEPT_BY_PRESETS}

    def _files_of(self, result: Result) -> list[Path]:
        return [result.folder, *result.inputs]

    def _begin_steer(self, event: gr.EventData) -> Updates:
        # What comes after this event does not get its data.
        return self._begin() | {self._aim: event._data}

    def _blend(
        self,
        request: gr.Request,
        picture: str | None,
        second_picture: str | None,
        track: str | None,
        visit: Visit,
        *values: Any,
    ) -> Iterator[Updates]:
        def make_order(stop: Callable[[], bool]) -> Order:
            settings = self._tuning.settings_from(values)
            # What is left in the well where it is not offered is not meant.
            second = second_picture if settings.channel == LEFT_RIGHT else None
            return order_blend(self._host, picture, track, settings, stop, second, drafts=True)

        yield from self._follow(request, visit, make_order, self._problem)

    def _steer(self, request: gr.Request, aim: Any, visit: Visit, wishes: str) -> Iterator[Updates]:
        def make_order(stop: Callable[[], bool]) -> Order:
            return order_steer(self._host, visit.current, _aim_from(aim), wishes, stop)

        before = self._panel.player_value(visit.current)
        yield from self._follow(request, visit, make_order, self._panel.problem, NEW_POINTS, before)

    def _follow(
        self,
        request: gr.Request,
        visit: Visit,
        make_order: Callable[[Callable[[], bool]], Order],
        problem: gr.HTML,
        sounds: int | None = None,
        before: str | None = None,
    ) -> Iterator[Updates]:
        """Run the order that `make_order(stop)` returns, until Stop and keep ends it.

        `sounds` is how many will be made; as many as the settings say unless given. `before` is
        what the player plays where the run goes on from another.
        """
        keep = self._keep_requests[request.session_hash] = threading.Event()
        follower = BlendFollower(self._progress, self._panel.working_updates, sounds, before)
        updates = self._run(request, visit, lambda: make_order(keep.is_set), follower)
        wells = {
            "picture": self._wells.picture_problem,
            "second_picture": self._wells.second_problem,
            "audio": self._wells.track_problem,
        }
        try:
            yield from with_problems(updates, problem, wells)
        finally:
            follower.close()
            self._keep_requests.pop(request.session_hash, None)

    def _keep(self, request: gr.Request) -> dict[str, Any]:
        if keep := self._keep_requests.get(request.session_hash):
            keep.set()
        return gr.update(value=KEEPING)

    def _show(self, visit: Visit, request: gr.Request) -> Updates:
        # The next step obeys what is painted over a result.
        wishes = visit.current.settings.wishes
        return super()._show(visit, request) | {self._tuning["wishes"]: wishes}


def _wishes_of(event: gr.EventData) -> str:
    return event.wishes


def _wishes_note(wishes: str) -> str:
    """Return the HTML that says beside the button what the next run will obey."""
    try:
        if not wishes_from(wishes):
            return ""
    except InputError:
        return ""  # The check of the settings shows this problem.
    return "<p>What is painted over the result will be obeyed; Clear there drops it.</p>"


def _aim_from(data: Any) -> Aim:
    """Return the Aim of a player's event, which any request may have made up."""
    try:
        return Aim(data.get("toward"), int(data.get("point", 0)), data.get("music"))
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(
            "This step is not one that the page asks for; press its buttons."
        ) from error
