"""A conformal test of the whole picture: is it like the training pictures, and if not, what is to blame?

Five groups of features (`Reference`) each have a distance in multiples of a limit of their own; a picture's distance is
the largest of them. Its p-value is its rank among the distances of normal training pictures that were found without
them (Vovk et al., 2005, cross-conformal): of pictures like those, a share of at most p has so low a p-value.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import torch
from torch import Tensor

from xai_ad.detector.familiarity.features import measure
from xai_ad.detector.familiarity.reference import GROUPS, Reference
from xai_ad.errors import InvalidInputError
from xai_ad.types import Image, Images

LEVEL = 0.05
"""A stranger's p-value is at most this, or the least there is."""
SQUEEZED = math.log(1.05)
"""How far a picture's shape may be from the training photographs' before a network's square squeezes it visibly."""
BATCH = 64


class Cause(StrEnum):
    """What is most unlike the training pictures."""

    OBJECT = "object"
    FRAMING = "framing"
    LIGHT = "light"
    SHARPNESS = "sharpness"
    SHAPE = "shape"


@dataclass(frozen=True, kw_only=True, slots=True)
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


def stranger_and_p_value(likeness: Likeness | None) -> tuple[bool | None, float | None]:
    """Return the two figures that a table has of a likeness; None for both where the model cannot tell."""
    return (None, None) if likeness is None else (likeness.is_stranger, likeness.p_value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """How normal pictures' features of one group vary: their mean (d,), and what makes them round, (d, d).

    The length of a rounded difference is 1 at the group's limit.
    """

    mean: Tensor
    rounding: Tensor

    def distance(self, features: Tensor) -> Tensor:
        """Return how far features, (N, d), lie from the mean, (N,)."""
        rounded = (features - self.mean) @ self.rounding
        return rounded.square().sum(dim=1).sqrt()


Groups: TypeAlias = Mapping[str, Group]


@dataclass(frozen=True, kw_only=True, eq=False)
class Familiarity:
    """What a model keeps of its normal training pictures to tell strangers by; made by `fit_familiarity`.

    `distances`, (n,), are those of the training pictures, each from a fit that did not see it. With a `shape`, the
    training photographs' (height, width), squeezed pictures are told too.
    """

    reference: Reference
    groups: Groups
    distances: Tensor
    shape: tuple[int, int] | None = None

    def judge(self, image: Image, source_size: tuple[int, int] | None = None) -> Likeness:
        """Compare a picture, (C, H, W), with the training pictures.

        `source_size` is its (height, width) as it came, where it was squeezed into the network's square.
        """
        return self.judge_many(image[None], None if source_size is None else [source_size])[0]

    def judge_many(
        self, images: Images, source_sizes: Sequence[tuple[int, int] | None] | None = None
    ) -> tuple[Likeness, ...]:
        """Compare pictures with the training pictures, as `judge` does each."""
        wanted = self.reference.mean.shape[0]
        if images.ndim != 4 or images.shape[1] != wanted:
            raise InvalidInputError(
                f"The images must have the shape (N, {wanted}, H, W). Got {tuple(images.shape)}."
            )
        apart = torch.cat([self.group_distances(batch) for batch in torch.split(images, BATCH)])  # (N, G)
        found = [self._likeness(row) for row in apart]
        if source_sizes is None or self.shape is None:
            return tuple(found)
        return tuple(
            one if size is None else self._of_shape(one, size, self.shape)
            for one, size in zip(found, source_sizes, strict=True)
        )

    @torch.inference_mode()
    def group_distances(self, images: Images) -> Tensor:
        """Return each group's distance of pictures, (N, G), in the order of `GROUPS`."""
        return distances_of(self.groups, self.reference.compare(measure(images.float())))

    def p_value(self, distance: float) -> float:
        """Return the rank of a distance among those of the training pictures."""
        return (1 + int((self.distances >= distance).sum())) / (1 + len(self.distances))

    def _likeness(self, apart: Tensor) -> Likeness:
        distance = float(apart.max())
        p_value = self.p_value(distance)
        is_stranger = distance > 1 and p_value <= max(LEVEL, 1 / (1 + len(self.distances)))
        cause = likely_cause(dict(zip(GROUPS, apart.tolist(), strict=True))) if is_stranger else None
        return Likeness(p_value=p_value, is_stranger=is_stranger, cause=cause, distance=distance)

    def _of_shape(self, found: Likeness, size: tuple[int, int], shape: tuple[int, int]) -> Likeness:
        """Return what is said of a picture of some size: a stranger where it was squeezed, as no training picture was."""
        apart = abs(math.log(size[0] / size[1] * shape[1] / shape[0])) / SQUEEZED
        if apart <= 1:
            return found
        return Likeness(
            p_value=1 / (1 + len(self.distances)),
            is_stranger=True,
            cause=Cause.SHAPE,
            distance=max(apart, found.distance),
        )

    def tensors(self) -> dict[str, Tensor]:
        """Return all of it but the shape as named tensors, as it is stored."""
        maps = {name: getattr(self.reference, name).half() for name in Reference.__dataclass_fields__}
        groups = {
            f"{name}.{field}": getattr(group, field).contiguous()
            for name, group in self.groups.items()
            for field in ("mean", "rounding")
        }
        return {**maps, **groups, "distances": self.distances.half()}

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor], shape: tuple[int, int] | None = None) -> "Familiarity":
        """Return what `tensors` made tensors of; raises `InvalidInputError` for others."""
        try:
            maps = {name: tensors[name].float() for name in Reference.__dataclass_fields__}
            groups = {
                name: Group(mean=tensors[f"{name}.mean"], rounding=tensors[f"{name}.rounding"])
                for name in GROUPS
            }
            distances = tensors["distances"].float()
        except KeyError as error:
            raise InvalidInputError(
                f"The tensor {error} of what tells strangers is missing. Fit it anew: `familiarise`."
            ) from error
        return cls(reference=Reference(**maps), groups=groups, distances=distances, shape=shape)


def distances_of(groups: Groups, features: Mapping[str, Tensor]) -> Tensor:
    """Return how far features are from normal pictures' in each group, (N, G)."""
    return torch.stack([groups[name].distance(features[name]) for name in GROUPS], dim=1)


def likely_cause(apart: Mapping[str, float]) -> Cause:
    """Return the likeliest cause by the groups' distances, of which one at least is over 1.

    Another object is unlike in light and sharpness too, and a shifted one a little in all. So the object is to blame
    where the mean picture, brightened and moved as it may be, does not explain the picture, unless its place alone
    stands out. Of the others, light comes first: in the dark, details are fainter too.
    """
    place, light, sharpness = apart["framing"], apart["light"], apart["sharpness"]
    if place >= max(sharpness, apart["object"], apart["texture"], 1.5 * light):
        return Cause.FRAMING
    if apart["object"] > 1 or (apart["texture"] >= max(light, 1) and 0.7 * apart["texture"] > sharpness):
        return Cause.OBJECT
    return Cause.LIGHT if light > min(1, sharpness) else Cause.SHARPNESS
