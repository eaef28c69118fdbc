"""The Sonify tab: what is visible becomes sound directly, with no track."""

from contextlib import closing
from dataclasses import replace

import gradio as gr

from moss.settings.sonify import PRESETS, sonify_settings
from moss.ui.bundled import FIRST_SOUND
from moss.ui.host.result import Result, result_in
from moss.ui.host.run import Host
from moss.ui.host.visit import Visit
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.sources import APART, KINDS, SourceWell
from moss.ui.tabs.sonify_result import SoundPanel
from moss.ui.words import GONE, QUIET, about_files, told
from moss.ui.working.running import run_on, telling
from moss.ui.working.sonify import SonifyWatch, SonifyWorking

PRESET_NAMES = {"clear": "Clear", "artivi": "Artivi", "musical": "Musical"}


class SonifyTab:
    """Builds the tab where it is made, inside a Blocks; `host` is where sounds are made."""

    def __init__(self, host: Host):
        self._host = host
        usual = next(iter(PRESETS))
        first = result_in(FIRST_SOUND, "The bundled sound")
        with gr.Row(elem_id="moss-sonify-desk", elem_classes="moss-desk"):
            with gr.Column(
                scale=2, min_width=320, elem_id="moss-sonify-inputs", elem_classes="moss-inputs"
            ):
                sources, tuning = gr.Tabs(elem_id="moss-sources"), gr.Column()
                with tuning:
                    self._preset = gr.Radio(
                        [(PRESET_NAMES[name], name) for name in PRESETS],
                        value=usual,
                        label="Preset",
                        info="Clear shows it best; artivi has 360 rows and a short window; "
                        "musical lays the rows over octaves.",
                        elem_id="moss-sonify-preset",
                        elem_classes="moss-preset",
                    )
                    with gr.Accordion("Fine tuning", open=False, elem_id="moss-sonify-tuning"):
                        self._tuning = FineTuning(
                            sonify_settings(usual), "moss-sonify-setting", APART
                        )
                    self._problem = gr.HTML(
                        elem_id="moss-sonify-problem", elem_classes="moss-problem-block"
                    )
                    gr.HTML(about_files(host.results, host.device), elem_classes="moss-uploads")
                self._wells = []
                with sources:
                    for name, kind in KINDS.items():
                        with gr.Tab(kind.label, id=name):
                            self._wells.append(SourceWell(name, self._tuning))
            with gr.Column(
                scale=5, min_width=360, elem_id="moss-sonify-stage", elem_classes="moss-stage-side"
            ):
                self._working = SonifyWorking("moss-sonify")
                self._panel = SoundPanel(first)
        self._visit = gr.State(Visit((first,)), delete_callback=Visit.remove)
        self._shown = [self._visit, *self._panel.outputs]
        self._problems = [well.problem for well in self._wells] + [self._problem]
        self._connect()

    def _connect(self):
        self._preset.input(
            self._choose_preset, self._preset, self._tuning.controls, queue=False, **QUIET
        )
        gr.on(
            [control.change for control in self._tuning.controls],
            self._check,
            self._tuning.controls,
            self._problem,
            queue=False,
            trigger_mode="always_last",
            **QUIET,
        )
        starts = [well.start for well in self._wells]
        watched = [*starts, *self._working.outputs]
        runs = []
        for well in self._wells:
            well.connect(self._host.room)
            runs.append(
                run_on(
                    well.start.click,
                    self._begin,
                    self._work_of(well),
                    [well.well, self._visit, *well.controls, *self._tuning.controls],
                    self._end,
                    begun=[*watched, *self._problems],
                    outputs=[*self._working.outputs, *self._problems, *self._shown],
                    ended=watched,
                    sights=("#moss-sonify-working", "#moss-sonify-stage"),
                )
            )
        self._working.stop_ends(runs)
        self._panel.on_choice(self._go_back, self._visit, [*self._shown, self._panel.problem])

    def _begin(self):
        return self._busy(True) | self._working.begin() | dict.fromkeys(self._problems, "")

    def _end(self):
        return self._busy(False) | self._working.end()

    def _busy(self, is_busy):
        return {well.start: gr.update(interactive=not is_busy) for well in self._wells}

    def _work_of(self, well):
        """Return the generator of updates that makes a sound of what is in `well`."""

        def work(request: gr.Request, given, visit, *values):
            yield from telling(self._updates(well, request, given, visit, values), well.problem)

        work.__name__ = f"_sonify_{well.name}"
        return work

    def _updates(self, well, request, given, visit, values):
        count = len(well.controls)
        apart = dict(zip(well.kind.apart, values[:count], strict=True))
        settings = self._tuning.settings_from(values[count:], **apart)
        paths = given if isinstance(given, list) else [given]
        order = self._host.sonify(well.kind.source, paths, settings)
        order = replace(order, name=f"{visit.made + 1} · {order.name}")
        with closing(self._host.run(request, order)) as items:
            for shown in self._working.follow(items, SonifyWatch(self._working)):
                is_over = isinstance(shown, Result)
                yield self._showing(visit.joined_by(shown), request) if is_over else shown

    def _check(self, *values):
        return told(self._tuning.problem_of(values))

    def _choose_preset(self, name):
        return self._tuning.showing(sonify_settings(name).as_dict())

    def _go_back(self, visit, index, request: gr.Request):
        back = visit.back_to(index)
        if not back.shown.folder.exists():
            return self._showing(visit, request) | {self._panel.problem: told(GONE)}
        return self._showing(back, request) | {self._panel.problem: ""}

    def _showing(self, visit, request):
        # What is on the page stays for as long as the page is open.
        if request.session_hash:
            self._host.room.hold(request.session_hash, "sound", visit.shown.folder)
        return self._panel.showing(visit) | {self._visit: visit}
