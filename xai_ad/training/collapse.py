"""Whether a training learns anything, or its learning rate has collapsed the network.

Told by what a healthy training does not do: its first epochs answer every image nearly alike too, and less well than
the training images' average would, but their loss falls.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from xai_ad.errors import InvalidInputError
from xai_ad.types import Images

PATIENCE = 5
"""Epochs in a row that show a collapse before the training is ended."""
CONSTANT = 1e-6
"""Of the images' own variance: less in the answers is none. Trained networks keep a half and more of it."""
WORSE = 1.01
"""Times the first epoch's training loss that a collapsed training does not come down to; one that hardly learns does."""
GOOD = 0.8
"""Of the first epoch's loss, or of the average image's: a network that has learnt something is well below."""
SETTLED = 100
"""Steps after which a healthy network's running statistics no longer make its answers alike."""


@dataclass(kw_only=True, eq=False)
class Spread:
    """The variance of a pixel over images, summed up batch by batch, of what is wanted and of what is answered."""

    count: int = 0
    sums: list[Tensor] = field(default_factory=list)

    def add(self, wanted: Images, answered: Images) -> None:
        """Add a batch, (B, C, H, W) each."""
        parts = [
            found
            for images in (wanted, answered)
            for double in [images.detach().double()]
            for found in (double.sum(dim=0), double.square().sum(dim=0))
        ]
        self.sums = parts if not self.sums else [old + new for old, new in zip(self.sums, parts, strict=True)]
        self.count += len(wanted)

    def kept(self) -> float | None:
        """Return which share of the images' variance the answers keep; None where the images are all alike."""
        if not self.sums:
            return None
        means = [total / self.count for total in self.sums]
        wanted, answered = (
            float((squares - mean.square()).mean()) for mean, squares in (means[:2], means[2:])
        )
        return answered / wanted if wanted > 1e-12 else None


@dataclass(kw_only=True)
class Watch:
    """Follows a training's epochs. `learning_rate` is the recipe's; `average` what the average image's loss is."""

    learning_rate: float
    average: float = math.inf
    first: float = math.inf
    """The first epoch's training loss."""
    lowest: float = math.inf
    """The lowest training loss of the later ones."""
    best: float = math.inf
    """The lowest validation loss."""
    epochs: int = 0
    varied: int = 0
    """Epochs whose answers were not all alike."""
    alike: int = 0
    """Epochs in a row without a better loss whose answers were all alike."""

    def note(self, training: float, validation: float, kept: float | None, *, steps: int) -> None:
        """Take an epoch's losses, the share of the variance that its answers keep, and the steps done so far."""
        self.epochs += 1
        if self.epochs == 1:
            self.first = training
        else:
            self.lowest = min(self.lowest, training)
        is_constant = not math.isfinite(validation) or (kept is not None and not kept >= CONSTANT)
        self.varied += not is_constant
        is_stuck = steps >= SETTLED and is_constant and not validation < self.best
        self.alike = self.alike + 1 if is_stuck else 0
        self.best = min(self.best, validation) if math.isfinite(validation) else self.best

    def require_learning(self) -> None:
        """Raise `InvalidInputError` where several epochs in a row show a collapse."""
        reason = self.reason()
        if reason is not None and (self.alike >= PATIENCE or (not self.alike and self.epochs > PATIENCE)):
            raise InvalidInputError(f"Training collapsed by epoch {self.epochs}: {reason}")

    def reason(self) -> str | None:
        """Return in what the training so far shows that it learns nothing, and what to do; None where it learns."""
        if self.alike:
            what = "the network answers every image alike"
        elif self.epochs > 1 and self.lowest > WORSE * self.first and self.best >= self.average:
            what = (
                f"its loss is higher than in the first epoch, and the average training image is nearer to a "
                f"picture ({self.average:.3g}) than what it answers ({self.best:.3g})"
            )
        else:
            return None
        smaller = min(self.learning_rate / 10, 1e-3)
        return (
            f"{what}. The learning rate {self.learning_rate:g} is probably too large: choose a smaller one, as "
            f"--recipe learning_rate={smaller:g}."
        )

    def was_good(self) -> bool:
        """Return whether the training had come to something: answers that vary, and a loss that had fallen."""
        has_fallen = self.lowest < GOOD * self.first or self.best < GOOD * self.average
        return has_fallen and self.varied > 0

    def plain(self) -> dict[str, Any]:
        """Return what a resumed training goes on with."""
        return {
            "average": self.average,
            "first": self.first,
            "lowest": self.lowest,
            "best": self.best,
            "epochs": self.epochs,
            "varied": self.varied,
            "alike": self.alike,
        }


def average_image(pixels: Tensor) -> Tensor:
    """Return the mean of images of bytes, (N, C, H, W), as (C, H, W) in [0, 1]."""
    total = torch.zeros(pixels.shape[1:], dtype=torch.float64)
    for start in range(0, len(pixels), 256):
        total += pixels[start : start + 256].double().sum(dim=0)
    return (total / (255 * len(pixels))).float()
