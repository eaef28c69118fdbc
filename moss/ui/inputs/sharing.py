"""Settings as the query of a link, and back: what a visitor shares is the page, ready to run."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from moss.errors import InputError
from moss.settings.blend import BlendSettings
from moss.settings.fields import AUTO, Setting, settings_in, with_current_names
from moss.settings.presets import blend_settings
from moss.ui.bundled import PAIRS, Pair

PRESET, EXAMPLE = "preset", "example"


def query_of(preset: str, settings: BlendSettings, example: Pair | None) -> str:
    """Return "?preset=...": the preset, what `settings` change of it, and the example's name."""
    usual = blend_settings(preset).as_dict()
    changed = {
        name: AUTO if value is None else value
        for name, value in settings.as_dict().items()
        if value != usual[name]
    }
    return "?" + urlencode(
        {PRESET: preset, **({EXAMPLE: example.name} if example else {}), **changed}
    )


def shared(query: Mapping[str, str]) -> tuple[str | None, BlendSettings | None, Pair | None]:
    """Return the preset, the settings and the example that a link's query names.

    What is not named is None; names of others than ours, such as the theme's, are passed over.

    Raises
    ------
    InputError
        For a preset, a setting or an example that cannot be.
    """
    texts = with_current_names(BlendSettings, query)
    changes = {
        name: _value(setting, texts[name])
        for name, setting in settings_in(BlendSettings).items()
        if name in texts
    }
    preset = query.get(PRESET)
    settings = blend_settings(preset or "quick", **changes) if preset or changes else None
    pairs = {pair.name: pair for pair in PAIRS}
    example = query.get(EXAMPLE)
    if example is not None and example not in pairs:
        raise InputError(
            f"The link names an example that is not here; there are {', '.join(pairs)}."
        )
    return preset, settings, pairs[example] if example is not None else None


def _value(setting: Setting, text: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        raise InputError(
            f"The link's {setting.name} cannot be read; choose it under Fine tuning."
        ) from error
