"""What is measured of a whole picture: its thumbnail, how much detail it has where and of which size, its directions and colours.

Nothing here compares with other pictures; that is `Reference`'s. Everything is a mean or a quantile over many pixels,
so that one small defect changes little.
"""

import math
from collections.abc import Mapping
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from xai_ad.types import Images

Measures: TypeAlias = Mapping[str, Tensor]
"""`thumbnail` (N, C, 16, 16), `detail` (N, 4, 8, 8), `directions` (N, 8) and `texture` (N, t)."""

THUMBNAIL = 16
"""Cells along a side of the thumbnail."""
CELLS = 8
"""Cells along a side of the map of details."""
LEVELS = 4
"""Sizes of detail that are mapped: of 2, 4, 8 and 16 pixels."""
_TEXTURES = 5
_ANGLES = 8
_GREY = (0.299, 0.587, 0.114)
_COLOUR_QUANTILES = (0.1, 0.5, 0.9)
_LEAST_ENERGY, _LEAST_SIZE = 1e-7, 1e-4


def measure(images: Images) -> dict[str, Tensor]:
    """Measure pictures, (N, C, H, W), each by itself."""
    grey = _grey(images)
    details = _details(grey)
    energies = [functional.adaptive_avg_pool2d(detail.square(), CELLS) for detail in details[:LEVELS]]
    return {
        "thumbnail": functional.adaptive_avg_pool2d(images, THUMBNAIL),
        "detail": torch.cat(energies, dim=1).add(_LEAST_ENERGY).log() / 2,
        "directions": _directions(grey),
        "texture": torch.cat([_sizes(details), *_colours(images)], dim=1),
    }


def _grey(images: Images) -> Tensor:
    if images.shape[1] == 1:
        return images
    return (images * images.new_tensor(_GREY)[:, None, None]).sum(dim=1, keepdim=True)


def _details(images: Images) -> list[Tensor]:
    """Return what each halving of the resolution loses, finest first: (N, C, H, W), (N, C, H/2, W/2), ..."""
    lost: list[Tensor] = []
    while len(lost) < _TEXTURES and min(images.shape[-2:]) > 1:
        coarse = functional.avg_pool2d(images, 2, ceil_mode=True)
        smooth = functional.interpolate(coarse, size=images.shape[-2:], mode="bilinear", align_corners=False)
        lost.append(images - smooth)
        images = coarse
    return lost


def _sizes(details: list[Tensor]) -> Tensor:
    """Return how large details are on the whole picture, as logarithms, (N, levels x C)."""
    return torch.cat([detail.abs().mean(dim=(2, 3)).add(_LEAST_SIZE).log() for detail in details], dim=1)


def _colours(images: Images) -> list[Tensor]:
    """Return what a colour picture has beside its brightness: red and blue less green, their details and quantiles."""
    if images.shape[1] == 1:
        return []
    apart = images[:, ::2] - images[:, 1:2]  # (N, 2, H, W)
    cells = functional.adaptive_avg_pool2d(apart, 2 * THUMBNAIL).flatten(2)  # (N, 2, 1024)
    quantiles = torch.quantile(cells, cells.new_tensor(_COLOUR_QUANTILES), dim=2)  # (3, N, 2)
    return [_sizes(_details(apart)), quantiles.permute(1, 2, 0).flatten(1)]


def _directions(grey: Tensor) -> Tensor:
    """Return the shares of the edges' strength by direction, as square roots, (N, 8)."""
    cells = functional.adaptive_avg_pool2d(grey, 2 * THUMBNAIL)
    across = cells[..., 1:-1, 2:] - cells[..., 1:-1, :-2]
    down = cells[..., 2:, 1:-1] - cells[..., :-2, 1:-1]
    strength = torch.hypot(across, down).flatten(1)  # (N, 900)
    angle = torch.atan2(down, across).flatten(1).remainder(math.pi).div(math.pi / _ANGLES)
    bins = angle.floor().clamp(0, _ANGLES - 1).long()
    sums = torch.zeros(len(grey), _ANGLES, dtype=grey.dtype).scatter_add_(1, bins, strength)
    return (sums / (sums.sum(dim=1, keepdim=True) + 0.01)).sqrt()
