"""What is wrong with settings, in the words of the place where a person chose them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from moss.errors import InputError, MossError

if TYPE_CHECKING:
    from moss.settings.fields import Setting


class SettingError(InputError):
    """An InputError about settings, which a command line, the page and programs name differently.

    As a text it has the names of the fields, which are those of Python and of the endpoints.

    Parameters
    ----------
    template : str
        The sentence, with the name of each field in braces, such as "{gamma} is 0".
    settings : Mapping[str, Setting]
        Those that may be named, by their fields.
    """

    def __init__(self, template: str, settings: Mapping[str, Setting]) -> None:
        super().__init__(template, settings)
        self._template, self._settings = template, settings

    def __str__(self) -> str:
        """Return the sentence with the names of the fields."""
        return self.told(lambda setting: setting.name)

    def told(self, name_of: Callable[[Setting], str]) -> str:
        """Return the sentence with each setting as `name_of` names it."""

        def named(found: re.Match[str]) -> str:
            setting = self._settings.get(found[1])
            return name_of(setting) if setting else found[0]

        return re.sub(r"\{(\w+)\}", named, self._template)


def sentence_of(error: MossError, name_of: Callable[[Setting], str]) -> str:
    """Return the sentence of any error, with settings as `name_of` names them."""
    return error.told(name_of) if isinstance(error, SettingError) else str(error)


def label_of(setting: Setting) -> str:
    """Return what the page calls a setting."""
    return f'"{setting.label}"'


def option_of(setting: Setting) -> str:
    """Return the option of a setting on the command line, such as "--pop-size"."""
    return f"--{setting.option}"
