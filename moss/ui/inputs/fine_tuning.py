"""Every setting as a control with a sentence of help, folded away under presets."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic

import gradio as gr

from moss.errors import InputError
from moss.settings.fields import (
    AUTO,
    WORDS,
    Setting,
    Settings,
    changed_fields,
    groups_in,
    settings_in,
)
from moss.settings.setting_error import label_of, sentence_of
from moss.ui.events import Control, Updates

STEPS = {int: 1, float: 0.1}  # of a number's arrows


class FineTuning(Generic[Settings]):
    """Controls of settings, in groups under headlines, built inside a Blocks where this is made.

    `names` are those of the settings, and `controls` are in their order.

    Parameters
    ----------
    shown : Settings
        What the controls show at first; its class says which settings there are.
    prefix : str
        What identifies a control in the page begins with it.
    apart : Sequence[str]
        The settings that have their controls elsewhere, made by `control`.
    """

    def __init__(self, shown: Settings, prefix: str, apart: Sequence[str] = ()):
        self._shown, self._prefix = shown, prefix
        self._settings = settings_in(type(shown))
        self._by_name: dict[str, Control] = {}
        for title, settings in groups_in(type(shown)).items():
            gr.Markdown(f"## {title[0].upper()}{title[1:]}", elem_classes="moss-group")
            with gr.Row(elem_classes="moss-settings"):
                self._by_name |= {
                    each.name: self.control(each.name)
                    for each in settings
                    if each.name not in apart
                }
        self.names, self.controls = tuple(self._by_name), list(self._by_name.values())

    def __getitem__(self, name: str) -> Control:
        """Return the control of the setting `name`."""
        return self._by_name[name]

    def control(self, name: str, prefix: str | None = None) -> Control:
        """Build a control of the setting `name` where this is called."""
        setting = self._settings[name]
        value = _on_page(setting, getattr(self._shown, name))
        options: dict[str, Any] = {
            "label": setting.label,
            "info": _info(setting),
            "elem_id": f"{prefix or self._prefix}-{name.replace('_', '-')}",
            "min_width": 220,
        }
        if setting.kind is bool:
            return gr.Checkbox(value, **options)
        if setting.choices:
            choices = [(str(choice), choice) for choice in setting.choices]
            return gr.Radio(choices, value=value, **options)
        if setting.kind is str:
            return gr.Textbox(value, **options, max_lines=3)
        # Nothing is rounded: a part of a sound is told, not passed over.
        if setting.is_optional:
            return gr.Textbox(value, **options, max_lines=1)  # gradio's numbers show None as 0
        return gr.Number(value, **options, step=STEPS[setting.kind])

    def updates(self, settings: Mapping[str, Any]) -> Updates:
        """Return the updates that show `settings`."""
        return {
            self._by_name[name]: gr.update(value=_on_page(self._settings[name], value))
            for name, value in settings.items()
            if name in self._by_name
        }

    def settings_from(self, values: Sequence[Any], **apart: Any) -> Settings:
        """Return the settings that the controls' `values` and those `apart` say.

        Raises
        ------
        InputError
            Where they cannot be.
        """
        changes = dict(zip(self.names, values, strict=True)) | apart
        for name, value in changes.items():
            setting = self._settings[name]
            if value is None and not setting.is_optional:
                raise InputError(f'"{setting.label}" is empty; give a number.')
            if setting.is_optional and isinstance(value, str):
                changes[name] = _spelled(setting, value)
        return changed_fields(self._shown, changes)

    def problem_of(self, values: Sequence[Any]) -> str:
        """Return the sentence that says what is wrong with `values`, or ""."""
        try:
            self.settings_from(values)
        except InputError as error:
            return sentence_of(error, label_of)
        return ""


def _info(setting: Setting) -> str:
    text = f"{setting.help[0].upper()}{setting.help[1:]}"
    if setting.bounds is None:
        return f"{text}."
    low, high = setting.bounds
    automatic = f", or {AUTO}" if setting.is_optional else ""
    return f"{text} ({low:g} to {high:g}{automatic})."


def _on_page(setting: Setting, value: Any) -> Any:
    """Return what the control of a setting shows of its `value`."""
    if not setting.is_optional:
        return value
    return AUTO if value is None else str(value).removesuffix(".0")  # all its digits


def _spelled(setting: Setting, text: str) -> Any:
    """Return the number that a person has typed, or None for what MOSS is to choose.

    Raises
    ------
    InputError
        It is neither.
    """
    try:
        return setting.parse(text.strip().lower() or AUTO)
    except ValueError as error:
        words = f"{WORDS[setting.kind]} or {AUTO}"
        raise InputError(f'"{setting.label}" is {text!r:.40}; it must be {words}.') from error
