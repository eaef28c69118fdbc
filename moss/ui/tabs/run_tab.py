"""What the tabs with runs have in common: settings, a run's progress, and a visit's results."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from moss.ui.events import QUIET, Updates
from moss.ui.host.result import Result
from moss.ui.host.run import Host, Order
from moss.ui.host.visit import Visit
from moss.ui.inputs.fine_tuning import FineTuning
from moss.ui.tabs.result_panel import ResultPanel
from moss.ui.words import GONE, problem_html
from moss.ui.working.base import Follower, ProgressPanel
from moss.ui.working.running import run_on


class RunTab(ABC):
    """A tab whose runs end with a result that joins the visit.

    A subclass builds the components inside a Blocks, hands them over, and connects its runs.

    Parameters
    ----------
    host : where the runs are done.
    preset : offers the presets.
    tuning : the controls of the settings.
    problem : says what is wrong with the settings.
    well_problems : say what is wrong with the inputs.
    progress : shows a run.
    panel : shows the current result.
    first : the bundled result.
    also_updated : components besides those of `panel` that change with the current result.
    """

    what: str  # The room holds the current result under this name.
    _progress: ProgressPanel
    _panel: ResultPanel

    def __init__(
        self,
        host: Host,
        *,
        preset: gr.Radio,
        tuning: FineTuning,
        problem: gr.HTML,
        well_problems: Sequence[gr.HTML],
        progress: ProgressPanel,
        panel: ResultPanel,
        first: Result,
        also_updated: Sequence[Block] = (),
    ) -> None:
        self._host, self._tuning, self._problem = host, tuning, problem
        self._progress, self._panel = progress, panel
        self._problems = [*well_problems, problem, panel.problem]
        # Gradio forgets a visit an hour after its page was closed.
        self._visit = gr.State(Visit((first,)), delete_callback=Visit.remove)
        self._visit_outputs: list[Block] = [self._visit, *panel.outputs, *also_updated]
        preset.input(self._choose_preset, preset, tuning.controls, queue=False, **QUIET)
        gr.on(
            [control.change for control in tuning.controls],
            self._check,
            tuning.controls,
            problem,
            queue=False,
            trigger_mode="always_last",
            **QUIET,
        )
        panel.on_choice(self._go_back, self._visit, [*self._visit_outputs, panel.problem])

    @abstractmethod
    def _busy(self, is_busy: bool) -> Updates:
        """Return the updates of what begins a run, which nothing does while another is on."""

    @abstractmethod
    def _preset_settings(self, name: str) -> Mapping[str, Any]:
        """Return the settings that the preset `name` changes."""

    def _files_of(self, result: Result) -> list[Path]:
        """Return what has to stay for as long as `result` is on the page."""
        return [result.folder]

    def _connect_run(
        self,
        event: Callable[..., Dependency],
        work: Callable[..., Iterator[Updates]],
        inputs: Sequence[Block],
        begin: Callable[..., Updates] | None = None,
        also_begun: Sequence[Block] = (),
    ) -> Dependency:
        """On `event` do `work`, a generator of updates; return what Stop cancels.

        `begin` takes the place of `_begin` and may update the components `also_begun` as well.
        """
        progress = self._progress
        watched = [*self._busy(True), *progress.outputs]
        return run_on(
            event,
            begin or self._begin,
            work,
            inputs,
            self._end,
            end_inputs=[self._visit],
            begin_outputs=[*watched, *self._problems, *also_begun],
            outputs=[*progress.outputs, *self._problems, *self._visit_outputs],
            end_outputs=list(dict.fromkeys([*watched, *self._panel.outputs])),
            sights=(f"#{progress.prefix}-working", f"#{progress.prefix}-stage"),
        )

    def _begin(self) -> Updates:
        return {**self._busy(True), **self._progress.begin(), **dict.fromkeys(self._problems, "")}

    def _end(self, visit: Visit) -> Updates:
        """Return the updates of a run that is over, and of what it had taken the place of."""
        return {**self._busy(False), **self._progress.end()}

    def _run(
        self,
        request: gr.Request,
        visit: Visit,
        make_order: Callable[[], Order],
        follower: Follower,
    ) -> Iterator[Updates]:
        """Run the order that `make_order` returns; yield updates, at last those of the result."""
        order = make_order()
        order = replace(order, name=f"{visit.run_count + 1} · {order.name}")
        with closing(self._host.run(request, order)) as items:
            for each in self._progress.follow(items, follower):
                yield self._show(visit.add(each), request) if isinstance(each, Result) else each

    def _check(self, *values: Any) -> str:
        return problem_html(self._tuning.problem_of(values))

    def _choose_preset(self, name: str) -> Updates:
        return self._tuning.updates(self._preset_settings(name))

    def _go_back(self, visit: Visit, index: int, request: gr.Request) -> Updates:
        earlier = visit.select(index)
        if not earlier.current.folder.exists():
            return self._show(visit, request) | {self._panel.problem: problem_html(GONE)}
        return self._show(earlier, request) | {self._panel.problem: ""}

    def _show(self, visit: Visit, request: gr.Request) -> Updates:
        """Return the updates that show the visit's current result, which stays meanwhile."""
        if request.session_hash:
            files = self._files_of(visit.current)
            self._host.room.hold(request.session_hash, self.what, *files)
        return {**self._panel.updates(visit), self._visit: visit}
