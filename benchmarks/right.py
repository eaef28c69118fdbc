"""Whether the sounds that came back belong to the inputs that were sent."""

import json
from pathlib import Path

import numpy as np

from moss.blending.prepare import prepare
from moss.media import read_audio, sha256_of
from moss.settings.presets import blend_settings

LEAST_CORRELATION = 0.999  # of pure music and the track: 16 bits are all that is between them
LOSS_TOLERANCE = 1e-3  # of the picture's loss; the summary's has all its digits


def wrong_with(
    picture: Path, track: Path, settings: dict, sounds: list[Path], summary: Path
) -> list[str]:
    """Return what shows that a run's files were not made from these inputs; [] where nothing does.

    `settings` are changes of the preset quick, `sounds` the WAV files from music to picture. The
    first has to be the track but for its gain, and the last one's visual loss, measured here with
    `picture`, has to be the one that the summary tells.
    """
    told = json.loads(summary.read_text(encoding="utf-8"))
    prepared = prepare(picture, track, blend_settings("quick", **settings))
    wrong = [
        f"the summary names another {kind}"
        for kind, path in (("picture", picture), ("audio", track))
        if told["inputs"][kind]["sha256"] != sha256_of(path)
    ]
    if told["settings"] != prepared.settings.as_dict():
        wrong.append("the summary has other settings")
    count = len(told["points"])
    if len(sounds) != count:
        return [*wrong, f"{len(sounds)} sounds came, where the summary tells of {count}"]
    first, last = read_audio(sounds[0])[0], read_audio(sounds[-1])[0]
    if first.shape != prepared.waveform.shape or last.shape != first.shape:
        return [*wrong, "the sounds are not as long as the track"]
    same = np.corrcoef(first.flatten().numpy(), prepared.waveform.flatten().numpy())[0, 1]
    if told["points"][0]["designed"][1] != 0 or not same > LEAST_CORRELATION:
        wrong.append(f"the first sound is not the track (correlation {same:.4f})")
    point = told["points"][-1]
    visual, _ = prepared.views[0].losses(last.mean(dim=0) / 10 ** (point["gain_db"] / 20))
    if not abs(visual - point["replayed"][0]) < LOSS_TOLERANCE:
        wrong.append(f"the last sound's loss is {visual:.4f}, not {point['replayed'][0]:.4f}")
    return wrong
