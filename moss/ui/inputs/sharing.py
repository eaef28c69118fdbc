"""Settings as the query of a link, and back: what a visitor shares is the page, ready to run."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from moss.errors import InputError
from moss.settings.blend import BlendSettings, blend_settings
from moss.ui.bundled import PAIRS, Pair

AUTOMATIC = "auto"  # what None is called
PRESET, EXAMPLE = "preset", "example"


def query_of(preset: str, settings: BlendSettings, example: Pair | None) -> str:
    """Return "?preset=...": the preset, what `settings` change of it, and the example's name."""
    usual = blend_settings(preset).as_dict()
    changed = {
        name: AUTOMATIC if value is None else value
        for name, value in settings.as_dict().items()
        if value != usual[name]
    }
    return "?" + urlencode(
        {PRESET: preset, **({EXAMPLE: example.name} if example else {}), **changed}
    )


def shared(query: Mapping[str, str]) -> tuple[str | None, BlendSettings | None, Pair | None]:
    """Return the preset, the settings and the example that a link's query names.

    What is not named is None; names of others than ours, such as the theme's, are passed over.
    Raises InputError for a preset, a setting or an example that cannot be.
    """
    types = {field.name: field.type for field in fields(BlendSettings)}
    changes = {name: _value(name, types[name], query[name]) for name in types if name in query}
    preset = query.get(PRESET)
    settings = blend_settings(preset or "quick", **changes) if preset or changes else None
    pairs = {pair.name: pair for pair in PAIRS}
    name = query.get(EXAMPLE)
    if name is not None and name not in pairs:
        raise InputError(
            f"The link names an example that is not here; there are {', '.join(pairs)}."
        )
    return preset, settings, pairs.get(name)


def _value(name: str, kind: str, text: str) -> Any:
    kinds = kind.split(" | ")
    if text == AUTOMATIC and "None" in kinds:
        return None
    try:
        return {"bool": _truth, "int": int, "float": float, "str": str}[kinds[0]](text)
    except ValueError as error:
        raise InputError(
            f"The link's {name} cannot be read; choose it under Fine tuning."
        ) from error


def _truth(text):
    if text not in ("True", "False"):
        raise ValueError(text)
    return text == "True"
