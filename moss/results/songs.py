"""The whole track with a sound in the place of its part: a song, outside of the part as it was."""

from pathlib import Path
from typing import Any

import torch

from moss.blending.prepared import Prepared
from moss.blending.track import TrackPart
from moss.media import load_whole, write_audio
from moss.media.tags import copy_cover
from moss.results import names
from moss.results.picks import Pick
from moss.signal.joining import joined
from moss.signal.loudness import PEAK_CEILING, SILENCE_LUFS, decibels, level_of
from moss.signal.noise_shaping import quantise

FADE_S = 0.05  # long enough for no click, and shorter than a note


class Songs:
    """Writes songs of the track that `prepared` has a part of, one at a time.

    It holds the whole track, 4 bytes for every sample of every channel, and a file's bytes while it
    is written: for ten minutes of stereo at 44.1 kHz a run of the preset quick takes 1.3 GB at
    most, 0.4 GB more than without its songs.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._prepared, settings = prepared, prepared.settings
        self._source = Path(prepared.inputs["audio"]["path"])
        self._whole, self._rate = load_whole(self._source)
        # What a lossy track has over full scale, no file of whole numbers holds.
        self._whole.clamp_(-1, 1)
        rates = self._rate / settings.analysis_rate
        begin = round(settings.start_s * self._rate)
        self._part = slice(begin, begin + round(prepared.waveform.shape[1] * rates))
        self._track = self._whole[:, self._part].clone()
        self._level = level_of(self._track, self._rate)

    def write(self, pick: Pick, folder: Path) -> dict[str, Any]:
        """Write the song of a pick into the `folder` of its run; return what the summary says."""
        settings = self._prepared.settings
        part = TrackPart(self._track, self._rate, self._part.start)
        made = part.changed_as(pick.sound, self._prepared.waveform, settings)
        gain = self._gain(made)
        fade = round(FADE_S * self._rate)
        song = joined(self._track, gain * made, fade).clamp_(-1, 1).numpy()
        self._whole[:, self._part] = torch.from_numpy(quantise(song, settings.bit_depth))
        file = names.song(pick.name, settings.file_format)
        write_audio(folder / file, self._whole, self._rate, settings.bit_depth, pick.tags)
        copy_cover(self._source, folder / file)
        return {"file": file, "chosen": pick.name, "gain_db": decibels(gain)}

    def _gain(self, made: torch.Tensor) -> float:
        """Return what makes a part as loud as the track's is, or less where it would clip.

        Its peaks may reach as high as the track's own do.
        """
        level, wanted = level_of(made, self._rate), self._level
        gain = 1.0
        if min(level.loudness_lufs, wanted.loudness_lufs) > SILENCE_LUFS:
            gain = 10 ** ((wanted.loudness_lufs - level.loudness_lufs) / 20)
        peak, true_peak = made.abs().max().item(), level.true_peak
        highest = max(PEAK_CEILING, wanted.true_peak)
        lowered = [1 / peak, highest / true_peak] if peak > 0 and true_peak > 0 else []
        return min([gain, *lowered])
