"""Inputs that hand on the paths of their files: MOSS itself opens them and says what is wrong."""

import gradio as gr
from gradio.data_classes import FileData, ImageData, ListFiles


class PictureWell(gr.Image):
    """An image, as the path of its file."""

    is_template = True  # To the browser it is a gr.Image; the classes below are likewise.

    def preprocess(self, payload: ImageData | None) -> str | None:
        """Return the path of the file, or None."""
        return payload.path if payload else None


class VideoWell(gr.Video):
    """A video, as the path of its file."""

    is_template = True

    def preprocess(self, payload: FileData | None) -> str | None:
        """Return the path of the file, or None."""
        return payload.path if payload else None


class FileInput(gr.File):
    """A file of any kind, as its path."""

    is_template = True

    def preprocess(self, payload: ListFiles | FileData | None) -> str | None:
        """Return the path of the file, or None."""
        return payload.path if isinstance(payload, FileData) else None


class FilesInput(gr.File):
    """Files of any kind, as their paths, in their order; it needs a `file_count` of several."""

    is_template = True

    def preprocess(self, payload: ListFiles | FileData | None) -> list[str]:
        """Return the paths of the files."""
        return [each.path for each in payload] if isinstance(payload, ListFiles) else []
