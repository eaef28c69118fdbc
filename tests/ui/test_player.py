"""What the player is told of a run."""

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from moss.render.front_axes import AUDIO_CAPTION, PURE_MUSIC, VISUAL_CAPTION
from moss.render.spectrograms import HEIGHT, PLOT, WIDTH
from moss.ui.bundled import FIRST
from moss.ui.components.player.player import player_value

SUMMARY = json.loads((FIRST / "summary.json").read_text(encoding="utf-8"))


def told():
    return json.loads(player_value(FIRST, SUMMARY))


def test_every_address_is_that_of_a_file_of_the_run():
    value = told()
    urls = [point[kind] for point in value["points"] for kind in ("sound", "image")]
    for url in [*urls, value["original"]]:
        path = Path(unquote(url.removeprefix("gradio_api/file=")))
        assert path.is_file()
        assert path.is_relative_to(FIRST)
    assert len(set(urls)) == len(urls)


def test_an_address_holds_no_character_that_means_something(tmp_path):
    folder = tmp_path / "50 % #1?"
    (folder / "front").mkdir(parents=True)
    for point in SUMMARY["points"]:
        for suffix in (".flac", ".webp"):
            (folder / point["file"]).with_suffix(suffix).touch()
    url = json.loads(player_value(folder, SUMMARY))["points"][0]["sound"]
    assert not set("#? ") & set(url)
    assert unquote(url).endswith("/50 % #1?/front/00.flac")


def test_it_starts_where_it_is_balanced_and_knows_the_plot():
    value = told()
    assert value["at"] == value["chosen"]["balanced"]
    for name, k in value["chosen"].items():
        assert value["points"][k]["file"] == SUMMARY["chosen"][name]
    left, top, right, bottom = value["plot"]
    pixels = (left * WIDTH, top * HEIGHT, right * WIDTH, bottom * HEIGHT)
    assert pixels == pytest.approx(PLOT)


def test_a_finished_run_may_be_one_that_was_played_while_it_was_made():
    assert told()["run"] is None
    assert json.loads(player_value(FIRST, SUMMARY, run="one"))["run"] == "one"


def test_it_has_the_axes_that_show_all_of_the_front():
    value = told()
    axes = value["axes"]
    assert (axes["visual"]["caption"], axes["audio"]["caption"]) == (VISUAL_CAPTION, AUDIO_CAPTION)
    assert axes["names"]["music"] == PURE_MUSIC
    losses = [*value["front"], *value["seeds"], *(point["replayed"] for point in value["points"])]
    for axis, values in zip(
        (axes["visual"], axes["audio"]), zip(*losses, strict=True), strict=True
    ):
        assert max(values) <= axis["ticks"][-1]
        assert len(axis["labels"]) == len(axis["ticks"])
