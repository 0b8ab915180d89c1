"""The rules of relevance propagation, each a pure function, and which layer takes which.

A layer z = linear(a) + b receives the relevance R of its outputs z and hands it down to its inputs a. In the epsilon
rule each input gets the part of R that it contributed to z (Eq. 3.18, with the R_k and the sign that its print omits)::

    R_j = sum_k  a_j w_jk / (z_k + epsilon sign(z_k))  R_k,        sign(0) = 1

What the bias contributed, and what epsilon swallows, reaches no input; a rule says how much that was.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.grad import conv2d_input

from xai_ad.errors import UnsupportedLayerError


class Passed(NamedTuple):
    """What a rule hands down: the inputs' relevance, and the sums that reached none of them."""

    relevance: Tensor  # like the activation
    to_bias: float = 0.0
    to_epsilon: float = 0.0


Rule: TypeAlias = Callable[[nn.Module, Tensor, Tensor, Tensor, float], Passed]
"""Called with (layer, activation, output, relevance of the output, epsilon)."""


def pass_through(
    _layer: nn.Module, _activation: Tensor, _output: Tensor, relevance: Tensor, _epsilon: float
) -> Passed:
    """Hand the relevance down unchanged: an elementwise function has one input for each output."""
    return Passed(relevance)


def epsilon_rule(
    layer: nn.Module, activation: Tensor, output: Tensor, relevance: Tensor, epsilon: float
) -> Passed:
    """Hand each input the part that it contributed (Eq. 3.18); for layers that stand in `LINEAR`."""
    linear = LINEAR[type(layer)]
    stabilised = torch.where(output >= 0, output + epsilon, output - epsilon)
    ratio = relevance / stabilised  # like the output
    return Passed(
        relevance=activation * linear.transposed(layer, ratio, activation.shape),
        to_bias=_sum(ratio * linear.bias(layer)),
        to_epsilon=_sum(ratio * (stabilised - output)),
    )


class Linear(NamedTuple):
    """How a layer is linear: z = linear(a) + bias."""

    transposed: Callable[[Any, Tensor, torch.Size], Tensor]
    """The transposed linear part, from something like z to something of a's shape."""
    bias: Callable[[Any], Tensor]
    """What is added, to broadcast over z."""


def _transposed_convolution(layer: nn.Conv2d, ratio: Tensor, shape: torch.Size) -> Tensor:
    if layer.padding_mode != "zeros" or isinstance(layer.padding, str):
        raise UnsupportedLayerError(f"Relevance goes through zero-padded convolutions only. Got {layer}.")
    down: Tensor = conv2d_input(  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        shape, layer.weight, ratio, layer.stride, layer.padding, layer.dilation, layer.groups
    )
    return down


def _transposed_transposed_convolution(
    layer: nn.ConvTranspose2d, ratio: Tensor, _shape: torch.Size
) -> Tensor:
    padding = layer.padding
    if isinstance(padding, str):  # torch's annotation allows it, its layer does not
        raise UnsupportedLayerError(f"Relevance needs an explicit padding. Got {layer}.")
    return F.conv2d(ratio, layer.weight, None, layer.stride, padding, layer.dilation, layer.groups)


def _convolution_bias(layer: nn.Conv2d | nn.ConvTranspose2d) -> Tensor:
    return torch.zeros(()) if layer.bias is None else layer.bias[:, None, None]


def _batch_norm_scale(layer: nn.BatchNorm2d) -> Tensor:
    scale = (_statistics(layer)[1] + layer.eps).rsqrt()
    return (scale if layer.weight is None else scale * layer.weight)[:, None, None]


def _batch_norm_bias(layer: nn.BatchNorm2d) -> Tensor:
    shift = -_statistics(layer)[0][:, None, None] * _batch_norm_scale(layer)
    return shift if layer.bias is None else shift + layer.bias[:, None, None]


def _statistics(layer: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    if layer.running_mean is None or layer.running_var is None:
        raise UnsupportedLayerError(f"Relevance needs a batch norm's running statistics. Got {layer}.")
    return layer.running_mean, layer.running_var


def _sum(values: Tensor) -> float:
    return float(values.sum(dtype=torch.float64))


LINEAR: dict[type[nn.Module], Linear] = {
    nn.Conv2d: Linear(_transposed_convolution, _convolution_bias),
    nn.ConvTranspose2d: Linear(_transposed_transposed_convolution, _convolution_bias),
    nn.BatchNorm2d: Linear(lambda layer, ratio, _shape: ratio * _batch_norm_scale(layer), _batch_norm_bias),
}
"""The layers that are a linear map and a bias."""

RULES: dict[type[nn.Module], Rule] = {
    **dict.fromkeys(LINEAR, epsilon_rule),
    nn.ReLU: pass_through,
    nn.LeakyReLU: pass_through,
    nn.Sigmoid: pass_through,
    nn.Identity: pass_through,
}
"""Which layer takes which rule; a new layer is a line here."""
