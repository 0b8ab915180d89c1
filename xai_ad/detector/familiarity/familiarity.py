"""A conformal test of the whole picture: is it like the training pictures, and if not, what is to blame?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from xai_ad.detector.familiarity.features import measure
from xai_ad.errors import InvalidInputError
from xai_ad.types import Image, Images


SQUEEZED = math.log(1.05)
"""How far a picture's shape may be from the training photographs' before a network's square squeezes it visibly."""


class Cause(StrEnum):
    """What is most unlike the training pictures."""

    OBJECT = "object"
    FRAMING = "framing"
    LIGHT = "light"
    SHARPNESS = "sharpness"
    SHAPE = "shape"


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How like the training pictures a picture is.

    `p_value` is the share of normal training pictures, itself counted among them, that are at least as unlike the
    others as it is. `distance` says how unlike, in multiples of the limit beyond which a picture is a stranger;
    `cause` is the likeliest one of a stranger, and None of others.
    """

    p_value: float
    is_stranger: bool
    cause: Cause | None
    distance: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """The normal pictures' features of one kind: means and scales (d,), principal directions (d, r), spreads (r,)."""

    mean: Tensor
    scale: Tensor
    directions: Tensor
    spreads: Tensor
    rest: Tensor  # () the spread in all other directions
    unit: Tensor  # () the distance that counts as 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Familiarity:
    """What a model keeps of its normal training pictures to tell strangers by; made by `fit_familiarity`.

    `distances`, (n,), are those of the training pictures, each from a fit that did not see it.
    """

    groups: Mapping[str, Group]
    distances: Tensor
    limit: float
    shape: tuple[int, int] | None = None  # the training photographs' (height, width), where that is known

    def judge(self, image: Image, source_size: tuple[int, int] | None = None) -> Likeness:
        """Compare a picture, (C, H, W), with the training pictures. `source_size` is its (height, width) as it came,
        where it was squeezed into the network's.
        """
        return self.judge_many(image[None], None if source_size is None else [source_size])[0]

    def judge_many(
        self, images: Images, source_sizes: Sequence[tuple[int, int]] | None = None
    ) -> tuple[Likeness, ...]:
        """Compare pictures with the training pictures, as `judge` does each."""
        if images.ndim != 4:
            raise InvalidInputError(
                f"The images must have the shape (N, C, H, W). Got {tuple(images.shape)}."
            )
        names = list(self.groups)
        apart = distances_of(self.groups, measure(images))  # (N, G)
        distances, causes = apart.max(dim=1)
        at_least = (self.distances[None] >= distances[:, None]).sum(dim=1)
        ranks = (1 + at_least) / (1 + len(self.distances))
        found = [
            Likeness(
                p_value=float(rank),
                is_stranger=distance > self.limit,
                cause=Cause(names[cause]) if distance > self.limit else None,
                distance=distance / self.limit,
            )
            for rank, distance, cause in zip(ranks, distances.tolist(), causes.tolist(), strict=True)
        ]
        if source_sizes is None or self.shape is None:
            return tuple(found)
        return tuple(
            self._of_shape(one, size, self.shape) for one, size in zip(found, source_sizes, strict=True)
        )

    def _of_shape(self, found: Likeness, size: tuple[int, int], shape: tuple[int, int]) -> Likeness:
        """Return what is said of a picture of some size: a stranger where it was squeezed, as no training picture was."""
        apart = abs(math.log(size[0] / size[1] * shape[1] / shape[0])) / SQUEEZED
        if apart <= 1:
            return found
        return Likeness(
            p_value=1 / (1 + len(self.distances)),
            is_stranger=True,
            cause=Cause.SHAPE if apart >= found.distance else found.cause,
            distance=max(apart, found.distance),
        )

    def tensors(self) -> dict[str, Tensor]:
        """Return all of it as named tensors, as it is stored."""
        parts = {
            f"{name}.{field}": getattr(group, field).float()
            for name, group in self.groups.items()
            for field in Group.__dataclass_fields__
        }
        return {**parts, "distances": self.distances.float(), "limit": torch.tensor(self.limit)}

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> "Familiarity":
        """Return what `tensors` made tensors of; raises `InvalidInputError` for others."""
        names = [name.removesuffix(".mean") for name in tensors if name.endswith(".mean")]
        try:
            groups = {
                name: Group(**{field: tensors[f"{name}.{field}"] for field in Group.__dataclass_fields__})
                for name in names
            }
            return cls(groups=groups, distances=tensors["distances"], limit=float(tensors["limit"]))
        except KeyError as error:
            raise InvalidInputError(f"A stored familiarity has the tensor {error}. Fit it anew.") from error


def distances_of(groups: Mapping[str, Group], features: Mapping[str, Tensor]) -> Tensor:
    """Return how unlike the normal pictures others are in each group, (N, G); 1 is as far as normal ones come."""
    return torch.stack([_distance(group, features[name]) for name, group in groups.items()], dim=1)


def _distance(group: Group, features: Tensor) -> Tensor:
    standard = (features - group.mean) / group.scale  # (N, d)
    along = standard @ group.directions  # (N, r)
    beside = standard.square().sum(dim=1) - along.square().sum(dim=1)
    total = (along / group.spreads).square().sum(dim=1) + beside.clamp(min=0) / group.rest.square()
    return total.sqrt() / group.unit
