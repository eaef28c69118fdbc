"""How alike two spectrogram pictures are: SSIM, exactly and with its gradient."""

from collections.abc import Callable, Iterator, Sequence

import torch

WINDOW_SIZE = 11  # as Wang et al. have it, and its sigma
WINDOW_SIGMA = 1.5
C1 = 0.01**2  # keeps the luminance ratio finite where both means vanish (Wang et al.)
C2 = 0.03**2  # keeps the contrast ratio finite where both variances vanish (Wang et al.)
ROWS_AT_ONCE = 128  # blocks that stay near a processor's cache
SCORED_AT_ONCE = 64  # the same without a gradient, in three quarters of the time of 128


def gaussian_window() -> list[float]:
    """Return the 11 weights of the Gaussian window (sigma 1.5), which sum to 1."""
    offsets = torch.arange(WINDOW_SIZE, dtype=torch.float64) - WINDOW_SIZE // 2
    weights = torch.exp(-(offsets**2) / (2 * WINDOW_SIGMA**2))
    return (weights / weights.sum()).tolist()


class SSIM:
    """Mean structural similarity to one fixed picture: 11 x 11 Gaussian windows, data range 1.

    Only windows that lie wholly inside the picture count, as in Z. Wang, A. C. Bovik,
    H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Trans. Image Processing 13(4), 2004. SSIM is symmetric in the
    two axes, so picture and reference may both be transposed.

    pytorch-msssim gives the same values, which tests hold, but it does not keep what belongs to the
    reference alone, and has no sparse windows: on one thread it takes 12 times as long for a value
    and 19 times for a value with its gradient (`python -m benchmarks.hand_made ssim`).

    Parameters
    ----------
    reference : Tensor, (rows, columns)
        Values in [0, 1]; both sides are at least 11.

    Raises
    ------
    ValueError
        The reference is smaller than one window.
    """

    def __init__(self, reference: torch.Tensor) -> None:
        if min(reference.shape) < WINDOW_SIZE:
            raise ValueError(f"SSIM needs pictures of at least {WINDOW_SIZE} x {WINDOW_SIZE}")
        self._reference = reference.contiguous()
        self._weights = gaussian_window()
        last_row = reference.shape[0] - WINDOW_SIZE
        self._blocks = [
            (first, min(first + ROWS_AT_ONCE, last_row + 1))
            for first in range(0, last_row + 1, ROWS_AT_ONCE)
        ]
        moments = []
        for first, last in self._blocks:
            rows = self._reference[first : last + WINDOW_SIZE - 1]
            moments.append(self._window_means(torch.stack((rows, rows * rows)), 1, 0))
        self._mean = torch.cat([m[0] for m in moments])
        self._variance = torch.cat([m[1] for m in moments]) - self._mean**2

    def __call__(self, picture: torch.Tensor) -> float:
        """Return the mean SSIM of `picture` (rows, columns), in [-1, 1]."""
        return self.total(picture) / self.windows

    @property
    def windows(self) -> int:
        """How many windows there are."""
        return self._mean.numel()

    def total(self, picture: torch.Tensor) -> float:
        """Return the sum of SSIM over all windows of `picture` (rows, columns)."""
        return sum(score.sum(dtype=torch.float64).item() for score in self._scores(picture))

    def window_scores(self, picture: torch.Tensor) -> torch.Tensor:
        """Return SSIM of every window of `picture`: (rows - 10, columns - 10)."""
        return torch.cat(list(self._scores(picture)))

    def _scores(self, picture: torch.Tensor) -> Iterator[torch.Tensor]:
        """Yield SSIM of every window of `picture`, block of rows by block."""
        for first in range(0, len(self._mean), SCORED_AT_ONCE):
            last = min(first + SCORED_AT_ONCE, len(self._mean))
            rows = slice(first, last + WINDOW_SIZE - 1)
            x, xx, xy = self._window_means(self._products(picture, rows), 1, 0)
            mean, variance = self._mean[first:last], self._variance[first:last]
            yield ssim_of_moments(x, xx, xy, mean, variance)

    def value_and_gradient(
        self, picture: torch.Tensor, stride: int = 1, offset: tuple[int, int] = (0, 0)
    ) -> tuple[float, torch.Tensor]:
        """Return the mean SSIM over every `stride`-th window and its gradient (rows, columns).

        Parameters
        ----------
        picture : Tensor, (rows, columns)
            Values in [0, 1].
        stride : int
            Of the windows that count, on both axes.
        offset : tuple of int
            In [0, stride) on both axes, says which of the windows count. Where it is drawn anew at
            each step of a descent, the sparse gradient is an unbiased estimate of the full one.
        """
        row_0, column_0 = offset
        gradient = torch.zeros_like(picture)
        total, count = 0.0, 0
        for first, last in self._blocks:
            first += (row_0 - first) % stride
            if first >= last:
                continue
            rows = slice(first, last + WINDOW_SIZE - 1)
            products = self._products(picture, rows)
            x, xx, xy = self._window_means(products, stride, column_0)
            at = (slice(first, last, stride), slice(column_0, None, stride))
            mean, variance = self._mean[at], self._variance[at]
            score, by_x, by_xx, by_xy = ssim_derivatives(x, xx, xy, mean, variance)
            total += score.sum(dtype=torch.float64).item()
            count += score.numel()
            spread = self._spread_windows(
                torch.stack((by_x, by_xx, by_xy)), stride, column_0, products.shape[1:]
            )
            part = spread[0].addcmul_(spread[1], products[0], value=2.0)
            gradient[rows] += part.addcmul_(spread[2], self._reference[rows])
        return total / count, gradient.div_(count)

    def _products(self, picture: torch.Tensor, rows: slice) -> torch.Tensor:
        """Return x, x^2 and x y of these rows: (3, rows, columns)."""
        x = picture[rows]
        out = x.new_empty(3, *x.shape)
        out[0] = x
        torch.mul(x, x, out=out[1])
        torch.mul(x, self._reference[rows], out=out[2])
        return out

    def _window_means(self, maps: torch.Tensor, stride: int, column_0: int) -> torch.Tensor:
        """Return Gaussian means of `maps` (n, rows, columns) in every `stride`-th window."""
        rows = maps.shape[1] - WINDOW_SIZE + 1
        columns = maps.shape[2] - WINDOW_SIZE + 1
        down = _weighted_sum(self._weights, lambda j: maps[:, j : j + rows : stride])
        return _weighted_sum(
            self._weights, lambda j: down[:, :, column_0 + j : j + columns : stride]
        )

    def _spread_windows(
        self, maps: torch.Tensor, stride: int, column_0: int, shape: torch.Size
    ) -> torch.Tensor:
        """Return the adjoint of `_window_means` of `maps`: from windows back to pixels."""
        n, _, columns = maps.shape
        across = maps.new_zeros(n, maps.shape[1], shape[1])
        for j, weight in enumerate(self._weights):
            last = column_0 + j + (columns - 1) * stride + 1
            across[:, :, column_0 + j : last : stride].add_(maps, alpha=weight)
        out = maps.new_zeros(n, *shape)
        for j, weight in enumerate(self._weights):
            last = j + (maps.shape[1] - 1) * stride + 1
            out[:, j:last:stride].add_(across, alpha=weight)
        return out


