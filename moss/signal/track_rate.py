"""A sound at the analysis' rate comes back to the track's, and from there to the analysis'.

What the picture changed is added to the track.

What lies above the analysis, and whatever the picture left alone, stays the track's own samples.
"""

import torch
from torch.nn.functional import pad

from moss.media.resampling import frames_per_sample, resampled


def at_track_rate(
    track: torch.Tensor,
    analysed: torch.Tensor,
    sound: torch.Tensor,
    track_rate: int,
    sample_rate: int,
    *,
    track_first: int = 0,
    first: int = 0,
) -> torch.Tensor:
    """Return `track` with what `sound` differs in from `analysed`, resampled to the track's rate.

    y = track + resample(sound - analysed), by the filter with which `moss.media.load_audio` made
    `analysed`. Where the two are equal, y is the track exactly; frequencies that they have in
    common, or that the analysis does not reach, keep the track's within the filter's -100 dB.

    Parameters
    ----------
    track : (channels, samples) at `track_rate`, the part of the track.
    analysed, sound : (channels, samples) at `sample_rate`, the part as it was analysed and what
        became of it; with one channel, the difference goes into all channels of the track.
    track_first, first : the samples of the whole track, at its rate and at the analysis', that
        `track` and `analysed` begin with. Rates of which both beginnings are no whole moment
        would else shift the picture by a part of a sample.
    """
    difference = sound - analysed
    # So many samples at `sample_rate` for each at the track's. Filled up to a sample that lies
    # on both grids, the difference is resampled in step with the track.
    ratio = 1 / frames_per_sample(track_rate, sample_rate)
    periods = first // ratio.numerator
    difference = pad(difference, (first - periods * ratio.numerator, 0))
    begin = track_first - periods * ratio.denominator
    change = resampled(difference, ratio)[..., max(0, begin) :]
    change = pad(change, (max(0, -begin), 0))[..., : track.shape[-1]]
    return track + pad(change, (0, track.shape[-1] - change.shape[-1]))


def at_analysis_rate(
    sound: torch.Tensor,
    track_rate: int,
    sample_rate: int,
    samples: int,
    *,
    track_first: int = 0,
    first: int = 0,
) -> torch.Tensor:
    """Return what `at_track_rate` made a `sound` of, as `moss.media.load_audio` would load it.

    It has so many `samples` at `sample_rate`, and before its beginning and after its end there is
    silence.
    """
    ratio = frames_per_sample(track_rate, sample_rate)
    periods = min(track_first // ratio.numerator, first // ratio.denominator)
    begin = first - periods * ratio.denominator
    sound = pad(sound, (track_first - periods * ratio.numerator, 0))
    found = resampled(sound, ratio)[..., begin : begin + samples]
    return pad(found, (0, samples - found.shape[-1]))
