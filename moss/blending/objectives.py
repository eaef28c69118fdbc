"""The two losses of a mask: exact, and estimated cheaply enough to search with.

visual = 1 - SSIM(normalised X, P), audio = the mixture's difference of X from A (see
`moss.signal.hearing`); both are minimised.
"""

from typing import Protocol

import torch
from torch.nn.functional import pad

from moss.blending.mask import MaskBasis, Tile, spans
from moss.blending.mixing import Mixture, lean_share, lean_slope
from moss.signal.similarity import (
    SSIM,
    WINDOW_SIZE,
    gaussian_window,
    ssim_derivatives,
    ssim_of_moments,
    window_matrix,
)

WINDOW_STRIDE = 4  # of the estimators' SSIM windows, in bins on both axes
OVERLAP = WINDOW_SIZE - 1  # frames that the windows of two tiles share
WINDOWS_AT_ONCE = 324  # of the estimator's along time; fewer, and threads wait for each other
EXACT_AT_ONCE = 432  # of all windows along time


class ExactLosses:
    """The reported losses of a grid: of all windows and bins, without approximation.

    A tile of frames is mixed and compared at a time, which stays near a processor's cache and
    takes no memory that grows with the length.
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis):
        self._mixture, self._basis = mixture, basis
        picture = mixture.picture
        windows = spans(picture.shape[1] - OVERLAP, EXACT_AT_ONCE, picture.device)
        self._tiles = [basis.tile(slice(span.start, span.stop + OVERLAP)) for span in windows]
        self._similarities = [SSIM(picture[:, tile.bins]) for tile in self._tiles]

    def __call__(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return (visual loss, audio loss) of `grid` (height, width) in [0, 1]."""
        mixture, masks = self._mixture, self._basis.masks(grid, self._tiles)
        similar = audio = 0.0
        windows = 0
        for tile, similarity, mask in zip(self._tiles, self._similarities, masks, strict=True):
            mixed = mixture.in_band(mask, tile.bins)
            similar += similarity.total(mixture.display.normalised(mixed))
            windows += similarity.windows
            # The frames that overlap with the next tile are the next tile's.
            once = tile.bins.stop - (0 if tile is self._tiles[-1] else OVERLAP)
            frames = slice(tile.bins.start, once)
            whole = mixture.around(mixed[:, : once - tile.bins.start], frames)
            audio += mixture.difference(whole.T, frames.start)
        return 1 - similar / windows, audio


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
    loss, which is linear in the grid. Windows come in tiles of time, whose matrices are small: a
    window depends on few cells.
    """

    def __init__(self, mixture: Mixture, basis: MaskBasis):
        self._grid_shape = basis.grid_shape
        self._audio_by_level = _audio_by_level(
            mixture, basis, torch.linspace(0, 1, mixture.difference.levels)
        )
        self._audio_slopes = self._audio_by_level.diff(dim=0) * (len(self._audio_by_level) - 1)

        rows = _WindowMeans(mixture.picture.shape[0], basis.freq)
        count = (mixture.picture.shape[1] - OVERLAP - 1) // WINDOW_STRIDE + 1
        self._tiles = []
        for span in spans(count, WINDOWS_AT_ONCE, basis.freq.device):
            last = (span.stop - 1) * WINDOW_STRIDE + WINDOW_SIZE
            tile = basis.tile(slice(span.start * WINDOW_STRIDE, last))
            self._tiles.append((tile.cells, _Windows(mixture, rows, tile)))
        self._count = sum(windows.count for _, windows in self._tiles)

    def losses(self, grid: torch.Tensor) -> tuple[float, float]:
        """Return the (visual loss, audio loss) of `grid` (height, width)."""
        similar = sum(windows.similarity(grid[:, cells]) for cells, windows in self._tiles)
        return 1 - similar / self._count, self._audio_at(grid)[0].sum().item()

    def gradient(self, grid: torch.Tensor, audio_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of visual + audio_weight * audio at `grid`."""
        by_grid = torch.zeros_like(grid)
        for cells, windows in self._tiles:
            by_grid[:, cells] += windows.gradient(grid[:, cells])
        return audio_weight * self._audio_at(grid)[1] - by_grid / self._count

    def constant_cells(self, levels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return SSIM and audio loss of constant masks, pooled to cells: (n, height, width)."""
        similar = self._audio_slopes.new_zeros(len(levels), *self._grid_shape)
        for cells, windows in self._tiles:
            for pooled, level in zip(similar, levels.tolist(), strict=True):
                pooled[:, cells] += windows.constant_cells(level) / self._count
        constant = levels.to(similar.device)[:, None, None].expand_as(similar)
        return similar, torch.stack([self._audio_at(grid)[0] for grid in constant])

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


class _WindowMeans:
    """Matrices that take means in every `WINDOW_STRIDE`-th window along one axis.

    Parameters
    ----------
    size : int
        Bins of the axis.
    weights : Tensor, (size, cells)
        What each cell of the grid adds to each bin.

    Attributes
    ----------
    kernels : E[x], E[u x] and E[u^2 x] of bins, where u runs from the window's centre.
    mean, slope : (windows, cells), of the line that fits the mask best in each window.
    """

    def __init__(self, size: int, weights: torch.Tensor):
        kernel = torch.tensor(gaussian_window(), device=weights.device)
        offsets = torch.arange(WINDOW_SIZE, device=kernel.device, dtype=kernel.dtype)
        offsets -= WINDOW_SIZE // 2
        self.kernels = [
            window_matrix(size, kernel * offsets**power, WINDOW_STRIDE) for power in range(3)
        ]
        self.mean = self.kernels[0] @ weights
        self.slope = self.kernels[1] @ weights / (kernel * offsets**2).sum()


class _Windows:
    """What `LogMixingEstimator` knows of the SSIM windows in a tile of frames."""

    def __init__(self, mixture: Mixture, rows: _WindowMeans, tile: Tile):
        frames = tile.bins
        columns = _WindowMeans(frames.stop - frames.start, tile.weights)
        picture, image = mixture.picture[:, frames], mixture.image[:, frames]
        span = mixture.display.high - mixture.display.low
        a = mixture.display.normalised(mixture.audio_in_band[:, frames])
        d = (image - mixture.display.low) / span - a

        def mean(x: torch.Tensor, v: int = 0, u: int = 0) -> torch.Tensor:
            """Return E[v^v u^u x] in every window; v runs along frequency, u along time."""
            return rows.kernels[v] @ x @ columns.kernels[u].T

        dd, ad, dp = d * d, 2 * a * d, d * picture
        self._a, self._aa, self._ap = mean(a), mean(a * a), mean(a * picture)
        self._d = mean(d), mean(d, 1, 0), mean(d, 0, 1)
        self._ad = mean(ad), mean(ad, 1, 0), mean(ad, 0, 1)
        self._dp = mean(dp), mean(dp, 1, 0), mean(dp, 0, 1)
        self._dd, self._dd_v, self._dd_u = mean(dd), 2 * mean(dd, 1, 0), 2 * mean(dd, 0, 1)
        self._dd_vv, self._dd_uu, self._dd_vu = mean(dd, 2, 0), mean(dd, 0, 2), 2 * mean(dd, 1, 1)
        self._p = mean(picture)
        self._lean = None if mixture.lean is None else mean(mixture.lean[:, frames] / span)
        self._p_variance = mean(picture * picture) - self._p**2

        # The plane that fits a mask best in each window, from the grid: value and two slopes.
        self._freq_mean, self._freq_slope = rows.mean, rows.slope
        self._time_mean, self._time_slope = (
            columns.mean.T.contiguous(),
            columns.slope.T.contiguous(),
        )
        self.count = self._a.numel()

    def similarity(self, grid: torch.Tensor) -> float:
        """Return the sum of SSIM over the windows for the tile's cells (height, cells)."""
        x, xx, xy = self._moments(*self._planes(grid))
        return ssim_of_moments(x, xx, xy, self._p, self._p_variance).sum().item()

    def gradient(self, grid: torch.Tensor) -> torch.Tensor:
        """Return the gradient (height, cells) of `similarity` at `grid`."""
        m, g_f, g_t = self._planes(grid)
        x, xx, xy = self._moments(m, g_f, g_t)
        _, by_x, by_xx, by_xy = ssim_derivatives(x, xx, xy, self._p, self._p_variance)
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
        return by_grid

    def constant_cells(self, level: float) -> torch.Tensor:
        """Return SSIM of a constant mask, pooled to the tile's cells: (height, cells)."""
        flat = torch.zeros_like(self._a)
        x, xx, xy = self._moments(flat + level, flat, flat)
        score = ssim_of_moments(x, xx, xy, self._p, self._p_variance)
        return self._freq_mean.T @ score @ self._time_mean.T

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
        return 1 - similarity, self._mixture.difference(self._mixture.around(mixed).T)

    def gradient(self, grid: torch.Tensor, audio_weight: float) -> torch.Tensor:
        """Return the gradient (height, width) of visual + audio_weight * audio at `grid`."""
        grid = grid.detach().requires_grad_()
        with torch.enable_grad():
            mixed = self._mixture.in_band(self._basis.mask(grid))
            normalised = self._mixture.display.normalised(mixed)
            _, by_picture = self._similarity.value_and_gradient(normalised.detach(), WINDOW_STRIDE)
            _, by_sound = self._mixture.difference.value_and_gradient(
                self._mixture.around(mixed.detach()).T
            )
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


def estimator_for(mixture: Mixture, basis: MaskBasis) -> Estimator:
    """Return the cheapest estimator there is for the mixture's kind of mixing."""
    if mixture.mixing == "log":
        return LogMixingEstimator(mixture, basis)
    return AutogradEstimator(mixture, basis)


def _audio_by_level(mixture: Mixture, basis: MaskBasis, levels: torch.Tensor) -> torch.Tensor:
    """Return the audio loss of the constant masks `levels`, pooled to cells."""
    pooled = mixture.picture.new_zeros(len(levels), *basis.grid_shape)
    for tile in basis.tiles:
        mask = torch.empty_like(mixture.picture[:, tile.bins])
        for cells, level in zip(pooled, levels.tolist(), strict=True):
            mixed = mixture.log_magnitude(mask.fill_(level), tile.bins)
            by_bin = mixture.difference.by_bin(mixed.T, tile.bins.start).T[mixture.band]
            cells[:, tile.cells] += basis.adjoint_in(tile, by_bin)
    return pooled
