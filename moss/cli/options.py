"""The settings as command line options that explain themselves."""

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from moss.settings.fields import AUTO, Setting, groups_in, settings_in
from moss.settings.setting_error import option_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

OPTIONS_A_LINE = 3  # of a preset, so that the text stays within 80 columns


def add_settings(parser: argparse.ArgumentParser, kind: type["DataclassInstance"]) -> None:
    """Add an option for every setting of the class `kind`, in its groups.

    They have no defaults: what was not asked for is absent from the parsed arguments, so that
    only what was overrides a preset or a recorded run. Former names and values work unseen.
    """
    for title, settings in groups_in(kind).items():
        group = parser.add_argument_group(title)
        for each in settings:
            how = {"dest": each.name, "default": argparse.SUPPRESS} | _parsing(each)
            group.add_argument(option_of(each), help=_help(each), **how)
            if each.formerly:
                group.add_argument(f"--{each.formerly}", help=argparse.SUPPRESS, **how)


def changes_in(arguments: argparse.Namespace, kind: type["DataclassInstance"]) -> dict[str, Any]:
    """Return {name: value} of the settings of the class `kind` that were asked for."""
    return {name: getattr(arguments, name) for name in settings_in(kind) if name in arguments}


def presets_text(kind: type["DataclassInstance"], presets: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what each preset of the class `kind` changes, as options."""
    settings, lines = settings_in(kind), ["presets:"]
    for name, changes in presets.items():
        words = [f"{option_of(settings[key])} {value}" for key, value in changes.items()]
        for first in range(0, len(words) or 1, OPTIONS_A_LINE):
            options = " ".join(words[first : first + OPTIONS_A_LINE]) or "the defaults above"
            lines.append(f"  {name if first == 0 else '':<10} {options}")
    return "\n".join(lines) + "\n"


def _parsing(setting: Setting) -> dict[str, Any]:
    if setting.kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    if setting.choices:
        return {"type": _parser(setting), "choices": setting.choices}
    metavar = {str: "TEXT", int: "N", float: "X"}[setting.kind]
    return {"type": _parser(setting), "metavar": metavar}


def _help(setting: Setting) -> str:
    default = AUTO if setting.default is None else setting.default
    if setting.choices:
        return f"{setting.help} (default {default})"
    if setting.bounds:
        low, high = setting.bounds
        return f"{setting.help} (default {default}; {low} to {high})"
    return setting.help


def _parser(setting: Setting) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        return setting.parse(text)

    parse.__name__ = setting.kind.__name__  # argparse names it when a value is wrong
    return parse
