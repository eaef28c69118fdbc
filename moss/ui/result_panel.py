"""The part of the page that shows a finished run: one point at a time, and the whole of it."""

import gradio as gr

from moss.ui.result import Result
from moss.ui.theme import WAVEFORM

BUTTONS = {"best_musical": "Most musical", "balanced": "Balanced", "best_visual": "Most visual"}


class ResultPanel:
    """Builds its components where it is made, inside a Blocks; hidden until there is a result.

    `kept` is the gr.State that holds the visitor's Result.
    """

    def __init__(self, kept: gr.State):
        with gr.Column(visible=False, elem_id="moss-result") as self._column:
            gr.Markdown("## Result")
            with gr.Row():
                with gr.Column(scale=3, min_width=320):
                    self._spectrogram = _picture("Spectrogram of this point", "moss-spectrogram")
                    self._place = gr.Slider(
                        0,
                        1,
                        step=1,
                        label="From music to picture",
                        buttons=[],
                        elem_id="moss-place",
                    )
                    with gr.Row():
                        names = {
                            name: gr.Button(text, size="sm", min_width=96)
                            for name, text in BUTTONS.items()
                        }
                    self._sound = gr.Audio(
                        label="Sound",
                        type="filepath",
                        interactive=False,
                        buttons=["download"],
                        waveform_options=WAVEFORM,
                        elem_id="moss-sound",
                    )
                    self._figures = gr.HTML(elem_id="moss-figures")
                with gr.Column(scale=2, min_width=320):
                    self._morph = _picture("The morph through the front", "moss-morph")
                    self._archive = gr.DownloadButton(
                        "Download all files (zip)", elem_id="moss-archive"
                    )
            self._front = _picture("The Pareto front with its files", "moss-front")

        point = [self._place, self._spectrogram, self._sound, self._figures]
        self.outputs = [self._column, *point, self._morph, self._front, self._archive]
        quiet = {"show_progress": "hidden", "api_visibility": "private"}
        self._place.input(
            self._moved, [kept, self._place], point, trigger_mode="always_last", **quiet
        )
        for name, button in names.items():
            button.click(lambda result, name=name: self._named(result, name), kept, point, **quiet)

    def showing(self, result: Result) -> dict:
        """Return the updates that show `result`, at its balanced point."""
        return self._point(result, result.chosen["balanced"]) | {
            self._column: gr.update(visible=True),
            self._morph: _path(result, "pareto_morph.gif"),
            self._front: _path(result, "pareto_front.png"),
            self._archive: str(result.archive),
        }

    def _moved(self, result, index):
        return self._point(_present(result), index)

    def _named(self, result, name):
        return self._point(_present(result), _present(result).chosen[name])

    def _point(self, result, index):
        k = result.nearest(index)
        sound = result.points[k]["file"]
        called = [BUTTONS[name].lower() for name, at in result.chosen.items() if at == k]
        title = ", ".join([f"Point {k} of {len(result.points) - 1}", *called])
        return {
            self._place: gr.update(maximum=len(result.points) - 1, value=k),
            self._spectrogram: _path(result, sound.replace(".wav", ".png")),
            self._sound: gr.update(value=_path(result, sound), label=title),
            self._figures: _figures(result.points[k]),
        }


def _path(result, name):
    return str(result.folder / name)


def _present(result):
    if result is None:
        raise gr.Error("This result is gone; blend the pair again.", print_exception=False)
    return result


def _picture(alt_text, elem_id):
    return gr.Image(
        show_label=False,
        alt_text=alt_text,
        type="filepath",
        interactive=False,
        buttons=["download", "fullscreen"],
        elem_id=elem_id,
    )


def _figures(point):
    told = (
        f"{kind}: visual loss {point[kind][0]:.2f}, audio loss {point[kind][1]:.2f}"
        for kind in ("designed", "replayed")
    )
    return "".join(f"<p>{text.capitalize()}</p>" for text in told)
