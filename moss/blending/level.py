"""How loud a picture is drawn: tried on a piece of the track before the search begins.

A viewer has knobs for brightness and range, so a picture drawn lower shows as well. Where it is
bright, it is then noise so much quieter; where it is dark, a narrow range would lift its black and
blur what is fine in it. Which is better depends on both, so a few levels are tried.
"""

import torch

from moss.blending.mask import MaskBasis
from moss.blending.mixing import Mixture, mixture_of
from moss.blending.objectives import estimator_for
from moss.blending.seeding import CellSolver
from moss.parallel import workers
from moss.phase.griffin_lim import griffin_lim
from moss.settings.blend import BlendSettings
from moss.signal.hearing import LoudnessDifference
from moss.signal.replay import visual_loss
from moss.signal.similarity import SSIM
from moss.signal.spectrogram import DB_PER_NEPER, HEADROOM_NATS, STFT

# White under the loudest bin and the range, in nats. Black always lies 100 to 110 dB under the
# loudest bin: over the rounding noise of 24 bits, and inside what viewers show. White is at most
# 40 dB down, as far as a viewer's brightness is turned up without trouble.
LEVELS = ((HEADROOM_NATS, 12.0), (3.0, 9.5), (4.6, 6.5))
PUBLISHED_LEVEL = LEVELS[0]
EXCERPT_S = 3.0  # from the middle of the part
STEPS = 12  # of Griffin-Lim: enough to tell which level replays better
# Of the heard difference, as a share of the track's loudness: about where sounds are half picture.
AUDIO_WEIGHTS = (0.5, 2.0, 5.0)


def chosen_level(
    analysed: torch.Tensor, picture: torch.Tensor, settings: BlendSettings
) -> tuple[float, float]:
    """Return how far white lies under the loudest bin and the range below it, both in nats.

    What the settings say stays; what they leave open is chosen. For the published loss that is the
    published level.

    Parameters
    ----------
    analysed : Tensor, (samples,)
        What is analysed of the track.
    picture : Tensor, (band, time)
        The picture in [0, 1].
    """
    white_db, range_nats = settings.white_db, settings.range_nats
    candidates = PUBLISHED_LEVEL, *LEVELS[1:]
    levels = list(
        dict.fromkeys(
            (
                white if white_db is None else white_db / DB_PER_NEPER,
                span if range_nats is None else range_nats,
            )
            for white, span in candidates
        )
    )
    if len(levels) == 1 or settings.audio_loss == "log" or settings.mixing == "linear":
        return levels[0]
    excerpt, columns = _excerpt(analysed, picture, settings)
    if not excerpt.any():
        return levels[0]
    with workers() as pool:
        costs = pool.map(lambda level: _cost(excerpt, columns, level, settings), levels)
    return levels[min(range(len(levels)), key=costs.__getitem__)]


def _excerpt(
    analysed: torch.Tensor, picture: torch.Tensor, settings: BlendSettings
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the samples and the columns in the middle of the first channel with a picture."""
    hop = settings.hop_length
    length = len(analysed) - settings.carrier_starts[-1]
    wanted = min(length, round(EXCERPT_S * settings.analysis_rate)) // hop * hop
    first = (length - wanted) // (2 * hop)
    samples = analysed[first * hop : first * hop + wanted]
    return samples, picture[:, first : first + wanted // hop + 1].contiguous()


def _cost(
    samples: torch.Tensor,
    picture: torch.Tensor,
    level: tuple[float, float],
    settings: BlendSettings,
) -> float:
    """Return visual loss + weight * heard difference of what is replayed, over all weights."""
    stft = STFT(len(samples), settings.n_fft, settings.hop_length)
    white, span = level
    mixture = mixture_of(
        stft.log_magnitude(samples).contiguous(),
        picture,
        settings.band,
        range_nats=span,
        white_nats=white,
        gamma=settings.gamma,
        audio_loss="heard",
        sample_rate=settings.analysis_rate,
    )
    height, width = settings.grid_shape
    height_of_band, frames = picture.shape
    cells = max(2, min(frames, round(width * frames / _frames(settings))))
    basis = MaskBasis((height_of_band, frames), (height, cells), settings.smoothing_sigma)
    solve = CellSolver(estimator_for(mixture, basis))
    similarity = SSIM(mixture.picture.T.contiguous())
    heard = LoudnessDifference(mixture.audio.T.contiguous(), settings.analysis_rate)
    return sum(
        _replayed_cost(
            weight,
            mixture,
            basis.mask(solve(weight * mixture.unit)),
            stft,
            samples,
            similarity,
            heard,
        )
        for weight in AUDIO_WEIGHTS
    )


def _frames(settings: BlendSettings) -> int:
    return settings.frames_in(settings.duration_s) * len(settings.carrier_starts)


def _replayed_cost(
    weight: float,
    mixture: Mixture,
    mask: torch.Tensor,
    stft: STFT,
    samples: torch.Tensor,
    similarity: SSIM,
    heard: LoudnessDifference,
) -> float:
    magnitude = mixture.log_magnitude(mask).exp_().T.contiguous().T
    sound = griffin_lim(stft, magnitude, samples, STEPS)
    replayed = stft.log_magnitude(sound).T
    shown = mixture.display.normalised(replayed[:, mixture.band])
    return visual_loss(shown, similarity) + weight * heard(replayed)
