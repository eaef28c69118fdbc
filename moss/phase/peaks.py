"""A sound's peaks become lower in its phases, so that its spectrogram stays what it was."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch.nn.functional import avg_pool1d, interpolate, max_pool1d
from torchaudio.functional import resample

from moss.parallel import check_cancelled
from moss.phase.descent import descend_on_losses
from moss.phase.griffin_lim import MOMENTUM, with_magnitude
from moss.signal.loudness import OVERSAMPLING
from moss.signal.replay import View

# Measured on a bright picture: more steps of either lower the visual loss by less than 0.002.
GRIFFIN_LIM_STEPS = 12
DESCENT_STEPS = 16
OVERSHOOT = 1.5  # what is cut out is band-limited afterwards, which takes a third off its height
AT_ONCE = 1 << 20  # samples that are oversampled together, 47 s: four times as many are much memory
REACH = 32  # samples, more than oversampling and its way back look at
# Around a peak that is too high, in windows: so far phases change as they like, so far that fades,
# and so far they stay but are looked at, which is more than SSIM reaches.
FREE_WINDOWS, FADE_WINDOWS, LOOK_WINDOWS = 6, 4, 3
MOST_SHARE = 0.7  # of a sound: where the surroundings of peaks are more, all of it is worked on


def limited(waveform: torch.Tensor, room: torch.Tensor) -> torch.Tensor:
    """Return `waveform` (length,) less what of it passes `room`, between the samples too.

    `room` is the greatest absolute value, a scalar or (4 * length,): four times oversampled, as
    the true peak of BS.1770-4 is measured. What passes it is brought back to the sample rate and
    taken away, known as peak cancellation; a little may be left.
    """
    out = torch.empty_like(waveform)
    for around, kept in _pieces(len(waveform)):
        piece = waveform[around]
        of_piece = slice(OVERSAMPLING * around.start, OVERSAMPLING * around.stop)
        most = room[of_piece] if room.dim() else room
        oversampled = resample(piece, 1, OVERSAMPLING)
        over = oversampled.sub_(oversampled.clamp(-most, most))
        out[kept] = (piece - OVERSHOOT * resample(over, OVERSAMPLING, 1))[_within(kept, around)]
    return out


def with_lower_peaks(
    views: Sequence[View],
    waveform: torch.Tensor,
    limit: float,
    audio_weight: float,
    generator: torch.Generator,
    rest: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return `waveform` (length,) with peaks of about `limit`, and nearly its spectrogram.

    Griffin-Lim with momentum goes back and forth between the sounds that have the magnitude of
    `waveform` and those that stay within `limit`. A descent on the losses then repairs what is
    seen best; its steps are too small to bring peaks back, so the limit comes once more at its
    end. The same search between two sets lowers the peaks of multitone signals: E. Van der
    Ouderaa, J. Schoukens, J. Renneboog, "Peak factor minimization using a time-frequency domain
    swapping algorithm", IEEE TIM 37(1), 1988. Only what lies around peaks that are too high
    changes, a second or so on both sides, unless that is nearly all.

    Parameters
    ----------
    views : sequence of View
        Whose losses the descent looks at; the first one's magnitude is kept.
    waveform : Tensor, (length,)
        Stays as it is.
    limit : float
        The greatest absolute value that |waveform| + |rest| should have.
    audio_weight : float
        Of the audio loss in the descent.
    generator : torch.Generator
        Draws the descent's windows.
    rest : Tensor, (length,), optional
        What is added to the waveform in one channel and taken from it in the other.
    """
    free, near = _around_peaks(views, waveform, limit, rest)
    if len(near) > MOST_SHARE * len(waveform):
        room = _room_beside(rest, limit, waveform)
        return _pressed(views, waveform, room, audio_weight, generator)
    if not len(near):
        return waveform
    views, before = [view.at(near) for view in views], waveform[near]
    room = _room_beside(None if rest is None else rest[near], limit, waveform)
    made = _pressed(views, before, room, audio_weight, generator, free[near])
    return waveform.index_copy(0, near, made)


def _room_beside(rest: torch.Tensor | None, limit: float, like: torch.Tensor) -> torch.Tensor:
    """Return what `rest` (length,) leaves of the limit, as `limited` takes it."""
    room = like.new_tensor(limit)
    if rest is None:
        return room
    return (room - resample(rest, 1, OVERSAMPLING).abs_()).clamp_min_(0)


def _pressed(
    views: Sequence[View],
    waveform: torch.Tensor,
    room: torch.Tensor,
    audio_weight: float,
    generator: torch.Generator,
    free: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return `waveform` (length,) within `room`, and nearly with its spectrogram.

    Where `free` (length,), between 0 and 1, is given, the waveform stays the more the less it is.
    """

    def changed(made: torch.Tensor) -> torch.Tensor:
        made = limited(made, room)
        return made if free is None else torch.lerp(waveform, made, free)

    stft = views[0].stft
    magnitude = stft.log_magnitude(waveform).exp_()
    made = ahead = changed(waveform)
    for _ in range(GRIFFIN_LIM_STEPS):
        check_cancelled()
        previous, made = made, changed(with_magnitude(stft, magnitude, ahead))
        ahead = torch.add(made, made - previous, alpha=MOMENTUM)
    return changed(descend_on_losses(views, made, audio_weight, DESCENT_STEPS, generator))


def _around_peaks(
    views: Sequence[View], waveform: torch.Tensor, limit: float, rest: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return how free each sample (length,) is to change, and the samples (n,) to look at.

    The latter are runs around what passes the limit, which begin at frames of all views.
    """
    step, length = math.lcm(*(view.stft.hop_length for view in views)), len(waveform)
    padded = torch.zeros(-(-length // step), step, dtype=torch.bool, device=waveform.device)
    for around, kept in _pieces(length):
        room = _room_beside(None if rest is None else rest[around], limit, waveform)
        over = resample(waveform[around], 1, OVERSAMPLING).abs_() > room
        padded.view(-1)[kept] = over.view(-1, OVERSAMPLING).any(dim=1)[_within(kept, around)]
    is_high = padded.any(dim=1).to(waveform.dtype)[None]
    window = max(view.stft.n_fft for view in views)
    within, fade, look = (
        math.ceil(windows * window / step)
        for windows in (FREE_WINDOWS, FADE_WINDOWS // 2, LOOK_WINDOWS)
    )
    wide = _widened(is_high, within + fade)
    free = avg_pool1d(wide, 2 * fade + 1, 1, fade, count_include_pad=False)
    free = interpolate(free[None], padded.shape[0] * step, mode="linear")[0, 0, :length]
    near = _widened(is_high, within + 2 * fade + look)[0] > 0
    return free, near.repeat_interleave(step)[:length].nonzero()[:, 0]


def _pieces(length: int) -> Iterator[tuple[slice, slice]]:
    """Yield pieces of `length` samples with what reaches into them, and without."""
    for start in range(0, length, AT_ONCE):
        stop = min(start + AT_ONCE, length)
        yield slice(max(0, start - REACH), min(stop + REACH, length)), slice(start, stop)


def _within(inner: slice, outer: slice) -> slice:
    """Return where `inner` lies in `outer`."""
    return slice(inner.start - outer.start, inner.stop - outer.start)


def _widened(values: torch.Tensor, reach: int) -> torch.Tensor:
    """Return the greatest of `values` (1, n) within `reach` of each."""
    return max_pool1d(values, 2 * reach + 1, 1, reach)
