"""How alike two spectrogram pictures are: SSIM, exactly and with its gradient."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import torch
from torch.nn.functional import pad

WINDOW_SIZE = 11  # as Wang et al. have it, and its sigma
WINDOW_SIGMA = 1.5
C1 = 0.01**2  # keeps the luminance ratio finite where both means vanish (Wang et al.)
C2 = 0.03**2  # keeps the contrast ratio finite where both variances vanish (Wang et al.)
# Blocks that stay near a processor's cache. Smaller ones make threads wait for each other between
# their many operations.
ROWS_AT_ONCE = 512
# What one product of matrices covers of an axis: so little that its matrix has few zeros.
ROWS_OF_PRODUCT, COLUMNS_OF_PRODUCT = 32, 256


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
    reference alone, and has no sparse windows: on one thread it takes 13 times as long for a value
    and 18 times for a value with its gradient (`python -m benchmarks.hand_made ssim`).

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
            mean, mean_square = _window_means((y, y * y))
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
            x, xx, xy = _window_means(self._products(picture, rows))
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
            Of the windows that count, on both axes; all count where an axis has fewer than that.
        offset : tuple of int
            In [0, stride) on both axes, says which of the windows count. Where it is drawn anew at
            each step of a descent, the sparse gradient is an unbiased estimate of the full one.
        """
        if min(self._mean.shape) < stride:
            stride, offset = 1, (0, 0)  # some offsets would leave none
        row_0, column_0 = offset
        gradient = torch.zeros_like(picture)
        total, count = 0.0, 0
        for rows in self._blocks(stride, row_0):
            x, xx, xy = _window_means(self._products(picture, rows), stride, column_0)
            at = (
                slice(rows.start, rows.stop - WINDOW_SIZE + 1, stride),
                slice(column_0, None, stride),
            )
            score, *by_means = ssim_derivatives(x, xx, xy, self._mean[at], self._variance[at])
            total += score.sum(dtype=torch.float64).item()
            count += score.numel()
            pixels = picture[rows]
            by_x, by_xx, by_xy = _by_pixels(by_means, pixels.shape, stride, column_0)
            part = by_x.addcmul_(by_xx, pixels, value=2.0)
            gradient[rows] += part.addcmul_(by_xy, self._reference[rows])
        return total / count, gradient.div_(count)

    def _products(self, picture: torch.Tensor, rows: slice) -> tuple[torch.Tensor, ...]:
        """Return x, x^2 and x y of these rows: (rows, columns) each."""
        x = picture[rows]
        return x, x * x, x * self._reference[rows]


def _window_means(
    maps: Sequence[torch.Tensor], stride: int = 1, column_0: int = 0
) -> tuple[torch.Tensor, ...]:
    """Return the Gaussian means of each of `maps` (rows, columns) in every `stride`-th window.

    Products of matrices take less time than sums of shifted rows, above all where several threads
    work: they are few, and threads wait for each other between operations.
    """
    rows, columns = maps[0].shape
    windows = _windows(rows, stride), _windows(columns - column_0, stride)
    halfway = maps[0].new_empty(len(maps), windows[0], columns)
    for each, out in zip(maps, halfway, strict=True):
        _means_down(each, stride, out)
    means = maps[0].new_empty(len(maps), *windows)
    flat, out = halfway.flatten(0, 1), means.flatten(0, 1)
    at_once = max(1, COLUMNS_OF_PRODUCT // stride)
    for begin in range(0, windows[1], at_once):
        n = min(at_once, windows[1] - begin)
        matrix = _means_along(_span(n, stride), stride, flat.device)
        first = column_0 + begin * stride
        torch.mm(flat[:, first : first + matrix.shape[1]], matrix.T, out=out[:, begin : begin + n])
    return means.unbind()


def _means_down(picture: torch.Tensor, stride: int, out: torch.Tensor) -> None:
    """Write the means of `picture` (rows, columns) along its columns to `out` (windows, columns).

    The windows are taken in groups, all of which the same matrix weighs.
    """
    group = max(1, ROWS_OF_PRODUCT // stride)
    matrix = _means_along(_span(group, stride), stride, picture.device)
    done = len(out) // group * group
    if done:
        groups = picture.unfold(0, matrix.shape[1], group * stride).transpose(1, 2)
        each = matrix.expand(len(groups), -1, -1)
        torch.bmm(each, groups, out=out[:done].view(len(groups), group, -1))
    if done < len(out):
        matrix = _means_along(_span(len(out) - done, stride), stride, picture.device)
        torch.mm(matrix, picture[done * stride :][: matrix.shape[1]], out=out[done:])


def _by_pixels(
    by_means: Sequence[torch.Tensor], shape: torch.Size, stride: int, column_0: int
) -> list[torch.Tensor]:
    """Return derivatives by the values of maps of `shape` from those by their window means."""
    rows, columns = shape
    by_windows = torch.stack(list(by_means))
    flat = by_windows.flatten(0, 1)
    spread = flat.new_empty(len(flat), columns)
    matrix = _means_along(columns, stride, flat.device, column_0)
    for begin in range(0, columns, COLUMNS_OF_PRODUCT):
        end = min(begin + COLUMNS_OF_PRODUCT, columns)
        # The first window that reaches as far as here, and the last that begins here.
        first = max(0, -((column_0 + WINDOW_SIZE - 1 - begin) // stride))
        last = max(0, (end - 1 - column_0) // stride)
        part = slice(first, last + 1)
        torch.mm(flat[:, part], matrix[part, begin:end], out=spread[:, begin:end])
    return [_by_rows(each, rows, stride) for each in spread.view(*by_windows.shape[:2], columns)]


def _by_rows(by_means: torch.Tensor, rows: int, stride: int) -> torch.Tensor:
    """Return (rows, columns) of `by_means` (windows, columns): the adjoint of `_means_down`.

    Each group of rows comes from the windows that begin in it and from those that reach into it.
    """
    group = max(1, ROWS_OF_PRODUCT // stride)
    before = (WINDOW_SIZE - 1) // stride
    groups = -(-rows // (group * stride))
    padded = pad(by_means, (0, 0, before, groups * group - len(by_means)))
    near = padded.unfold(0, before + group, group).transpose(1, 2)
    end = (before + group) * stride
    matrix = _means_along(max(_span(before + group, stride), end), stride, by_means.device)
    inside = matrix[:, before * stride : end].T
    return torch.bmm(inside.expand(groups, -1, -1), near).flatten(0, 1)[:rows]


def _windows(size: int, stride: int) -> int:
    """Return how many windows of this stride fit into `size` values."""
    return (size - WINDOW_SIZE) // stride + 1


def _span(windows: int, stride: int) -> int:
    """Return how many values so many windows cover."""
    return (windows - 1) * stride + WINDOW_SIZE


def window_matrix(size: int, kernel: torch.Tensor, stride: int, first: int = 0) -> torch.Tensor:
    """Return the (windows, size) matrix that weighs every `stride`-th window from `first` on."""
    begins = torch.arange(first, size - WINDOW_SIZE + 1, stride, device=kernel.device)
    matrix = torch.zeros(len(begins), size, device=kernel.device)
    rows = torch.arange(len(begins), device=kernel.device)
    for j in range(WINDOW_SIZE):
        matrix[rows, begins + j] = kernel[j]
    return matrix


@lru_cache(maxsize=64)
def _means_along(size: int, stride: int, device: torch.device, first: int = 0) -> torch.Tensor:
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
