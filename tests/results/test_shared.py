"""The files for sharing: there, measured from what they are decoded to, and told."""

import json
from dataclasses import replace

import pytest

from moss.cli.terminal import table_of
from moss.media import load_audio
from moss.results.picks import CHOSEN
from moss.results.run import Run
from moss.results.shared import SHARED
from moss.usecases.blend import blend
from tests.small import PAD, PICTURE, SMALL, small_pair


@pytest.fixture(scope="module")
def shared_run(once):
    settings = replace(SMALL, share=True)
    folder = once(
        "shared-run",
        lambda folder: blend(PICTURE, PAD, folder, settings, draw=False).result(),
    )
    return Run(folder, json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def test_every_pick_is_there_in_every_codec(shared_run):
    rows = shared_run.summary["share"]
    assert {(row["chosen"], row["codec"]) for row in rows} == {
        (name, str(codec)) for name in CHOSEN for codec in SHARED
    }
    files = {path.name for path in (shared_run.folder / "share").iterdir()}
    assert {row["file"] for row in rows} == {f"share/{name}" for name in files}
    assert len(rows) == len(files) == 12


def test_the_losses_are_those_of_the_decoded_files(shared_run):
    view = small_pair().views[0]
    points = {point["file"]: point for point in shared_run.points}
    for row in shared_run.summary["share"]:
        point = points[shared_run.summary["chosen"][row["chosen"]]]
        sound = load_audio(shared_run.folder / row["file"], sample_rate=SMALL.sample_rate)
        mid = sound.mean(dim=0)[: view.stft.length] / 10 ** (point["gain_db"] / 20)
        assert view.losses(mid) == pytest.approx(row["replayed"], abs=1e-4)
        # Delayed by a frame, a picture is gone; coded, these still show most of it.
        assert row["replayed"][0] < point["replayed"][0] + 0.25
        if row["codec"] == "MP3 320":
            assert row["replayed"] == pytest.approx(point["replayed"], abs=0.1)


def test_the_table_tells_of_each(shared_run):
    table = table_of(shared_run)
    (line,) = (line for line in table.splitlines() if line.lstrip().startswith("MP3 320"))
    balanced = next(
        row
        for row in shared_run.summary["share"]
        if (row["chosen"], row["codec"]) == ("balanced", "MP3 320")
    )
    assert f"{balanced['replayed'][0]:.4f}" in line.split()[2:][2]
    assert "share/" in table and all(len(line) <= 80 for line in table.splitlines()[:25])


def test_without_it_nothing_is_shared(first_run):
    assert first_run.summary["share"] == []
    assert not (first_run.folder / "share").exists()
    assert "shared as" not in table_of(first_run)
