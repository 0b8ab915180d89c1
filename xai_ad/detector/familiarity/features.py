"""What is measured of a whole picture, by what would be to blame: its light, its sharpness, its object."""

import torch
from torch import Tensor
from torch.nn import functional

from xai_ad.types import Images

GROUPS = ("object", "light", "sharpness")
"""The groups of features, each named as its cause."""
CELLS = 8
"""Cells along a side of the thumbnail that stands for the object."""
_FLOOR = 1e-3


def measure(images: Images) -> dict[str, Tensor]:
    """Return each group's features, (N, d) float32."""
    return {"object": _object(images), "light": _light(images), "sharpness": _sharpness(images)}


def _object(images: Images) -> Tensor:
    cells = functional.adaptive_avg_pool2d(images, CELLS)  # (N, C, 8, 8)
    return (cells - cells.mean(dim=(2, 3), keepdim=True)).flatten(1)


def _light(images: Images) -> Tensor:
    means = images.mean(dim=(2, 3))  # (N, C)
    grey = images.mean(dim=1).flatten(1)  # (N, H * W)
    return torch.cat([means, grey.std(dim=1, keepdim=True)], dim=1)


def _sharpness(images: Images) -> Tensor:
    """The logarithmic energies of what each halving of the picture's resolution loses."""
    level, energies = images.mean(dim=1, keepdim=True), []
    for _ in range(3):
        if min(level.shape[-2:]) < 2:
            break
        coarse = functional.avg_pool2d(level, 2, ceil_mode=True)
        fine = functional.interpolate(coarse, size=level.shape[-2:], mode="bilinear", align_corners=False)
        energies.append((level - fine).square().mean(dim=(1, 2, 3)).sqrt().add(_FLOOR).log())
        level = coarse
    return torch.stack(energies, dim=1)