def _weighted_sum(weights: Sequence[float], part: Callable[[int], torch.Tensor]) -> torch.Tensor:
    """Return the sum of weights[j] * part(j)."""
    total = part(0) * weights[0]
    for j in range(1, len(weights)):
        total.add_(part(j), alpha=weights[j])
    return total


def ssim_of_moments(
    x: torch.Tensor, xx: torch.Tensor, xy: torch.Tensor, y: torch.Tensor, y_variance: torch.Tensor
) -> torch.Tensor:
    """Return SSIM of each window from E[x], E[x^2], E[xy], E[y] and the variance of y."""
    numerator_l, numerator_c, left, right = _factors(x, xx, xy, y, y_variance)
    return numerator_l.mul_(numerator_c).div_(left.mul_(right))


def ssim_derivatives(
    x: torch.Tensor, xx: torch.Tensor, xy: torch.Tensor, y: torch.Tensor, y_variance: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return SSIM of each window and its derivatives by E[x], E[x^2] and E[xy]."""
    numerator_l, numerator_c, left, right = _factors(x, xx, xy, y, y_variance)
    bottom = left * right
    score = numerator_l * numerator_c / bottom
    by_xx = -score / right
    by_xy = 2 * numerator_l / bottom
    by_x = 2 * y * (numerator_c - numerator_l) / bottom - 2 * x * (score / left + by_xx)
    return score, by_x, by_xx, by_xy


def _factors(
    x: torch.Tensor, xx: torch.Tensor, xy: torch.Tensor, y: torch.Tensor, y_variance: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the numerators of luminance and of contrast with structure, and their denominators."""
    numerator_l = 2 * x * y + C1
    numerator_c = 2 * (xy - x * y) + C2
    left = x * x + y * y + C1
    right = xx - x * x + y_variance + C2
    return numerator_l, numerator_c, left, right
