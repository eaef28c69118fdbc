"""Every setting as a control with a sentence of help, folded away under presets."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import gradio as gr

from moss.cli.options import Options
from moss.errors import InputError

AUTOMATIC = 0  # what None is on the page, where an emptied number is None too


class FineTuning:
    """Builds its controls where it is made, inside a Blocks, for the settings `shown` at first.

    `options` are the settings that there are; those `apart` have their controls elsewhere, made by
    `control`. `names` are the others, and `controls` are in their order. What identifies a control
    in the page begins with `prefix`.
    """

    def __init__(self, options: Options, shown: Any, prefix: str, apart: Sequence[str] = ()):
        self._options, self._shown, self._prefix = options, shown.as_dict(), prefix
        self._types = {field.name: field.type for field in fields(options.settings)}
        self._optional = {name for name, kind in self._types.items() if "None" in kind}
        self._by_name = {}
        for title, texts in options.help.items():
            names = [name for name in texts if name not in apart]
            gr.Markdown(f"## {title[0].upper()}{title[1:]}", elem_classes="moss-group")
            with gr.Row(elem_classes="moss-settings"):
                self._by_name |= {name: self.control(name) for name in names}
        self.names, self.controls = tuple(self._by_name), list(self._by_name.values())

    def __getitem__(self, name: str):
        """Return the control of the setting `name`."""
        return self._by_name[name]

    def control(self, name: str, prefix: str | None = None):
        """Build a control of the setting `name` where this is called."""
        module, kind = self._options.module, self._types[name].split(" | ")[0]
        value, text = _on_page(self._shown[name]), self._help(name)
        options = {
            "label": module.LABELS[name],
            "info": f"{text[0].upper()}{text[1:]}.",
            "elem_id": f"{prefix or self._prefix}-{name.replace('_', '-')}",
            "min_width": 220,
        }
        if kind == "bool":
            return gr.Checkbox(value, **options)
        if name in module.CHOICES:
            choices = [(str(choice), choice) for choice in module.CHOICES[name]]
            return gr.Radio(choices, value=value, **options)
        if kind == "str":
            return gr.Textbox(value, **options, max_lines=3)
        low, high = module.RANGES[name]
        automatic = f"; {AUTOMATIC} is automatic" if name in self._optional else ""
        options["info"] = f"{options['info'][:-1]} ({low:g} to {high:g}{automatic})."
        # Nothing is rounded: a part of a sound is told, not passed over.
        return gr.Number(value, **options, step=1 if kind == "int" else 0.1)

    def showing(self, settings: Mapping[str, Any], *, but: Sequence[str] = ()) -> dict:
        """Return the updates that show `settings`, leaving alone those named in `but`."""
        return {
            self._by_name[name]: gr.update(value=_on_page(value))
            for name, value in settings.items()
            if name in self._by_name and name not in but
        }

    def settings_from(self, values: Sequence[Any], **apart: Any) -> Any:
        """Return the settings that the controls' `values` and those `apart` say.

        Raises InputError where they cannot be.
        """
        asked = dict(zip(self.names, values, strict=True)) | apart
        automatic = {name for name in self._optional & set(asked) if asked[name] == AUTOMATIC}
        for name, value in asked.items():
            if value is None and name not in self._optional:
                label = self._options.module.LABELS[name]
                raise InputError(f'"{label}" is empty; give a number.')
        return self._options.settings(**asked | dict.fromkeys(automatic))

    def problem_of(self, values: Sequence[Any]) -> str:
        """Return the sentence that says what is wrong with `values`, or ""."""
        try:
            self.settings_from(values)
        except InputError as error:
            return str(error)
        return ""

    def _help(self, name):
        return next(texts[name] for texts in self._options.help.values() if name in texts)


def _on_page(value):
    return AUTOMATIC if value is None else value
