"""How a setting is declared: once, with all that its readers need to know of it.

A settings class is a frozen dataclass whose fields are made by `setting`. The checks, the options
of the command line, the controls of the page, its links and the API read them by `settings_in`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from inspect import cleandoc
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from moss.errors import InputError
from moss.settings.setting_error import SettingError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value")
Settings = TypeVar("Settings", bound="DataclassInstance")

AUTO = "auto"  # what None is called in a text
WORDS = {bool: "true or false", str: "text", int: "a whole number", float: "a number"}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting, as everybody who shows, reads or checks it needs it.

    Parameters
    ----------
    name : str
        Of the field.
    kind : type
        bool, str, int or float.
    is_optional : bool
        Whether it may be None, which lets MOSS choose.
    default : Any
        What it is unless chosen.
    label : str
        What a person calls it.
    help : str
        What it does, as a phrase that goes on from its group.
    group : str
        What it is a setting of, such as "the picture".
    option : str
        Of the command line, without its dashes.
    choices : tuple
        All that it may be, or () where that is not a list.
    bounds : (float, float) or None
        The least and the greatest number that it may be; None where it is no number.
    formerly : str or None
        Its name in earlier results and links, which still works.
    former_values : Mapping[str, Any]
        What values of earlier results and links are called now.
    """

    name: str
    kind: type
    is_optional: bool
    default: Any
    label: str
    help: str
    group: str
    option: str
    choices: tuple[Any, ...]
    bounds: tuple[float, float] | None
    formerly: str | None
    former_values: Mapping[str, Any]

    def check(self, value: Any) -> Any:
        """Return `value` as the field holds it: a whole number as a float where one is meant.

        Raises
        ------
        InputError
            Where it is not what the setting may be.
        """
        if value is None and self.is_optional:
            return None
        if not _is_a(value, self.kind):
            raise self._error(f"{value!r:.40}; it must be {WORDS[self.kind]}.")
        if self.choices and value not in self.choices:
            allowed = " or ".join(map(str, self.choices))
            raise self._error(f"{value!r:.40}; it can be {allowed}.")
        if self.bounds:
            low, high = self.bounds
            if not low <= value <= high:
                raise self._error(f"{str(value)[:20]}; it must be from {low:g} to {high:g}.")
        return float(value) if self.kind is float else value

    def _error(self, rest: str) -> SettingError:
        return SettingError(f"{{{self.name}}} is {rest}", {self.name: self})

    def parse(self, text: str) -> Any:
        """Return the value that `text` spells, as an option or a link does, not checked yet.

        Raises
        ------
        ValueError
            Where it spells no value of this kind.
        """
        if text == AUTO and self.is_optional:
            return None
        if self.kind is bool:
            if text not in ("True", "False"):
                raise ValueError(text)
            return text == "True"
        return self.kind(self.current(text))

    def current(self, value: Any) -> Any:
        """Return what `value`, which may be of an earlier MOSS, is called now."""
        return self.former_values.get(value, value) if isinstance(value, str) else value


def setting(
    default: Value,
    *,
    label: str,
    help: str,
    group: str,
    option: str | None = None,
    choices: tuple[Any, ...] = (),
    bounds: tuple[float, float] | None = None,
    formerly: str | None = None,
    former_values: Mapping[str, Any] | None = None,
) -> Value:
    """Return a dataclass field that declares a setting; `Setting` says what the arguments are.

    Its name, its kind and whether it may be None are those of the annotated field; its option is
    the name unless given.
    """
    declared = {
        "label": label,
        "help": help,
        "group": group,
        "option": option,
        "choices": choices,
        "bounds": bounds,
        "formerly": formerly,
        "former_values": former_values or {},
    }
    return field(default=default, metadata=declared)


@cache
def settings_in(kind: type[DataclassInstance]) -> dict[str, Setting]:
    """Return {name: Setting} of a settings class, in the order of its fields."""
    types = get_type_hints(kind)
    return {each.name: _setting_of(each, types[each.name]) for each in fields(kind)}


def groups_in(kind: type[DataclassInstance]) -> dict[str, list[Setting]]:
    """Return {group: its settings} of a settings class, in the order of its fields."""
    groups: dict[str, list[Setting]] = {}
    for each in settings_in(kind).values():
        groups.setdefault(each.group, []).append(each)
    return groups


def check_fields(settings: DataclassInstance) -> None:
    """Check every field of a settings object that is being made.

    Raises
    ------
    InputError
        Where a field is not what it may be.
    """
    for name, each in settings_in(type(settings)).items():
        # The dataclass is frozen for everybody else.
        object.__setattr__(settings, name, each.check(getattr(settings, name)))


def with_current_names(kind: type[DataclassInstance], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with what settings and their values were formerly called as it is now.

    Where a setting has both its names, the current one counts.
    """
    known = settings_in(kind)
    renamed = {each.formerly: name for name, each in known.items() if each.formerly}
    current = {
        renamed.get(name, name): value
        for name, value in values.items()
        if renamed.get(name) not in values
    }
    return {
        name: known[name].current(value) if name in known else value
        for name, value in current.items()
    }


def changed_fields(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return the settings with `changes`, which may use former names.

    Raises
    ------
    InputError
        For names and values that they do not know.
    """
    changes = with_current_names(type(settings), changes)
    known = settings_in(type(settings))
    unknown = sorted(set(changes) - set(known))
    if unknown:
        raise InputError(
            f"There is no setting {unknown[0][:40]!r}; there are {', '.join(sorted(known))}."
        )
    return replace(settings, **changes)


def preset_with(
    kind: type[Settings],
    presets: Mapping[str, Mapping[str, Any]],
    name: str,
    changes: Mapping[str, Any],
) -> Settings:
    """Return the settings class `kind` as a preset has it, with `changes`.

    Raises
    ------
    InputError
        For a preset, names and values that there are not.
    """
    if name not in presets:
        raise InputError(f"There is no preset {name!r:.40}; there are {', '.join(presets)}.")
    return changed_fields(kind(**presets[name]), changes)


def with_parameters(kind: type[Settings]) -> type[Settings]:
    """Let the docstring of a settings class end with what each of its fields is."""
    lines = ["Parameters", "----------"]
    for each in settings_in(kind).values():
        lines += [f"{each.name} : {_values_of(each)}", f"    {_sentence_of(each)}"]
    kind.__doc__ = cleandoc(kind.__doc__ or "") + "\n\n" + "\n".join(lines)
    return kind


def _is_a(value: Any, kind: type) -> bool:
    if isinstance(value, bool):  # which Python takes for a whole number
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _setting_of(declared: Field[Any], hint: Any) -> Setting:
    alternatives = get_args(hint) or (hint,)
    (kind,) = (each for each in alternatives if each is not NoneType)
    option = declared.metadata["option"] or declared.name.replace("_", "-")
    return Setting(
        name=declared.name,
        kind=kind,
        is_optional=NoneType in alternatives,
        default=declared.default,
        **{**declared.metadata, "option": option},
    )


def _values_of(each: Setting) -> str:
    choices = ", ".join(map(repr, each.choices))
    kind = f"{{{choices}}}" if choices else each.kind.__name__
    return f"{kind}{' or None' if each.is_optional else ''}, default {each.default!r}"


def _sentence_of(each: Setting) -> str:
    limits = " ({} to {})".format(*each.bounds) if each.bounds else ""
    return f"{each.group[0].upper()}{each.group[1:]}: {each.help}{limits}."
