"""The public endpoints: for programs, and as tools for agents."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import gradio as gr

from moss.checks import changed_fields
from moss.config import BlendSettings
from moss.errors import InputError, MossError
from moss.point import Point, render_point
from moss.ui.progress_json import ProgressJSON
from moss.ui.result import Result
from moss.ui.run import Host, run_home
from moss.ui.words import UNEXPECTED

POINT_BYTES = 60_000_000  # with 24 bits, of two minutes
DOCUMENTED = {"api_visibility": "public", "show_progress": "hidden", "concurrency_limit": None}
Answer = tuple[Any, ...]


class FileInput(gr.File):
    """A file that is handed on unopened, as the path it was uploaded to."""

    is_template = True  # to gradio it is a file

    def preprocess(self, payload):
        """Return the path of the file, or None."""
        return payload.path if payload else None


class ObjectInput(gr.JSON):
    """A JSON object; agents are told so, where of a gr.JSON they would be told nothing."""

    is_template = True

    def api_info(self):
        """Return the JSON schema."""
        return {"type": "object"}


class Api:
    """Builds its endpoints where it is made, inside a Blocks; nobody sees its components.

    Each streams its progress as JSON and ends with files. Where it fails, the last progress says
    why, and so does the error that ends it.
    """

    def __init__(self, host: Host, presets: Mapping[str, BlendSettings]):
        self._host, self._presets = host, presets
        hidden = {"visible": False}
        with gr.Row(**hidden):
            picture, track = FileInput(label="Picture"), FileInput(label="Track")
            preset = gr.Textbox(next(iter(presets)), label="Preset")
            settings = ObjectInput(label="Settings")
            progress = gr.JSON(label="Progress")
            sounds = gr.File(label="Sounds", file_count="multiple")
            spectrograms = gr.File(label="Spectrograms", file_count="multiple")
            gif, film = gr.File(label="Morph as GIF"), gr.File(label="Morph as film")
            summary, archive = gr.File(label="Summary"), gr.File(label="Everything as zip")
            gr.Button().click(
                self.blend,
                [picture, track, preset, settings],
                [progress, sounds, spectrograms, gif, film, summary, archive],
                api_name="blend",
                **DOCUMENTED,
            )
            run, point = gr.Textbox(label="Run"), gr.Number(label="Point", precision=0)
            figures, sound = gr.JSON(label="Progress"), gr.File(label="Sound")
            spectrogram = gr.File(label="Spectrogram")
            gr.Button().click(
                self.render_point,
                [run, point],
                [figures, sound, spectrogram],
                api_name="render_point",
                **DOCUMENTED,
            )

    def blend(
        self,
        picture: str,
        track: str,
        preset: str,
        settings: dict[str, Any] | None = None,
        request: gr.Request = None,
    ) -> Iterator[Answer]:
        """Blend a picture into the spectrogram of a piece of music.

        Finds the whole trade-off between "its spectrogram looks like the picture" and "it sounds
        like the music", and makes sounds along it, from pure music to pure picture. Takes about
        ten seconds with the preset quick and half a minute with high-res, on two processor cores.

        Args:
            picture: PNG, JPEG, WebP, GIF, BMP or TIFF. Bright parts become loud.
            track: WAV, FLAC, OGG, Opus, MP3 or M4A, or a video with a sound track.
            preset: quick (10 s of the track), high-res (30 s) or notebook (as first published).
            settings: Changes of the preset, such as {"start_s": 12, "duration_s": 8, "seed": 1}.

        Returns:
            the run's name and figures
            the sounds as WAV from music to picture
            their spectrograms as PNG
            the morph as GIF and as MP4
            summary.json
            all as zip
        """

        def begin():
            order = self._host.blend(picture, track, self._settings(preset, settings))
            return self._host.run(request, order)

        for told, done in self._follow(begin, 6):
            if isinstance(done, Result):
                files = [done.folder / point["file"] for point in done.summary["points"]]
                answer = (
                    _paths(files),
                    _paths(file.with_suffix(".png") for file in files),
                    *_paths(
                        done.folder / name
                        for name in ("pareto_morph.gif", "pareto_morph.mp4", "summary.json")
                    ),
                    str(done.archive) if done.archive else None,
                )
                told |= {
                    "run": done.token,
                    "hypervolume": done.summary["hypervolume"],
                    "points": [
                        {name: point[name] for name in ("index", "designed", "replayed")}
                        for point in done.summary["points"]
                    ],
                }
                yield told, *answer
            else:
                yield told, *done

    def render_point(self, run: str, point: int, request: gr.Request = None) -> Iterator[Answer]:
        """Make the sound of one more point of a finished run's front.

        A blend makes sounds of twelve points of its front; the front has about a hundred. Use it
        after blend, within two hours.

        Args:
            run: The name of the run, which the last progress of blend has as "run".
            point: Its place on the front, from 0, the music, on: as "front" in summary.json.

        Returns:
            the point's figures
            its sound as WAV
            its spectrogram as PNG
        """

        def begin():
            home = self._home(run)
            if point is None:
                raise InputError("There is no point; give its place on the front, from 0 on.")

            def work():
                return render_point(
                    home / "moss",
                    int(point),
                    home / f"point-{int(point)}",
                    device=self._host.device,
                    compute=self._host.search,
                )

            return self._host.take(request, work, [home], POINT_BYTES)

        for told, done in self._follow(begin, 2):
            if isinstance(done, Point):
                yield told | done.figures, str(done.sound), str(done.picture)
            else:
                yield told, *done

    def _follow(self, begin, files):
        """Yield progress with as many Nones as there will be files, and with what is done at last.

        Raises gr.Error with the sentence that the last progress has, where it fails.
        """
        progress = ProgressJSON()
        nothing = (None,) * files
        try:
            with closing(begin()) as items:
                for item in items:
                    if isinstance(item, Result | Point):
                        yield progress.done(), item
                    elif told := progress.after(item):
                        yield told, nothing
            return
        except MossError as error:
            sentence = str(error)
        except gr.Error as error:
            sentence = error.message
        except Exception:
            logging.exception("A call has failed.")
            sentence = UNEXPECTED
        yield progress.failed(sentence), nothing
        raise gr.Error(sentence, print_exception=False)

    def _settings(self, preset, changes):
        if preset not in self._presets:
            raise InputError(
                f"There is no preset {preset!r:.40}; there are {', '.join(self._presets)}."
            )
        if not isinstance(changes or {}, dict):
            raise InputError('The settings are no JSON object; give one such as {"seed": 1}.')
        return changed_fields(self._presets[preset], changes or {})

    def _home(self, run):
        home = run_home(run) if re.fullmatch("[0-9a-f]{32}", str(run)) else None
        if home is None or not (home / "moss").is_dir():
            raise InputError(
                "There is no such run here; give the name that blend has told within two hours."
            )
        return home


def _paths(files):
    return [str(file) for file in files]
