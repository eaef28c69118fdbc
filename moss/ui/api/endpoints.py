"""What the public endpoints have in common: their inputs, their progress, and how they fail."""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from moss.errors import InputError, MossError
from moss.settings.fields import Settings, changed_fields
from moss.ui.api.progress import ProgressJSON
from moss.ui.host.run import Item
from moss.ui.words import UNEXPECTED

# Options of the public endpoints. The host, and not gradio's queue, decides whose turn it is.
DOCUMENTED: dict[str, Any] = {
    "api_visibility": "public",
    "show_progress": "hidden",
    "concurrency_limit": None,
}
Answer = tuple[Any, ...]
Done = TypeVar("Done")


class ObjectInput(gr.JSON):
    """A JSON object, which its schema says to agents; that of a gr.JSON says nothing."""

    is_template = True

    def api_info(self) -> dict[str, Any]:
        """Return the JSON schema."""
        return {"type": "object"}


def follow(
    begin: Callable[[], Generator[Item | Done, None, None]],
    kind: type[Done],
    answer: Callable[[Done], tuple[dict[str, Any], Answer]],
    file_count: int,
) -> Iterator[Answer]:
    """Yield the progress of a call beside as many Nones as there will be files, and then these.

    Parameters
    ----------
    begin : returns the items of the call, the last of which is a `kind`.
    answer : returns figures and files of this last item.
    file_count : how many files there will be.

    Raises
    ------
    gr.Error
        The call has failed, with the sentence that the last progress has.
    """
    progress = ProgressJSON()
    no_files = (None,) * file_count
    try:
        with closing(begin()) as items:
            for item in items:
                if isinstance(item, kind):
                    figures, files = answer(item)
                    yield progress.done() | figures, *files
                elif news := progress.after(item):
                    yield news, *no_files
        return
    except MossError as error:
        sentence = str(error)
    except gr.Error as error:
        sentence = error.message
    except Exception:
        logging.exception("A call has failed.")
        sentence = UNEXPECTED
    yield progress.failed(sentence), *no_files
    raise gr.Error(sentence, print_exception=False)


def settings_of(presets: Mapping[str, Settings], preset: str, changes: Any) -> Settings:
    """Return the settings of a preset with `changes`, whatever a call has sent as them.

    Raises
    ------
    InputError
        There is no such preset, or the changes cannot be made.
    """
    if preset not in presets:
        raise InputError(f"There is no preset {preset!r:.40}; there are {', '.join(presets)}.")
    if not isinstance(changes or {}, dict):
        raise InputError('The settings are no JSON object; give one such as {"seed": 1}.')
    return changed_fields(presets[preset], changes or {})


def paths_of(files: Iterable[Path]) -> list[str]:
    """Return paths as gradio takes them."""
    return [str(file) for file in files]
