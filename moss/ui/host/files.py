"""Where a visitor's files lie, what the browser calls them, and which of them it may name."""

import os
from pathlib import Path
from urllib.parse import quote

from moss.errors import InputError
from moss.results.names import PICTURE_SUFFIXES
from moss.ui.bundled import PAIR_FILES


def temp_root() -> Path:
    """Return the folder of uploads and results, whose files are served."""
    root = Path(os.environ["GRADIO_TEMP_DIR"]).resolve()
    root.mkdir(parents=True, exist_ok=True)
    return root


def resolve_upload(path: str | None, what: str) -> Path:
    """Return `path`, links resolved, if it is an upload or an example.

    A request can name any file of the machine, and not every input of gradio refuses it.

    Parameters
    ----------
    path : what the request names.
    what : what a person calls it, such as "picture".

    Raises
    ------
    InputError
        There is no path, or it names any other file.
    """
    if not path:
        raise InputError(f"There is no {what} yet; drop one in.")
    resolved = Path(path).resolve()
    if resolved not in PAIR_FILES and not resolved.is_relative_to(temp_root()):
        raise InputError(f"The {what} was not uploaded to this page; drop it in again.")
    return resolved


def url_of(path: Path) -> str:
    """Return the address, relative to the page, of a file that gradio serves; safe in HTML."""
    return f"gradio_api/file={quote(path.resolve().as_posix())}"


def image_of(sound: Path) -> Path:
    """Return the spectrogram that lies beside the sound of a finished run."""
    images = (sound.with_suffix(suffix) for suffix in PICTURE_SUFFIXES)
    return next(image for image in images if image.exists())
