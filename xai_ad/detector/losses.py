"""What training minimises and scores are made of: squared and absolute error, structural similarity, their compound, SVDD.

Images and reconstructions are (..., C, H, W) in [0, 1]. Functions that end in `_values` return an error for each output
value, which training averages; all are differentiable. What Eq. 3.11 adds comes from the network itself, its
`reconstruct_with_penalty`.
"""

import functools
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from xai_ad.errors import InvalidInputError
from xai_ad.types import Images

WINDOW = 11
"""Side of the window that structural similarity looks through (3.4.1)."""
SIGMA = 1.5
"""Standard deviation of the window's Gaussian weights, in pixels (Wang et al. 2004)."""
ETA = 0.5
"""The share of the squared error in the compound loss (3.4.2)."""
STABILITY_MEAN, STABILITY_CONTRAST = 0.01**2, 0.03**2
"""c_l and c_c of Eq. 3.9 for a data range of 1. With a range of 255 the term would nearly vanish."""


def squared_error_values(images: Images, reconstructions: Images) -> Tensor:
    """Return the squared error of each output value, (..., C, H, W) (Eq. 3.3)."""
    return (reconstructions - images).square()


def absolute_error_values(images: Images, reconstructions: Images) -> Tensor:
    """Return the absolute error of each output value, (..., C, H, W)."""
    return (reconstructions - images).abs()


def dissimilarity_values(
    images: Images, reconstructions: Images, *, window: int = WINDOW, full: bool = False
) -> Tensor:
    """Return 1 - SSIM at each place of each channel, in [0, 2] (Eq. 3.9).

    (..., C, H - window + 1, W - window + 1) over the region where the window fits; with `full`, (..., C, H, W), the
    images being reflected at their borders. Gaussian weights, population covariance.

    With d = x - x', Eq. 3.9's two factors are 1 - mean(d)^2 / (mean(x)^2 + mean(x')^2 + c_l) and
    1 - var(d) / (var(x) + var(x') + c_c). Written so, float32 keeps its digits in flat regions, where the moments as
    printed cancel. Raises `InvalidInputError` for a window that does not fit.
    """
    if window > min(images.shape[-2:]):
        height, width = images.shape[-2:]
        raise InvalidInputError(
            f"SSIM's window of {window} pixels does not fit into images of {height}x{width}. Choose a smaller one."
        )
    dtype = torch.promote_types(images.dtype, torch.float32)
    with torch.autocast(images.device.type, enabled=False):
        x, y = images.to(dtype), reconstructions.to(dtype)
        rows = _window_matrix(x.shape[-2], window, full, dtype, x.device)  # (H', H)
        columns = _window_matrix(x.shape[-1], window, full, dtype, x.device).T  # (W, W')
        centre = 0.5  # what is subtracted before squaring changes no variance, only its rounding

        def mean(values: Tensor) -> Tensor:
            return rows @ (values @ columns)

        difference = x - y
        mean_x, mean_difference = mean(x), mean(difference)
        mean_y = mean_x - mean_difference
        squares = mean((x - centre).square() + (y - centre).square())
        variances = squares - (mean_x - centre).square() - (mean_y - centre).square()
        variance_difference = mean(difference.square()) - mean_difference.square()
        luminance = mean_difference.square() / (mean_x.square() + mean_y.square() + STABILITY_MEAN)
        contrast = variance_difference / (variances + STABILITY_CONTRAST)
        return luminance + contrast - luminance * contrast  # 1 - (1 - luminance)(1 - contrast)


def compound_values(
    images: Images, reconstructions: Images, *, eta: float = ETA, window: int = WINDOW
) -> Tensor:
    """Return values whose mean is eta MSE + (1 - eta)(1 - SSIM), (..., C, H, W) (Eq. 3.10).

    SSIM is averaged where its window fits. Outside it counts nothing, and inside as much more.
    """
    fitting = dissimilarity_values(images, reconstructions, window=window)
    weight = math.prod(images.shape[-2:]) / math.prod(fitting.shape[-2:])
    everywhere = F.pad(weight * fitting, [window // 2] * 4)
    return eta * squared_error_values(images, reconstructions) + (1 - eta) * everywhere


def squared_distances(embeddings: Tensor, centre: Tensor) -> Tensor:
    """Return the embeddings' squared distances from the hypersphere's centre, (N, ...) and (...) -> (N,)."""
    return (embeddings - centre).square().flatten(1).sum(dim=1)


def one_class_loss(embeddings: Tensor, centre: Tensor) -> Tensor:
    """Return the mean squared distance from the centre, a scalar: the first term of Eq. 3.14."""
    return squared_distances(embeddings, centre).mean()


def soft_boundary_loss(embeddings: Tensor, centre: Tensor, *, radius: float, nu: float) -> Tensor:
    """Return R^2 + mean(max(0, d^2 - R^2)) / nu, a scalar: Eq. 3.13 as Ruff et al. 2018 train it, C = 1 / (n nu)."""
    outside = F.relu(squared_distances(embeddings, centre) - radius**2)
    return radius**2 + outside.mean() / nu


@functools.lru_cache(maxsize=32)
def _window_matrix(size: int, window: int, full: bool, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The matrix that blurs along one side, a row for each place of the window: (size - window + 1 or size, size).

    With `full` the side is continued by its mirror image, d c b a | a b c d | d c b a. A product with a banded matrix
    is several times as fast here as a convolution of three channels.
    """
    # The matrix is kept: made under inference mode, it would take part in no later gradient.
    with torch.inference_mode(mode=False):
        reach = window // 2
        offsets = torch.arange(-reach, reach + 1, dtype=torch.float64)
        weights = torch.exp(-(offsets**2) / (2 * SIGMA**2))
        weights /= weights.sum()
        centres = range(size) if full else range(reach, size - reach)
        matrix = torch.zeros(len(centres), size, dtype=torch.float64)
        for row, centre in enumerate(centres):
            for offset, weight in zip(range(-reach, reach + 1), weights.tolist(), strict=True):
                place = (centre + offset) % (2 * size)
                matrix[row, min(place, 2 * size - 1 - place)] += weight
        return matrix.to(device=device, dtype=dtype)
