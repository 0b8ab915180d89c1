"""What normal pictures look like on the whole, and in which few ways another may differ from them.

A picture's thumbnail is explained by the mean one, made brighter, darker, shifted, enlarged or turned, by robust
regression on the mean's tangents: what a defect covers hardly counts. The regression's coefficients say what is wrong
with light and framing, and what it cannot explain, what is wrong with the object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from xai_ad.detector.familiarity.features import THUMBNAIL, Measures

GROUPS = ("light", "framing", "sharpness", "object", "texture")
FLOORS: Mapping[str, float] = {
    "light": 0.03,
    "framing": 0.006,
    "sharpness": 0.1,
    "object": 0.05,
    "texture": 0.005,
}
"""Differences that are none, in each group's unit, however alike the training pictures are: 3 % of brightness (6 % of
contrast), 0.3 % of the picture's width, 10 % of the details' size where they are mapped, and of the rest what JPEG
changes."""
_SPREAD, _DETAIL_SPREAD = 0.01, 0.1
_ROUNDS, _HUBER = 4, 1.5
_QUANTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """Mean and spread of normal pictures' thumbnails, (C, 16, 16), and of their maps of details, (4, 8, 8)."""

    mean: Tensor
    spread: Tensor
    detail_mean: Tensor
    detail_spread: Tensor

    @classmethod
    def of(cls, measures: Measures) -> "Reference":
        """Fit to normal pictures; rounded to what half precision holds, as it is stored."""
        thumbnail, detail = measures["thumbnail"], measures["detail"]
        parts = {
            "mean": thumbnail.mean(dim=0),
            "spread": (thumbnail.var(dim=0) + _SPREAD**2).sqrt(),
            "detail_mean": detail.mean(dim=0),
            "detail_spread": (detail.var(dim=0) + _DETAIL_SPREAD**2).sqrt(),
        }
        return cls(**{name: tensor.half().float() for name, tensor in parts.items()})

    def compare(self, measures: Measures) -> dict[str, Tensor]:
        """Return each group's features, (N, d)."""
        explained, left = self._explained(measures["thumbnail"])
        apart = (measures["detail"] - self.detail_mean) / self.detail_spread
        count = len(apart)
        return {
            "light": explained[:, :2] * explained.new_tensor([0.5, 1.0]),
            "framing": explained[:, 2:],
            "sharpness": _quantiles(apart.flatten(2)).reshape(count, -1),
            "object": torch.cat([_quantiles(left.abs()).add(0.1).log(), measures["directions"]], dim=1),
            "texture": measures["texture"],
        }

    @cached_property
    def _tangents(self) -> Tensor:
        """What small changes of contrast, brightness, place (down, right), size and angle do to the mean, (P, 6)."""
        mean, step = self.mean, 2 / (THUMBNAIL - 1)
        line = torch.linspace(-1, 1, THUMBNAIL)
        down, right = line[:, None], line[None, :]
        by_down, by_right = torch.gradient(mean, spacing=step, dim=(1, 2))
        changes = [
            mean - mean.mean(),
            torch.ones_like(mean),
            by_down,
            by_right,
            down * by_down + right * by_right,
            right * by_down - down * by_right,
        ]
        return torch.stack([(change / self.spread).flatten() for change in changes], dim=1)

    def _explained(self, thumbnails: Tensor) -> tuple[Tensor, Tensor]:
        """Return the changes that make the mean most like each thumbnail, (N, 6), and what they leave, (N, P)."""
        tangents = self._tangents.double()  # (P, 6)
        wanted = ((thumbnails - self.mean) / self.spread).flatten(1).double()  # (N, P)
        pairs = (tangents[:, :, None] * tangents[:, None, :]).flatten(1)  # (P, 36)
        ridge = (tangents.square().sum(dim=0) * 1e-3 + 1e-6).diag()
        weights, changes, left = torch.ones_like(wanted), wanted[:, :6], wanted
        for _ in range(_ROUNDS):  # Huber's weights, by reweighting
            normal = (weights @ pairs).reshape(-1, 6, 6) + ridge
            changes = torch.linalg.solve(normal, (weights * wanted) @ tangents)
            left = wanted - changes @ tangents.T
            scale = left.abs().median(dim=1, keepdim=True).values * 1.48 + 0.1
            weights = (_HUBER * scale / left.abs().clamp(min=1e-9)).clamp(max=1)
        return changes.float(), left.float()


def _quantiles(values: Tensor) -> Tensor:
    """Return the quartiles over the last dimension, (..., P) -> (..., 3)."""
    return torch.quantile(values, values.new_tensor(_QUANTILES), dim=-1).movedim(0, -1)
