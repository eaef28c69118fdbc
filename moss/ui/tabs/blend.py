"""The Blend tab: what goes in on one side, the run and its result on the other."""

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace

import gradio as gr

from moss.blending.task import NEW_POINTS
from moss.errors import InputError
from moss.settings.blend import BlendSettings
from moss.settings.wishes import wishes_from
from moss.ui.bundled import FIRST
from moss.ui.host.result import Result, result_in
from moss.ui.host.run import Host, Order, size_of_result
from moss.ui.host.visit import Visit
from moss.ui.inputs.again import Again
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.wells import Wells
from moss.ui.tabs.blend_result import ResultPanel
from moss.ui.words import GONE, QUIET, about_files, told
from moss.ui.working.blend import BlendWatch, BlendWorking
from moss.ui.working.running import run_on, telling
from moss.usecases.steer import Aim, steer

PRESET_NAMES = {
    "quick": "Quick",
    "high-res": "High-res",
    "notebook": "Notebook",
}
# A preset says how to search; these belong to the track and the picture at hand.
KEPT_BY_PRESETS = ("start_s", "wishes")


class BlendTab:
    """Builds the tab where it is made, inside a Blocks.

    `host` is where the runs are done, `presets` are the settings by name.
    """

    def __init__(self, host: Host, presets: Mapping[str, BlendSettings]):
        self._host, self._presets = host, presets
        self._keep_asked: dict[str, threading.Event] = {}
        usual = next(iter(presets))
        first = result_in(FIRST, "The bundled result")
        with gr.Row(elem_id="moss-desk", elem_classes="moss-desk"):
            with gr.Column(
                scale=2, min_width=320, elem_id="moss-inputs", elem_classes="moss-inputs"
            ):
                self._wells = wells = Wells(presets[usual], host.room)
                self._start = gr.Button("Blend", variant="primary", elem_id="moss-start")
                self._problem = gr.HTML(elem_id="moss-problem")
                self._wished = gr.HTML(elem_id="moss-wished")
                self._preset = gr.Radio(
                    [(PRESET_NAMES[name], name) for name in presets],
                    value=usual,
                    label="Preset",
                    info="Quick makes 10 s, high-res 30 s; notebook has the published spectrogram "
                    "settings: 16 kHz, window 1024, linear mixing.",
                    elem_id="moss-preset",
                    elem_classes="moss-preset",
                )
                with gr.Accordion("Fine tuning", open=False, elem_id="moss-tuning"):
                    self._tuning = FineTuning(presets[usual], "moss-setting")
                with gr.Accordion("Share it, or make it again", open=False, elem_id="moss-share"):
                    self._again = Again(self._wells, self._preset, self._tuning, self._problem)
                gr.HTML(
                    about_files(host.results, host.device),
                    elem_id="moss-uploads",
                    elem_classes="moss-uploads",
                )
            with gr.Column(
                scale=5, min_width=360, elem_id="moss-stage", elem_classes="moss-stage-side"
            ):
                self._working = BlendWorking("moss")
                self._panel = ResultPanel(first)
        self._panel.below()
        # Gradio forgets it an hour after the page was closed.
        self._visit = gr.State(Visit((first,)), delete_callback=Visit.remove)
        self._aim = gr.State()
        self._shown = [self._visit, self._tuning["wishes"], *self._panel.outputs]
        self._problems = [
            wells.picture_problem,
            wells.track_problem,
            self._problem,
            self._panel.problem,
        ]
        self._connect()

    @property
    def picture(self) -> gr.Image:
        """The well of the picture."""
        return self._wells.picture

    def follow_link(self, page: gr.Blocks) -> None:
        """Let `page` open with the settings and the example that its address names."""
        self._again.follow_link(page)

    def _connect(self):
        wells, controls, wishes = self._wells, self._tuning.controls, self._tuning["wishes"]
        wells.connect(self._tuning["start_s"], self._tuning["duration_s"])
        self._preset.input(self._choose_preset, self._preset, controls, queue=False, **QUIET)
        gr.on(
            [control.change for control in controls],
            self._check,
            controls,
            self._problem,
            queue=False,
            trigger_mode="always_last",
            **QUIET,
        )
        inputs = [wells.picture, wells.track, self._visit, *controls]
        player = self._panel.player
        self._working.stop_ends(
            [
                self._run_on(self._start.click, self._begin, self._blend, inputs),
                self._run_on(
                    player.steer,
                    self._begin_to_steer,
                    self._steer,
                    [self._aim, self._visit, wishes],
                ),
            ]
        )
        self._working.keep_asks(self._ask_to_keep)
        # A track that sounds in its well silences the player, which hears of all others itself.
        wells.track.play(None, js="() => document.dispatchEvent(new Event('play'))", **QUIET)
        player.wish(_wishes, None, wishes, queue=False, **QUIET)
        wishes.change(_obeyed, wishes, self._wished, queue=False, **QUIET)
        self._panel.on_choice(self._go_back, self._visit, [*self._shown, self._panel.problem])

    def _run_on(self, event, begin, work, inputs):
        """On `event` do `work`, a generator of updates, one at a time on this machine."""
        watched = [self._start, self._panel.player, *self._working.outputs]
        return run_on(
            event,
            begin,
            work,
            inputs,
            self._end,
            begun=[*watched, *self._problems, self._aim],
            outputs=[*self._working.outputs, *self._problems, *self._shown],
            ended=watched,
            sights=("#moss-working", "#moss-stage"),
        )

    def _begin(self):
        return self._busy(True) | self._working.begin() | dict.fromkeys(self._problems, "")

    def _begin_to_steer(self, chosen: gr.EventData):
        # What comes after a begun event does not hear of its data.
        return self._begin() | {self._aim: chosen._data}

    def _end(self):
        return self._busy(False) | self._working.end()

    def _busy(self, is_busy):
        start = gr.update(interactive=not is_busy)
        return {self._start: start, self._panel.player: gr.update(busy=is_busy)}

    def _blend(self, request: gr.Request, picture, track, visit, *values):
        def order(stop):
            return self._host.blend(picture, track, self._tuning.settings_from(values), stop)

        yield from self._follow(request, visit, order, self._problem)

    def _steer(self, request: gr.Request, asked, visit, wishes):
        def order(stop):
            aim, before = _aim(asked), visit.shown

            def make(folder):
                return steer(
                    before.folder,
                    folder,
                    aim,
                    wishes=wishes,
                    device=self._host.device,
                    compute=self._host.compute,
                    stop=stop,
                )

            sounds = len(before.summary["points"]) + NEW_POINTS
            size_bytes = size_of_result(before.settings, sounds)
            name = f"{before.pair}, {_aimed(aim)}"
            return Order(name, make, (before.folder, *before.inputs), size_bytes)

        yield from self._follow(request, visit, order, self._panel.problem, NEW_POINTS)

    def _follow(self, request, visit, order_to, problem, sounds=None):
        asked = self._keep_asked[request.session_hash] = threading.Event()

        def updates():
            order = order_to(asked.is_set)
            order = replace(order, name=f"{visit.made + 1} · {order.name}")
            with closing(self._host.run(request, order)) as items:
                watch = BlendWatch(self._working, sounds)
                for shown in self._working.follow(items, watch):
                    is_over = isinstance(shown, Result)
                    yield self._showing(visit.joined_by(shown), request) if is_over else shown

        beside = {"picture": self._wells.picture_problem, "audio": self._wells.track_problem}
        try:
            yield from telling(updates(), problem, beside)
        finally:
            self._keep_asked.pop(request.session_hash, None)

    def _ask_to_keep(self, request: gr.Request):
        if asked := self._keep_asked.get(request.session_hash):
            asked.set()
        return gr.update(interactive=False, value="Keeping what is there")

    def _check(self, *values):
        return told(self._tuning.problem_of(values))

    def _choose_preset(self, name):
        return self._tuning.showing(self._presets[name].as_dict(), but=KEPT_BY_PRESETS)

    def _go_back(self, visit, index, request: gr.Request):
        back = visit.back_to(index)
        if not back.shown.folder.exists():
            return self._showing(visit, request) | {self._panel.problem: told(GONE)}
        return self._showing(back, request)

    def _showing(self, visit, request):
        # What is on the page stays for as long as the page is open.
        shown = visit.shown
        if request.session_hash:
            self._host.room.hold(request.session_hash, "result", shown.folder, *shown.inputs)
        # What is painted over a result is what the next step obeys.
        wishes = {self._tuning["wishes"]: shown.settings.wishes}
        return self._panel.showing(visit) | wishes | {self._visit: visit}


def _wishes(chosen: gr.EventData):
    return chosen.wishes


def _obeyed(wishes):
    """Return the HTML that says beside the button what the next run will obey."""
    try:
        if not wishes_from(wishes):
            return ""
    except InputError:
        return ""  # which is told as a problem
    return "<p>What is painted over the result will be obeyed; Clear there drops it.</p>"


def _aim(asked):
    """Return the Aim of a player's event, which any request may have made up."""
    try:
        return Aim(asked.get("toward"), int(asked.get("point", 0)), asked.get("music"))
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(
            "This step is not one that the page asks for; press its buttons."
        ) from error


def _aimed(aim):
    if aim.toward:
        return f"more {aim.toward} at point {aim.point}"
    return f"{100 * aim.music:.0f} % music"
