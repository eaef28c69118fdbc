"""The two losses of a mask: exact, and estimated cheaply enough to search with.

visual = 1 - SSIM(normalised X, P), audio = the mixture's difference of X from A (see
`moss.signal.hearing`); both are minimised.
"""

from typing import Protocol

import torch
from torch.nn.functional import pad

from moss.blending.mask import MaskBasis
from moss.blending.mixing import Mixture, lean_share, lean_slope
from moss.signal.replay import visual_loss
from moss.signal.similarity import (
    SSIM,
    WINDOW_SIZE,
    gaussian_window,
    ssim_derivatives,
    ssim_of_moments,
)

WINDOW_STRIDE = 4  # of the estimators' SSIM windows, in bins on both axes


class ExactLosses:
    """The reported losses of a grid: of all windows and bins, without approximation."""

    def __init__(self, mixture: Mixture, basis: MaskBasis):
        self._mixture, self._basis = mixture, basis
        self._similarity = SSIM(mixture.picture)

    def __call__(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return (visual loss, audio loss) of `grid` (height, width) in [0, 1]."""
        mixture = self._mixture
        mixed = mixture.in_band(self._basis.mask(grid))
        visual = visual_loss(mixture.display.normalised(mixed), self._similarity)
        whole = mixture.audio.clone()
        whole[mixture.band] = mixed
        return visual, mixture.difference(whole.T)


class Estimator(Protocol):
    """What a search needs to know of its two losses."""

    def losses(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return the estimated (visual loss, audio loss) of `grid` (height, width)."""

    def gradient(self, grid: torch.Tensor, audio_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of visual + audio_weight * audio at `grid`."""

    def constant_cells(self, levels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return SSIM and audio loss of constant masks, pooled to cells: (n, height, width) each.

        Their sums over cells are the SSIM and the audio loss of the n constant masks `levels`.
        """


class LogMixingEstimator:
    """Losses and gradients under log mixing, in closed form.

    A mask blurred with a few bins' sigma is nearly a plane inside an 11 x 11 SSIM window:
    M = m + v g_f + u g_t around the window's centre. X = a + M d (a the audio, d = image -
    audio, both normalised) then has window moments that are polynomials in (m, g_f, g_t),
    whose coefficients are Gaussian-weighted means of a, d, P and their products with u and v,
    computed once. m, g_f, g_t are the plane's weighted least-squares fit and linear in the
    grid. Against exact SSIM the error is under 0.001 with the published loss (a constant
    instead of a plane: up to 0.02). Where the picture leans, each window's mean moves by
    lean_share(m) times its mean lean; where white is low, what of the track is brighter counts as
    white from the start. Both together cost up to 0.03. The audio loss is a sum over cells of what
    a few levels of a constant mask cost there, straight between them: exact for the published
    loss, which is linear in the grid.
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis):
        audio, image, picture = mixture.audio_in_band, mixture.image, mixture.picture
        self._audio_by_level = _audio_by_level(
            mixture, basis, torch.linspace(0, 1, mixture.difference.levels)
        )
        self._audio_slopes = self._audio_by_level.diff(dim=0) * (len(self._audio_by_level) - 1)

        span = mixture.display.high - mixture.display.low
        a = mixture.display.normalised(audio)
        d = (image - mixture.display.low) / span - a
        weights = torch.tensor(gaussian_window(), device=a.device)
        offsets = torch.arange(WINDOW_SIZE, device=a.device, dtype=a.dtype) - WINDOW_SIZE // 2
        variance = (weights * offsets**2).sum()
        kernels = [weights, weights * offsets, weights * offsets**2]
        freq = [_window_matrix(a.shape[0], kernel) for kernel in kernels]
        time = [_window_matrix(a.shape[1], kernel).T for kernel in kernels]

        def mean(x: torch.Tensor, v: int = 0, u: int = 0) -> torch.Tensor:
            """Return E[v^v u^u x] in every window; v runs along frequency, u along time."""
            return freq[v] @ x @ time[u]

        dd, ad, dp = d * d, 2 * a * d, d * picture
        self._a, self._aa, self._ap = mean(a), mean(a * a), mean(a * picture)
        self._d = mean(d), mean(d, 1, 0), mean(d, 0, 1)
        self._ad = mean(ad), mean(ad, 1, 0), mean(ad, 0, 1)
        self._dp = mean(dp), mean(dp, 1, 0), mean(dp, 0, 1)
        self._dd, self._dd_v, self._dd_u = mean(dd), 2 * mean(dd, 1, 0), 2 * mean(dd, 0, 1)
        self._dd_vv, self._dd_uu, self._dd_vu = mean(dd, 2, 0), mean(dd, 0, 2), 2 * mean(dd, 1, 1)
        self._p = mean(picture)
        self._lean = None if mixture.lean is None else mean(mixture.lean / span)
        self._p_variance = mean(picture * picture) - self._p**2

        # The plane that fits a mask best in each window, from the grid: value and two slopes.
        self._freq_mean, self._freq_slope = freq[0] @ basis.freq, freq[1] @ basis.freq / variance
        self._time_mean = basis.time.T @ time[0]
        self._time_slope = basis.time.T @ time[1] / variance

    def losses(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return the (visual loss, audio loss) of `grid` (height, width)."""
        x, xx, xy = self._moments(*self._planes(grid))
        score = ssim_of_moments(x, xx, xy, self._p, self._p_variance)
        return 1 - score.mean().item(), self._audio_at(grid)[0].sum().item()

    def gradient(self, grid: torch.Tensor, audio_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of visual + audio_weight * audio at `grid`."""
        m, g_f, g_t = self._planes(grid)
        x, xx, xy = self._moments(m, g_f, g_t)
        score, by_x, by_xx, by_xy = ssim_derivatives(x, xx, xy, self._p, self._p_variance)
        by_m: torch.Tensor | float = 0.0
        if self._lean is not None:
            by_lean = torch.addcmul(by_x, x, by_xx, value=2).addcmul_(self._p, by_xy)
            by_m = by_lean.mul_(lean_slope(m)).mul_(self._lean)
            by_x = by_x.addcmul(lean_share(m).mul_(self._lean), by_xx, value=2)
        by_m = by_m + by_x * self._d[0]
        by_m.addcmul_(by_xy, self._dp[0])
        inner = torch.addcmul(self._ad[0], m, self._dd, value=2)
        inner.addcmul_(g_f, self._dd_v).addcmul_(g_t, self._dd_u)
        by_m.addcmul_(by_xx, inner)
        by_f = by_x * self._d[1]
        by_f.addcmul_(by_xy, self._dp[1])
        inner = torch.addcmul(self._ad[1], m, self._dd_v)
        inner.addcmul_(g_f, self._dd_vv, value=2).addcmul_(g_t, self._dd_vu)
        by_f.addcmul_(by_xx, inner)
        by_t = by_x * self._d[2]
        by_t.addcmul_(by_xy, self._dp[2])
        inner = torch.addcmul(self._ad[2], m, self._dd_u)
        inner.addcmul_(g_t, self._dd_uu, value=2).addcmul_(g_f, self._dd_vu)
        by_t.addcmul_(by_xx, inner)
        by_grid = (self._freq_mean.T @ by_m + self._freq_slope.T @ by_f) @ self._time_mean.T
        by_grid += self._freq_mean.T @ by_t @ self._time_slope.T
        return audio_weight * self._audio_at(grid)[1] - by_grid / score.numel()

    def constant_cells(self, levels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return SSIM and audio loss of constant masks, pooled to cells: (n, height, width)."""
        flat = torch.zeros_like(self._a)
        pooled = []
        for level in levels.tolist():
            x, xx, xy = self._moments(flat + level, flat, flat)
            score = ssim_of_moments(x, xx, xy, self._p, self._p_variance)
            pooled.append(self._freq_mean.T @ (score / score.numel()) @ self._time_mean.T)
        constant = levels.to(flat.device)[:, None, None].expand(-1, *self._audio_slopes.shape[1:])
        return torch.stack(pooled), torch.stack([self._audio_at(grid)[0] for grid in constant])

    def _audio_at(self, grid: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the audio loss of each cell and its slope there, both (height, width)."""
        intervals = len(self._audio_slopes)
        if intervals == 1:
            return grid * self._audio_slopes[0], self._audio_slopes[0]
        below = (grid * intervals).floor_().clamp_(0, intervals - 1)
        index = below.long()[None]
        slope = self._audio_slopes.gather(0, index)[0]
        at_level = self._audio_by_level.gather(0, index)[0]
        return at_level.addcmul(slope, grid - below / intervals), slope

    def _planes(self, grid: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, slope = grid @ self._time_mean, grid @ self._time_slope
        return (
            self._freq_mean @ mean,
            self._freq_slope @ mean,
            self._freq_mean @ slope,
        )

    def _moments(
        self, m: torch.Tensor, g_f: torch.Tensor, g_t: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        x = torch.addcmul(self._a, m, self._d[0])
        x.addcmul_(g_f, self._d[1]).addcmul_(g_t, self._d[2])
        xy = torch.addcmul(self._ap, m, self._dp[0])
        xy.addcmul_(g_f, self._dp[1]).addcmul_(g_t, self._dp[2])
        by_m = torch.addcmul(self._ad[0], m, self._dd)
        by_m.addcmul_(g_f, self._dd_v).addcmul_(g_t, self._dd_u)
        by_f = torch.addcmul(self._ad[1], g_f, self._dd_vv).addcmul_(g_t, self._dd_vu)
        by_t = torch.addcmul(self._ad[2], g_t, self._dd_uu)
        xx = torch.addcmul(self._aa, m, by_m).addcmul_(g_f, by_f).addcmul_(g_t, by_t)
        if self._lean is not None:
            lean = lean_share(m) * self._lean
            xx.addcmul_(lean, x, value=2).addcmul_(lean, lean)
            x.add_(lean)
            xy.addcmul_(lean, self._p)
        return x, xx, xy


class AutogradEstimator:
    """Losses and gradients of any mixing, from every `WINDOW_STRIDE`-th SSIM window.

    The whole mixed spectrogram is computed for each candidate, so this is several times slower
    than the closed form; its only error is the subsampling of windows, about 0.002.
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis):
        self._mixture, self._basis = mixture, basis
        self._similarity = SSIM(mixture.picture)

    def losses(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return the (visual loss, audio loss) of `grid` (height, width)."""
        mixed = self._mixture.in_band(self._basis.mask(grid))
        normalised = self._mixture.display.normalised(mixed)
        similarity, _ = self._similarity.value_and_gradient(normalised, WINDOW_STRIDE)
        return 1 - similarity, self._mixture.difference(self._whole(mixed))

    def gradient(self, grid: torch.Tensor, audio_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of visual + audio_weight * audio at `grid`."""
        grid = grid.detach().requires_grad_()
        with torch.enable_grad():
            mixed = self._mixture.in_band(self._basis.mask(grid))
            normalised = self._mixture.display.normalised(mixed)
            _, by_picture = self._similarity.value_and_gradient(normalised.detach(), WINDOW_STRIDE)
            _, by_sound = self._mixture.difference.value_and_gradient(self._whole(mixed.detach()))
            by_sound = by_sound.T[self._mixture.band]
            # Inner products have the two gradients without SSIM and the ear in the graph.
            surrogate = audio_weight * (mixed * by_sound).sum() - (normalised * by_picture).sum()
            return torch.autograd.grad(surrogate, grid)[0]

    def constant_cells(self, levels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return SSIM and audio loss of constant masks, pooled to cells: (n, height, width)."""
        similar = []
        for level in levels.tolist():
            mask = torch.full_like(self._mixture.picture, level)
            mixed = self._mixture.in_band(mask)
            score = self._similarity.window_scores(self._mixture.display.normalised(mixed))
            centred = pad(score / score.numel(), (WINDOW_SIZE // 2,) * 4)
            similar.append(self._basis.adjoint(centred))
        distant = _audio_by_level(self._mixture, self._basis, levels)
        return torch.stack(similar), distant

    def _whole(self, mixed: torch.Tensor) -> torch.Tensor:
        """Return the log magnitude (time, freq) with `mixed` (band, time) in the band."""
        whole = self._mixture.audio.clone()
        whole[self._mixture.band] = mixed
        return whole.T


def estimator_for(mixture: Mixture, basis: MaskBasis) -> Estimator:
    """Return the cheapest estimator there is for the mixture's kind of mixing."""
    if mixture.mixing == "log":
        return LogMixingEstimator(mixture, basis)
    return AutogradEstimator(mixture, basis)


def _audio_by_level(mixture: Mixture, basis: MaskBasis, levels: torch.Tensor) -> torch.Tensor:
    """Return the audio loss of the constant masks `levels`, pooled to cells."""
    pooled = []
    for level in levels.tolist():
        mixed = mixture.log_magnitude(torch.full_like(mixture.picture, level))
        pooled.append(basis.adjoint(mixture.difference.by_bin(mixed.T).T[mixture.band]))
    return torch.stack(pooled)


def _window_matrix(size: int, kernel: torch.Tensor) -> torch.Tensor:
    """Return the (windows, size) matrix that weighs every `WINDOW_STRIDE`-th window."""
    first = torch.arange(0, size - WINDOW_SIZE + 1, WINDOW_STRIDE, device=kernel.device)
    matrix = torch.zeros(len(first), size, device=kernel.device)
    rows = torch.arange(len(first), device=kernel.device)
    for j in range(WINDOW_SIZE):
        matrix[rows, first + j] = kernel[j]
    return matrix
