"""The public endpoints of the blend: for programs, and as tools for agents."""

import re
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from moss.blending.prepared import Prepared
from moss.errors import InputError
from moss.results import names
from moss.settings.blend import BlendSettings
from moss.ui.api.endpoints import DOCUMENTED, Answer, ObjectInput, follow, paths_of, settings_of
from moss.ui.host.orders import order_blend
from moss.ui.host.result import Result
from moss.ui.host.run import Host, Item, run_home
from moss.ui.host.turns import Waiting
from moss.ui.inputs.path_inputs import FileInput
from moss.usecases.compute import Event
from moss.usecases.render_point import Point, render_point

POINT_BYTES = 60_000_000  # a sound of two minutes with 24 bits


class Api:
    """Builds its endpoints where it is made, inside a Blocks; nobody sees its components.

    Each streams its progress as JSON and ends with files. Where it fails, the last progress says
    why, and so does the error that ends it.
    """

    def __init__(self, host: Host, presets: Mapping[str, BlendSettings]) -> None:
        self._host, self._presets = host, presets
        with gr.Row(visible=False):
            picture, track = FileInput(label="Picture"), FileInput(label="Track")
            preset = gr.Textbox(next(iter(presets)), label="Preset")
            settings = ObjectInput(label="Settings")
            second_picture = FileInput(label="Second picture")
            progress = gr.JSON(label="Progress")
            sounds = gr.File(label="Sounds", file_count="multiple")
            spectrograms = gr.File(label="Spectrograms", file_count="multiple")
            gif, film = gr.File(label="Morph as GIF"), gr.File(label="Morph as film")
            summary, archive = gr.File(label="Summary"), gr.File(label="Everything as zip")
            gr.Button().click(
                self.blend,
                [picture, track, preset, settings, second_picture],
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
        second_picture: str | None = None,
        request: gr.Request | None = None,
    ) -> Iterator[Answer]:
        """Blend a picture into the spectrogram of a piece of music.

        Finds the whole trade-off between "its spectrogram looks like the picture" and "it sounds
        like the music", and makes sounds along it, from pure music to pure picture. Takes about
        ten seconds with the preset quick and half a minute with high-res, on two processor cores.

        Args:
            picture: PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or SVG. Bright parts become loud.
            track: WAV, FLAC, OGG, Opus, MP3 or M4A, or a video with a sound track.
            preset: quick (10 s of the track), high-res (30 s), or notebook or readme (30 s by the
                method as its notebook or its README published it, to compare with).
            settings: Changes of the preset, such as {"start_s": 12, "duration_s": 8, "seed": 1}.
            second_picture: That of the right channel, with the setting {"channel": "left-right"};
                without it both channels show the same.

        Returns:
            the run's name and figures
            the sounds as WAV or FLAC from music to picture
            their spectrograms as PNG
            the morph as GIF and as MP4
            summary.json
            all as zip
        """

        def begin() -> Generator[Item, None, None]:
            changed = settings_of(self._presets, preset, settings)
            order = order_blend(self._host, picture, track, changed, second_picture=second_picture)
            return self._host.run(request, order)

        def answer(result: Result) -> tuple[dict[str, Any], Answer]:
            sounds = [result.folder / point["file"] for point in result.summary["points"]]
            morphs = (names.MORPH_GIF, names.MORPH_FILM, names.SUMMARY)
            figures = {
                "run": result.token,
                "hypervolume": result.summary["hypervolume"],
                "points": [
                    {name: point[name] for name in ("index", "designed", "replayed", "differences")}
                    for point in result.summary["points"]
                ],
            }
            return figures, (
                paths_of(sounds),
                paths_of(sound.with_suffix(".png") for sound in sounds),
                *paths_of(result.folder / name for name in morphs),
                str(result.archive) if result.archive else None,
            )

        yield from follow(begin, Result, answer, 6)

    def render_point(
        self, run: str, point: int, request: gr.Request | None = None
    ) -> Iterator[Answer]:
        """Make the sound of one more point of a finished run's front.

        A blend makes sounds of twelve points of its front; the front has about a hundred. Use it
        after blend, within two hours.

        Args:
            run: The name of the run, which the last progress of blend has as "run".
            point: Its place on the front, from 0, the music, on: as "front" in summary.json.

        Returns:
            the point's figures
            its sound as WAV or FLAC
            its spectrogram as PNG
        """

        def begin() -> Generator[Waiting | Prepared | Event | Point | None, None, None]:
            home = self._home(run)
            if point is None:
                raise InputError("There is no point; give its place on the front, from 0 on.")

            def work() -> Generator[Prepared | Event | Point, None, None]:
                yield from render_point(
                    home / "moss",
                    int(point),
                    home / f"point-{int(point)}",
                    device=self._host.device,
                    compute=self._host.compute,
                )

            return self._host.run_work(request, work, [home], POINT_BYTES)

        def answer(done: Point) -> tuple[dict[str, Any], Answer]:
            return done.figures, (str(done.sound), str(done.picture))

        yield from follow(begin, Point, answer, 2)

    def _home(self, run: str) -> Path:
        """Return the folder of the run that a call names, whatever it names."""
        home = run_home(run) if re.fullmatch("[0-9a-f]{32}", str(run)) else None
        if home is None or not (home / "moss").is_dir():
            raise InputError(
                "There is no such run here; give the name that blend has told within two hours."
            )
        return home
