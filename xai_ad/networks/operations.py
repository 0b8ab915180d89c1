"""What may stand in a network's `forward` beside its layers, each operation as a layer of its own."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Sum(nn.Module):
    """A skip connection that adds."""

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the sum."""
        return first + second


class Concatenation(nn.Module):
    """A skip connection that puts channels side by side."""

    def forward(self, *parts: Tensor) -> Tensor:
        """Return all parts' channels, (N, C_1 + C_2 + ..., H, W)."""
        return torch.cat(parts, dim=1)


class Product(nn.Module):
    """A product of two values."""

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the product."""
        return first * second


class Gate(Product):
    """A product whose second factor comes from a sigmoid, and the first does not: it says how much passes."""


class Rearrangement(nn.Module):
    """Values in other places, or some of them: frames folded, dimensions swapped, a part taken.

    What it returns of a contiguous value is a view of it.
    """

    def __init__(
        self, rearrange: Callable[..., Tensor] | str, given: tuple[Any, ...], named: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.rearrange, self.given, self.named = rearrange, given, named

    def forward(self, value: Tensor) -> Tensor:
        """Return the same numbers, rearranged."""
        rearrange = getattr(Tensor, self.rearrange) if isinstance(self.rearrange, str) else self.rearrange
        rearranged: Tensor = rearrange(value, *self.given, **self.named)
        return rearranged

    def extra_repr(self) -> str:
        """Say what it does."""
        return ", ".join(map(str, (self.rearrange, *self.given)))


OPERATIONS: dict[Callable[..., Any] | str, type[nn.Module]] = {
    **dict.fromkeys((operator.add, operator.iadd, torch.add, "add", "add_"), Sum),
    **dict.fromkeys((operator.mul, operator.imul, torch.mul, "mul", "mul_"), Product),
    **dict.fromkeys((torch.cat, torch.concat, torch.concatenate), Concatenation),
    **dict.fromkeys((torch.relu, F.relu, "relu"), nn.ReLU),
    **dict.fromkeys((torch.sigmoid, F.sigmoid, "sigmoid"), nn.Sigmoid),
    **dict.fromkeys((operator.getitem, torch.flatten, "flatten", "unflatten", "view"), Rearrangement),
    **dict.fromkeys((torch.reshape, "reshape", torch.transpose, "transpose"), Rearrangement),
    **dict.fromkeys((torch.permute, "permute", torch.movedim, "movedim"), Rearrangement),
    **dict.fromkeys((torch.squeeze, "squeeze", torch.unsqueeze, "unsqueeze"), Rearrangement),
    "contiguous": nn.Identity,
}
"""The functions, operators and methods that may stand in a `forward`, and the layer that each is."""
