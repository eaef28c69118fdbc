"""The public endpoints of what becomes sound directly, one for each kind of source."""

from collections.abc import Generator, Iterator
from typing import Any

import gradio as gr

from moss.results import names
from moss.settings.sonify import PRESETS, sonify_settings
from moss.ui.api.endpoints import DOCUMENTED, Answer, ObjectInput, follow, paths_of, settings_of
from moss.ui.host.orders import order_sound
from moss.ui.host.result import Result
from moss.ui.host.run import Host, Item
from moss.ui.inputs.path_inputs import FileInput, FilesInput

FILES = (names.SPECTROGRAM, names.SOUND_FILM, names.SUMMARY)  # after the sound
FIGURES = ("duration_s", "visual_loss", "loudness_lufs", "true_peak_dbtp", "warnings")


class SonifyApi:
    """Builds its endpoints where it is made, inside a Blocks; nobody sees its components.

    Each streams its progress as JSON and ends with files, like those of `Api`.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._presets = {name: sonify_settings(name) for name in PRESETS}
        with gr.Row(visible=False):
            preset = gr.Textbox(next(iter(PRESETS)), label="Preset")
            settings = ObjectInput(label="Settings")
            outputs = [
                gr.JSON(label="Progress"),
                gr.File(label="Sound"),
                gr.File(label="Spectrogram"),
                gr.File(label="Film"),
                gr.File(label="Summary"),
            ]
            for endpoint, source in (
                (self.sonify_picture, FileInput(label="Picture")),
                (self.sonify_slideshow, FilesInput(label="Pictures", file_count="multiple")),
                (self.sonify_video, FileInput(label="Video")),
                (self.sonify_array, FileInput(label="Array")),
            ):
                gr.Button().click(
                    endpoint,
                    [source, preset, settings],
                    outputs,
                    api_name=endpoint.__name__,
                    **DOCUMENTED,
                )

    def sonify_picture(
        self,
        picture: str,
        preset: str,
        settings: dict[str, Any] | None = None,
        request: gr.Request | None = None,
    ) -> Iterator[Answer]:
        """Turn a picture into a sound whose spectrogram looks like it.

        Pixels are how loud each frequency is at each moment: the top row is the highest, bright is
        loud. Ten seconds of sound take about five on two processor cores.

        Args:
            picture: PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or SVG.
            preset: clear (shows it best), artivi (360 rows, a short window) or musical (octaves).
            settings: Changes of the preset, such as {"duration_s": 5, "scale": "log", "seed": 1}.

        Returns:
            the figures of the sound
            the sound as WAV
            its spectrogram as PNG
            the spectrogram under a playhead, with the sound, as MP4
            summary.json
        """
        yield from self._sonify("picture", [picture], preset, settings, request)

    def sonify_slideshow(
        self,
        pictures: list[str],
        preset: str,
        settings: dict[str, Any] | None = None,
        request: gr.Request | None = None,
    ) -> Iterator[Answer]:
        """Turn pictures into one sound whose spectrogram shows them one after another.

        Args:
            pictures: PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or SVG, in their order, or a zip
                of them, by name.
            preset: clear (shows them best), artivi (360 rows, a short window) or musical (octaves).
            settings: Changes of the preset, such as {"duration_s": 3, "gap_s": 1}, the seconds of
                each picture and of the silence between two.

        Returns:
            the figures of the sound
            the sound as WAV
            its spectrogram as PNG
            the spectrogram under a playhead, with the sound, as MP4
            summary.json
        """
        yield from self._sonify("picture", pictures, preset, settings, request)

    def sonify_video(
        self,
        video: str,
        preset: str,
        settings: dict[str, Any] | None = None,
        request: gr.Request | None = None,
    ) -> Iterator[Answer]:
        """Turn a video into a sound as long as it, whose spectrogram shows its frames in a row.

        Args:
            video: MP4, MOV or WebM, up to ten minutes; its own sound is not heard.
            preset: clear (shows it best), artivi (360 rows, a short window) or musical (octaves).
            settings: Changes of the preset, such as {"invert": true, "seed": 1}.

        Returns:
            the figures of the sound
            the sound as WAV
            its spectrogram as PNG
            the spectrogram under a playhead, with the sound, as MP4
            summary.json
        """
        yield from self._sonify("video", [video], preset, settings, request)

    def sonify_array(
        self,
        array: str,
        preset: str,
        settings: dict[str, Any] | None = None,
        request: gr.Request | None = None,
    ) -> Iterator[Answer]:
        """Turn an array of brightness into a sound whose spectrogram shows it.

        Args:
            array: .npy of (frequency, time), uint8 or floats from 0 to 1, the highest row first.
            preset: clear (shows it best), artivi (360 rows, a short window) or musical (octaves).
            settings: Changes of the preset, such as {"duration_s": 5, "low_hz": 100, "seed": 1}.

        Returns:
            the figures of the sound
            the sound as WAV
            its spectrogram as PNG
            the spectrogram under a playhead, with the sound, as MP4
            summary.json
        """
        yield from self._sonify("array", [array], preset, settings, request)

    def _sonify(
        self,
        kind: str,
        paths: list[str],
        preset: str,
        settings: Any,
        request: gr.Request | None,
    ) -> Iterator[Answer]:
        """Follow the sound of files of one `kind` of `moss.usecases.sonify`."""

        def begin() -> Generator[Item, None, None]:
            changed = settings_of(self._presets, preset, settings)
            return self._host.run(request, order_sound(self._host, kind, paths, changed))

        def answer(result: Result) -> tuple[dict[str, Any], Answer]:
            summary = result.summary
            figures = {name: summary[name] for name in FIGURES}
            names = (summary["file"], *FILES)
            return figures, tuple(paths_of(result.folder / name for name in names))

        yield from follow(begin, Result, answer, 1 + len(FILES))
