"""What the public endpoints have in common: their inputs, their progress, and how they fail."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, TypeVar

import gradio as gr

from moss.errors import InputError, MossError
from moss.settings.fields import Settings, changed_fields
from moss.ui.api.progress import ProgressJSON
from moss.ui.host.run import Item
from moss.ui.words import UNEXPECTED

DOCUMENTED = {"api_visibility": "public", "show_progress": "hidden", "concurrency_limit": None}
Answer = tuple[Any, ...]
Done = TypeVar("Done")


class ObjectInput(gr.JSON):
    """A JSON object; agents are told so, where of a gr.JSON they would be told nothing."""

    is_template = True

    def api_info(self):
        """Return the JSON schema."""
        return {"type": "object"}


def follow(
    begin: Callable[[], Iterator[Item | Done]],
    kind: type[Done],
    answer: Callable[[Done], tuple[dict[str, Any], Answer]],
    files: int,
) -> Iterator[Answer]:
    """Yield the progress of what `begin` returns, beside as many Nones as there will be `files`.

    What is done at last is a `kind`, of which `answer` returns figures and files. Raises gr.Error
    with the sentence that the last progress has, where it fails.
    """
    progress = ProgressJSON()
    nothing = (None,) * files
    try:
        with closing(begin()) as items:
            for item in items:
                if isinstance(item, kind):
                    figures, made = answer(item)
                    yield progress.done() | figures, *made
                elif told := progress.after(item):
                    yield told, *nothing
        return
    except MossError as error:
        sentence = str(error)
    except gr.Error as error:
        sentence = error.message
    except Exception:
        logging.exception("A call has failed.")
        sentence = UNEXPECTED
    yield progress.failed(sentence), *nothing
    raise gr.Error(sentence, print_exception=False)


def settings_of(presets: Mapping[str, Settings], preset: str, changes: Any) -> Settings:
    """Return the settings of a preset with `changes`, whatever a call has sent as them.

    Raises InputError where they cannot be.
    """
    if preset not in presets:
        raise InputError(f"There is no preset {preset!r:.40}; there are {', '.join(presets)}.")
    if not isinstance(changes or {}, dict):
        raise InputError('The settings are no JSON object; give one such as {"seed": 1}.')
    return changed_fields(presets[preset], changes or {})


def paths_of(files: Iterator) -> list[str]:
    """Return paths as gradio takes them."""
    return [str(file) for file in files]
