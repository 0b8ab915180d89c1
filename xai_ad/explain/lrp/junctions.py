"""How relevance is shared out where several values meet."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from xai_ad.explain.lrp.linear import sum_map
from xai_ad.explain.lrp.rules import Division
from xai_ad.networks.operations import Concatenation, Gate, Sum


class Shared(NamedTuple):
    """What an operation hands down to each value that it is given, and what reached none of them (see `Passed`)."""

    relevances: Sequence[Tensor]
    to_bias: Tensor | float = 0.0
    to_epsilon: Tensor | float = 0.0


Junction: TypeAlias = Callable[[Sequence[Tensor], Tensor, Tensor, Division], Shared]
"""Called with (the values given, output, relevance of the output, how linear maps divide relevance)."""


def at_sum(values: Sequence[Tensor], output: Tensor, relevance: Tensor, divide: Division) -> Shared:
    """Divide by the addends' values: a sum is a linear map whose weights are ones."""
    addends = torch.stack([value.expand_as(output) for value in values], dim=1)  # (N, 2, C, H, W)
    passed = divide(sum_map(output), addends, output, relevance)
    parts = zip(passed.relevance.unbind(dim=1), values, strict=True)
    return Shared([part.sum_to_size(value.shape) for part, value in parts], passed.to_bias, passed.to_epsilon)


def at_concatenation(
    values: Sequence[Tensor], _output: Tensor, relevance: Tensor, _divide: Division
) -> Shared:
    """Hand each part its own channels' relevance."""
    parts = torch.split(relevance, [value.shape[1] for value in values], dim=1)
    return Shared(parts)


def at_gate(values: Sequence[Tensor], _output: Tensor, relevance: Tensor, _divide: Division) -> Shared:
    """Hand all to the signal: a gate counts as constant (see `unchanged`)."""
    signal, gate = values
    return Shared((relevance.sum_to_size(signal.shape), torch.zeros_like(gate)))


JUNCTIONS: dict[type[nn.Module], Junction] = {Sum: at_sum, Concatenation: at_concatenation, Gate: at_gate}
"""How relevance is shared out where several values meet."""
