"""Whether the fields of a frozen settings dataclass hold what they may."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from moss.errors import InputError

Settings = TypeVar("Settings")
WORDS = {"bool": "true or false", "str": "text", "int": "a whole number", "float": "a number"}


def check_fields(
    settings: Any,
    labels: Mapping[str, str],
    choices: Mapping[str, Sequence],
    ranges: Mapping[str, tuple[float, float]],
) -> None:
    """Raise InputError where a field of the dataclass `settings` is not what it may be.

    `labels` are what a person calls the fields; `choices` and `ranges` bound those they name. A
    field whose type allows None may be None. A whole number becomes a float where one is meant.
    """
    for field in fields(settings):
        name, value = field.name, getattr(settings, field.name)
        kind = field.type.replace(" | None", "")
        if value is None and kind != field.type:
            continue
        if not _is_a(value, kind):
            raise InputError(f'"{labels[name]}" is {value!r:.40}; it must be {WORDS[kind]}.')
        if name in choices and value not in choices[name]:
            allowed = " or ".join(str(choice) for choice in choices[name])
            raise InputError(f'"{labels[name]}" is {value!r:.40}; it can be {allowed}.')
        if name in ranges:
            low, high = ranges[name]
            if not low <= value <= high:
                raise InputError(
                    f'"{labels[name]}" is {str(value)[:20]}; it must be from {low:g} to {high:g}.'
                )
        if kind == "float":
            object.__setattr__(settings, name, float(value))


def changed_fields(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return the dataclass with `changes`; InputError for names and values it does not know."""
    known = {field.name for field in fields(settings)}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise InputError(
            f"There is no setting {unknown[0][:40]!r}; there are {', '.join(sorted(known))}."
        )
    return replace(settings, **changes)


def preset_with(
    kind: type[Settings], presets: Mapping[str, Mapping[str, Any]], name: str, changes: Mapping
) -> Settings:
    """Return the dataclass `kind` of a preset with `changes`; InputError for unknown names."""
    if name not in presets:
        raise InputError(f"There is no preset {name!r:.40}; there are {', '.join(presets)}.")
    return changed_fields(kind(**presets[name]), changes)


def _is_a(value, kind):
    if kind in ("bool", "str"):
        return isinstance(value, {"bool": bool, "str": str}[kind])
    return isinstance(value, int if kind == "int" else int | float) and not isinstance(value, bool)
