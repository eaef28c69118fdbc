"""Files become a picture and a track laid over each other, ready to be blended."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import zip_longest

import numpy as np
import torch

from moss.blending.level import chosen_level
from moss.blending.mixing import Mixture, mixture_of
from moss.blending.notebook import notebook_mixture
from moss.blending.prepared import Prepared, hearing_of
from moss.blending.track import part_at_own_rate, with_band_of, with_rate_of
from moss.errors import InputError, about
from moss.media import load_audio, read_picture
from moss.media.files import FilePath, name_of, recorded_input
from moss.media.limits import SILENT_PEAK
from moss.parallel import workers
from moss.settings.blend import LEFT_RIGHT, BlendSettings
from moss.signal.channels import analysed_channel, carriers_of
from moss.signal.picture import picture_on_grid
from moss.signal.replay import View
from moss.signal.rows import bins_from_rows
from moss.signal.similarity import WINDOW_SIZE
from moss.signal.spectrogram import DB_PER_NEPER, STFT, DisplayRange

# What is shared by two channels, of both: codecs leave 39 to 89 dB less of opposite channels, and
# of music there is hardly ever so little. A picture would be as faint as that.
LEAST_MID = 10 ** (-35 / 20)


def prepare(
    picture: FilePath,
    audio: FilePath,
    settings: BlendSettings,
    device: str = "cpu",
    second_picture: FilePath | None = None,
) -> Prepared:
    """Decode the files and lay the picture over the track's spectrogram.

    `device` is where the computing is to be done afterwards. `second_picture` is that of the right
    channel, where left and right carry one each; unless it is given they carry the same.

    Raises
    ------
    InputError
        Files cannot be used, or the part is shorter than the analysis.
    """
    files = {"picture": picture, "audio": audio}
    if second_picture is not None:
        files["second_picture"] = second_picture
        if settings.channel != LEFT_RIGHT:
            raise InputError(
                f'A second picture is for the right channel; choose the channel "{LEFT_RIGHT}".'
            )
    pictures = []
    for kind, path in files.items():
        if kind != "audio":
            with about(kind):
                pictures.append(read_picture(path))
    lumas = [each.luma for each in pictures]
    warnings = tuple(each.warning for each in pictures if each.warning)
    with about("audio"):
        settings = with_rate_of(audio, settings)
        waveform = _part_of(audio, settings)
        settings = with_band_of(waveform, settings)
        track = part_at_own_rate(audio, waveform, settings)
    if settings.invert:
        lumas = [1 - luma for luma in lumas]
    settings = settings.for_duration(waveform.shape[1] / settings.analysis_rate)
    analysed = analysed_channel(waveform, settings)
    stft = STFT(len(analysed), settings.n_fft, settings.hop_length)
    grid_picture = _picture_on_bins(lumas, settings.band, settings.bin_hz, stft, settings)
    log_magnitude = stft.log_magnitude(analysed).contiguous()
    if settings.method == "notebook":
        mixture = notebook_mixture(
            log_magnitude,
            grid_picture,
            settings.band,
            gamma=settings.gamma,
            mixing=settings.mixing,
        )
    else:
        white_nats, range_nats = chosen_level(analysed, grid_picture, settings)
        white_db = white_nats * DB_PER_NEPER if settings.white_db is None else settings.white_db
        settings = replace(settings, white_db=white_db, range_nats=range_nats)
        mixture = _mixture(log_magnitude, grid_picture, settings)
    others = [
        _other_view(lumas, analysed, mixture, settings, window.n_fft / settings.n_fft)
        for window in settings.windows[1:]
    ]
    inputs = {kind: recorded_input(path) for kind, path in files.items()}
    return Prepared(waveform, mixture, stft, others, settings, inputs, device, track, warnings)


def _mixture(
    log_magnitude: torch.Tensor, picture: torch.Tensor, settings: BlendSettings
) -> Mixture:
    """Return the mixture at the level of the settings, with its unit.

    One thread makes it: sums over several would depend on how many there are.
    """

    def make(settings: BlendSettings) -> Mixture:
        white_db, range_nats = settings.white_db, settings.range_nats
        assert white_db is not None and range_nats is not None, "the level is chosen before"
        mixture = mixture_of(
            log_magnitude,
            picture,
            settings.band,
            range_nats=range_nats,
            white_nats=white_db / DB_PER_NEPER,
            gamma=settings.gamma,
            mixing=settings.mixing,
            audio_loss=settings.audio_loss,
            sample_rate=settings.analysis_rate,
        )
        assert mixture.difference.levels  # kept from here on, and so is its unit
        return mixture

    with workers() as pool:
        return pool.map(make, [settings])[0]


def _part_of(audio: FilePath, settings: BlendSettings) -> torch.Tensor:
    waveform = load_audio(
        audio,
        sample_rate=settings.analysis_rate,
        start_s=settings.start_s,
        duration_s=settings.duration_s,
    )
    name = name_of(audio)
    _check_length(waveform, settings, name)
    _check_mid(waveform, settings, name)
    if settings.mono:
        waveform = waveform.mean(dim=0, keepdim=True)
    _check_channels(waveform, settings.channel, name)
    return waveform


def _check_mid(waveform: torch.Tensor, settings: BlendSettings, name: str) -> None:
    """Check that the channels do not cancel each other where their mean carries the picture.

    Raises
    ------
    InputError
        They do, but for what a codec left of it.
    """
    if settings.channel != "mid" and not settings.mono:
        return
    mid = carriers_of(waveform, "mid")
    if mid.square().mean().sqrt() <= LEAST_MID * waveform.square().mean().sqrt():
        works = 'choose the channel "side"' + (" and no mixing down" if settings.mono else "")
        raise InputError(
            f"The two channels of {name} are opposite and cancel each other, so hardly anything "
            f"that they share is left to blend; {works}, or give another track."
        )


def _check_channels(waveform: torch.Tensor, channel: str, name: str) -> None:
    if channel != "mid" and len(waveform) == 1:
        raise InputError(
            f'{name} is mono and has no "{channel}"; give a stereo track, or choose the channel '
            '"mid".'
        )
    if channel == "side" and carriers_of(waveform, channel).abs().max() < SILENT_PEAK:
        raise InputError(
            f"The two channels of {name} are the same, so there is no side for the picture; give "
            'a track whose channels differ, or choose the channel "mid".'
        )


def _check_length(waveform: torch.Tensor, settings: BlendSettings, name: str) -> None:
    hop = max(window.hop_length for window in settings.windows)
    needed = max(settings.n_fft, (WINDOW_SIZE - 1) * hop)
    if waveform.shape[1] < needed:
        raise InputError(
            f"The part of {name} is {waveform.shape[1] / settings.analysis_rate:.3g} s long; "
            f"at least {math.ceil(1000 * needed / settings.analysis_rate) / 1000:g} s are needed."
        )
    frames = 1 + waveform.shape[1] // settings.hop_length
    if settings.grid_width and settings.grid_width > frames:
        raise InputError(
            f"The mask grid is {settings.grid_width} cells wide, but the part of {name} has "
            f"{frames} spectrogram frames; use a smaller grid width."
        )


def _picture_on_bins(
    lumas: list[np.ndarray], band: slice, bin_hz: float, stft: STFT, settings: BlendSettings
) -> torch.Tensor:
    """Return brightness (band, time): the carriers' pictures, and black between them.

    The rows of each lie on the scale of the settings. Where pictures are too few, the last one is
    repeated.
    """
    rows = band.stop - band.start
    firsts = [start // stft.hop_length for start in settings.carrier_starts]
    frames = stft.frames - firsts[-1]
    whole = torch.zeros(rows, stft.frames)
    resampling = "bilinear" if settings.method == "notebook" else "lanczos"
    for first, luma in zip_longest(firsts, lumas, fillvalue=lumas[-1]):
        whole[:, first : first + frames] = picture_on_grid(
            luma, (rows, frames), settings.fit, resampling=resampling
        )
    if settings.scale == "linear":
        return whole  # its rows are the bins
    return bins_from_rows(rows, band, bin_hz, settings) @ whole


def _other_view(
    lumas: list[np.ndarray],
    analysed: torch.Tensor,
    mixture: Mixture,
    settings: BlendSettings,
    factor: float,
) -> View:
    n_fft, hop = round(settings.n_fft * factor), round(settings.hop_length * factor)
    stft = STFT(len(analysed), n_fft, hop)
    # Noise, which is what a picture's surfaces sound like, grows with the window's square root.
    offset = 0.5 * math.log(factor)
    display = DisplayRange(mixture.display.low + offset, mixture.display.high + offset)
    band = slice(
        math.ceil(settings.band.start * factor), math.ceil((settings.band.stop - 1) * factor) + 1
    )
    picture = _picture_on_bins(lumas, band, settings.bin_hz / factor, stft, settings)
    audio = stft.log_magnitude(analysed).clamp_min(display.low)
    return View(stft, audio, picture, band, display, *hearing_of(mixture))
