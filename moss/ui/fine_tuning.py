"""Every setting of a blend as a control with a sentence of help, folded away under presets."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr

from moss.config import CHOICES, LABELS, RANGES, BlendSettings
from moss.errors import InputError
from moss.options import HELP

TYPES = {field.name: field.type for field in fields(BlendSettings)}
OPTIONAL = tuple(name for name, kind in TYPES.items() if "None" in kind)
AUTOMATIC = 0  # what None is on the page, where an emptied number is None too
# A preset says how to search; these belong to the track and the picture at hand.
KEPT_BY_PRESETS = ("start_s", "wishes")


class FineTuning:
    """Builds its controls where it is made, inside a Blocks; `controls` are in `NAMES`' order."""

    NAMES = tuple(name for texts in HELP.values() for name in texts)

    def __init__(self, settings: BlendSettings):
        self._by_name = {}
        for title, texts in HELP.items():
            gr.Markdown(f"## {title[0].upper()}{title[1:]}", elem_classes="moss-group")
            with gr.Row(elem_classes="moss-settings"):
                for name, text in texts.items():
                    value = _shown(getattr(settings, name))
                    control = _control(name, value, text)
                    self._by_name[name] = control
        self.controls = list(self._by_name.values())

    def __getitem__(self, name: str):
        """Return the control of the setting `name`."""
        return self._by_name[name]

    def showing(self, settings: Mapping[str, Any], *, but: Sequence[str] = ()) -> dict:
        """Return the updates that show `settings`, leaving alone those named in `but`."""
        return {
            self._by_name[name]: gr.update(value=_shown(value))
            for name, value in settings.items()
            if name not in but
        }


def settings_from(values: Sequence[Any]) -> BlendSettings:
    """Return the settings that the controls' `values` say; InputError where they cannot be."""
    asked = dict(zip(FineTuning.NAMES, values, strict=True))
    automatic = {name for name in OPTIONAL if asked[name] == AUTOMATIC}
    for name, value in asked.items():
        if value is None and name not in OPTIONAL:
            raise InputError(f'"{LABELS[name]}" is empty; give a number.')
    return BlendSettings(**asked | dict.fromkeys(automatic))


def problem_of(values: Sequence[Any]) -> str:
    """Return the sentence that says what is wrong with `values`, or ""."""
    try:
        settings_from(values)
    except InputError as error:
        return str(error)
    return ""


def _shown(value):
    return AUTOMATIC if value is None else value


def _control(name: str, value: Any, text: str):
    kind = TYPES[name].split(" | ")[0]
    options = {
        "label": LABELS[name],
        "info": f"{text[0].upper()}{text[1:]}.",
        "elem_id": f"moss-setting-{name.replace('_', '-')}",
        "min_width": 220,
    }
    if kind == "bool":
        return gr.Checkbox(value, **options)
    if name in CHOICES:
        return gr.Radio([(str(choice), choice) for choice in CHOICES[name]], value=value, **options)
    if kind == "str":
        return gr.Textbox(value, **options, max_lines=3)
    low, high = RANGES[name]
    automatic = f"; {AUTOMATIC} is automatic" if name in OPTIONAL else ""
    options["info"] = f"{options['info'][:-1]} ({low:g} to {high:g}{automatic})."
    # Nothing is rounded: a part of a sound is told, not passed over.
    return gr.Number(value, **options, step=1 if kind == "int" else 0.1)
