"""The Sonify tab: what is visible becomes sound directly, with no track."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gradio as gr

from moss.settings.sonify import PRESETS, sonify_settings
from moss.ui.bundled import FIRST_SOUND
from moss.ui.events import Updates
from moss.ui.host.orders import order_sound
from moss.ui.host.result import result_in
from moss.ui.host.run import Host, Order
from moss.ui.host.visit import Visit
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.inputs.sources import APART, KINDS, SourceWell
from moss.ui.tabs.run_tab import RunTab
from moss.ui.tabs.sonify_result import SonifyResultPanel
from moss.ui.words import notice_html
from moss.ui.working.running import with_problems
from moss.ui.working.sonify import SonifyFollower, SonifyProgressPanel

PRESET_NAMES = {"clear": "Clear", "artivi": "Artivi", "musical": "Musical"}


class SonifyTab(RunTab):
    """Builds the tab where it is made, inside a Blocks; `host` is where sounds are made."""

    what = "sound"
    _progress: SonifyProgressPanel

    def __init__(self, host: Host) -> None:
        usual = next(iter(PRESETS))
        first = result_in(FIRST_SOUND, "The bundled sound")
        with gr.Row(elem_id="moss-sonify-desk", elem_classes="moss-desk"):
            with gr.Column(
                scale=2, min_width=320, elem_id="moss-sonify-inputs", elem_classes="moss-inputs"
            ):
                sources, controls = gr.Tabs(elem_id="moss-sources"), gr.Column()
                with controls:
                    preset = gr.Radio(
                        [(PRESET_NAMES[name], name) for name in PRESETS],
                        value=usual,
                        label="Preset",
                        info="Clear shows it best; artivi has 360 rows and a short window; "
                        "musical lays the rows over octaves.",
                        elem_id="moss-sonify-preset",
                        elem_classes="moss-preset",
                    )
                    with gr.Accordion("Fine tuning", open=False, elem_id="moss-sonify-tuning"):
                        tuning = FineTuning(sonify_settings(usual), "moss-sonify-setting", APART)
                    problem = gr.HTML(
                        elem_id="moss-sonify-problem", elem_classes="moss-problem-block"
                    )
                    gr.HTML(notice_html(host.results, host.device), elem_classes="moss-uploads")
                self._wells = []
                with sources:
                    for name, kind in KINDS.items():
                        with gr.Tab(kind.label, id=name):
                            self._wells.append(SourceWell(name, tuning))
            with gr.Column(
                scale=5, min_width=360, elem_id="moss-sonify-stage", elem_classes="moss-stage-side"
            ):
                progress = SonifyProgressPanel("moss-sonify")
                panel = SonifyResultPanel(first)
        super().__init__(
            host,
            preset=preset,
            tuning=tuning,
            problem=problem,
            well_problems=[well.problem for well in self._wells],
            progress=progress,
            panel=panel,
            first=first,
        )
        self._connect()

    def _connect(self) -> None:
        runs = []
        for well in self._wells:
            well.connect(self._host.room)
            inputs = [well.well, self._visit, *well.controls, *self._tuning.controls]
            runs.append(self._connect_run(well.start.click, self._work_of(well), inputs))
        self._progress.connect_stop(runs)

    def _busy(self, is_busy: bool) -> Updates:
        return {well.start: gr.update(interactive=not is_busy) for well in self._wells}

    def _preset_settings(self, name: str) -> Mapping[str, Any]:
        return sonify_settings(name).as_dict()

    def _work_of(self, well: SourceWell) -> Callable[..., Iterator[Updates]]:
        """Return the generator of updates that makes a sound of what is in `well`."""

        def work(
            request: gr.Request, files: str | list[str] | None, visit: Visit, *values: Any
        ) -> Iterator[Updates]:
            def make_order() -> Order:
                count = len(well.controls)
                apart = dict(zip(well.kind.apart, values[:count], strict=True))
                settings = self._tuning.settings_from(values[count:], **apart)
                paths = files if isinstance(files, list) else [files]
                return order_sound(self._host, well.kind.source, paths, settings)

            follower = SonifyFollower(self._progress)
            yield from with_problems(self._run(request, visit, make_order, follower), well.problem)

        work.__name__ = f"_sonify_{well.name}"
        return work
