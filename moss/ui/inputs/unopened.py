"""Inputs that hand their files on unopened, as paths: MOSS itself says what is wrong with them."""

import gradio as gr


def _path(self, payload):
    """Return the path of the file, or None."""
    return payload.path if payload else None


class PictureWell(gr.Image):
    """An image."""

    is_template = True  # to the browser it is an image, and so on
    preprocess = _path


class VideoWell(gr.Video):
    """A video."""

    is_template = True
    preprocess = _path


class FileInput(gr.File):
    """A file of any kind."""

    is_template = True
    preprocess = _path


class FilesInput(gr.File):
    """Files of any kind, in their order; it needs a `file_count` of several."""

    is_template = True

    def preprocess(self, payload):
        """Return the paths of the files."""
        return [each.path for each in payload or []]
