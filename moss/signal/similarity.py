"""How alike two spectrogram pictures are: SSIM, exactly and with its gradient."""

from collections.abc import Iterator
from functools import lru_cache

import torch

WINDOW_SIZE = 11  # as Wang et al. have it, and its sigma
WINDOW_SIGMA = 1.5
C1 = 0.01**2  # keeps the luminance ratio finite where both means vanish (Wang et al.)
C2 = 0.03**2  # keeps the contrast ratio finite where both variances vanish (Wang et al.)
ROWS_AT_ONCE = 128  # blocks that stay near a processor's cache; smaller ones make threads wait
COLUMNS_AT_ONCE = 128  # windows: few enough that their matrix has few zeros


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
        windows = [size - WINDOW_SIZE + 1 for size in reference.shape]
        self._mean, self._variance = reference.new_empty(2, *windows)
        for rows in self._blocks():
            y = self._reference[rows]
            mean, mean_square = self._window_means(torch.stack((y, y * y), dim=1)).unbind(dim=1)
            at = slice(rows.start, rows.stop - WINDOW_SIZE + 1)
            self._mean[at] = mean
            torch.sub(mean_square, mean**2, out=self._variance[at])

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
        for rows in self._blocks():
            at = slice(rows.start, rows.stop - WINDOW_SIZE + 1)
            x, xx, xy = self._window_means(self._products(picture, rows)).unbind(dim=1)
            yield ssim_of_moments(x, xx, xy, self._mean[at], self._variance[at])

    def _blocks(self, stride: int = 1, first: int = 0) -> Iterator[slice]:
        """Yield the rows of every `stride`-th window from row `first` on, block by block."""
        windows = range(first, len(self._reference) - WINDOW_SIZE + 1, stride)
        at_once = max(1, ROWS_AT_ONCE // stride)
        for begin in range(0, len(windows), at_once):
            block = windows[begin : begin + at_once]
            yield slice(block[0], block[-1] + WINDOW_SIZE)

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
        across = _means_along(picture.shape[1], stride, column_0, picture.device)
        for rows in self._blocks(stride, row_0):
            products = self._products(picture, rows)
            x, xx, xy = self._window_means(products, stride, column_0).unbind(dim=1)
            at = (
                slice(rows.start, rows.stop - WINDOW_SIZE + 1, stride),
                slice(column_0, None, stride),
            )
            score, *by_means = ssim_derivatives(x, xx, xy, self._mean[at], self._variance[at])
            total += score.sum(dtype=torch.float64).item()
            count += score.numel()
            # From windows back to pixels, by what is the adjoint of the means.
            down = _means_along(len(products), stride, 0, picture.device)
            spread = torch.stack(by_means, dim=1).flatten(0, 1) @ across
            by_x, by_xx, by_xy = (down.T @ spread.view(len(down), -1)).view_as(products).unbind(1)
            part = by_x.addcmul_(by_xx, picture[rows], value=2.0)
            gradient[rows] += part.addcmul_(by_xy, self._reference[rows])
        return total / count, gradient.div_(count)

    def _products(self, picture: torch.Tensor, rows: slice) -> torch.Tensor:
        """Return x, x^2 and x y of these rows: (rows, 3, columns)."""
        x = picture[rows]
        out = x.new_empty(len(x), 3, x.shape[1])
        out[:, 0] = x
        torch.mul(x, x, out=out[:, 1])
        torch.mul(x, self._reference[rows], out=out[:, 2])
        return out

    def _window_means(self, maps: torch.Tensor, stride: int = 1, column_0: int = 0) -> torch.Tensor:
        """Return Gaussian means of `maps` (rows, n, columns) in every `stride`-th window.

        Matrix products take the time of sums of shifted rows where a thread is alone, and half of
        it beside another one: they are few, and threads wait for each other between operations.
        """
        rows, n, columns = maps.shape
        down = _means_along(rows, stride, 0, maps.device)
        maps = (down @ maps.flatten(1)).view(-1, columns)
        windows = range(column_0, columns - WINDOW_SIZE + 1, stride)
        means = maps.new_empty(len(maps), len(windows))
        for begin in range(0, len(windows), COLUMNS_AT_ONCE):
            block = windows[begin : begin + COLUMNS_AT_ONCE]
            size = block[-1] - block[0] + WINDOW_SIZE
            across = _means_along(size, stride, 0, maps.device)
            torch.mm(
                maps[:, block[0] : block[0] + size],
                across.T,
                out=means[:, begin : begin + len(block)],
            )
        return means.view(len(down), n, -1)


def window_matrix(size: int, kernel: torch.Tensor, stride: int, first: int = 0) -> torch.Tensor:
    """Return the (windows, size) matrix that weighs every `stride`-th window from `first` on."""
    begins = torch.arange(first, size - WINDOW_SIZE + 1, stride, device=kernel.device)
    matrix = torch.zeros(len(begins), size, device=kernel.device)
    rows = torch.arange(len(begins), device=kernel.device)
    for j in range(WINDOW_SIZE):
        matrix[rows, begins + j] = kernel[j]
    return matrix


@lru_cache(maxsize=64)
def _means_along(size: int, stride: int, first: int, device: torch.device) -> torch.Tensor:
    """Return the matrix of Gaussian means in windows, which is asked for again and again."""
    return window_matrix(size, torch.tensor(gaussian_window(), device=device), stride, first)


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
