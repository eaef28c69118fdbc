"""Lossy files of a run's picks, for sharing, and what each still shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import pad

from moss.blending.prepared import Prepared
from moss.media import load_audio, read_audio
from moss.media.coding import Codec, write_coded
from moss.results import names
from moss.results.picks import Pick

SHARED = (Codec("MP3", 320), Codec("MP3", 192), Codec("AAC", 256), Codec("Opus", 160))


def share(pick: Pick, codec: Codec, prepared: Prepared, folder: Path) -> dict[str, Any]:
    """Write a lossy copy of a pick into the `folder` of its run; return what the summary says."""
    file = names.shared_sound(pick.name, codec.file_ending)
    figures = write_shared(folder / file, pick.file, pick.gain, codec, prepared, pick.tags)
    return {"file": file, "chosen": pick.name} | figures


def write_shared(
    path: Path, sound: Path, gain: float, codec: Codec, prepared: Prepared, tags: Mapping[str, str]
) -> dict[str, Any]:
    """Code the finished file `sound` as the file `path`, and return what that replays.

    Parameters
    ----------
    path : of the coded file, which is decoded again to be measured.
    sound : the file of a sound at the level of the track times `gain`.
    prepared : what the sound was made of, which knows its losses.
    tags : of the coded file.
    """
    waveform, sample_rate = read_audio(sound)
    write_coded(path, waveform, sample_rate, codec, tags)
    decoded = _decoded(path, sample_rate, waveform.shape[1])
    return {
        "codec": str(codec),
        "replayed": list(prepared.losses(prepared.at_analysis_rate(decoded / gain))),
    }


def _decoded(path: Path, sample_rate: int, length: int) -> torch.Tensor:
    """Return the sound of a coded file, (channels, length); decoders may add or drop an end."""
    decoded = load_audio(
        path, sample_rate=sample_rate, duration_s=length / sample_rate, may_be_silent=True
    )
    return pad(decoded, (0, length - decoded.shape[1]))
