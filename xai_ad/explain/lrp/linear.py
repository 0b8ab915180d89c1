"""Layers as linear maps: what the rules need of a layer z = linear(a) + b.

Rules weigh positive and negative weights apart, so a map and its transpose are functions of the weight too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.grad import conv2d_input

from xai_ad.errors import UnsupportedLayerError


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearMap:
    """z = applied(a, weight) + bias, and the transpose of the linear part."""

    weight: Tensor
    bias: Tensor
    """What is added, to broadcast over z."""
    applied: Callable[[Tensor, Tensor], Tensor]
    """The linear part at any weight, from (a, weight) to z."""
    transposed: Callable[[Tensor, Tensor, torch.Size], Tensor]
    """Its transpose at any weight, from (like z, weight, a's shape) to something like a."""


def convolution_map(layer: nn.Conv2d) -> LinearMap:
    """Return a zero-padded convolution as a linear map."""
    padding = layer.padding
    if layer.padding_mode != "zeros" or isinstance(padding, str):
        raise UnsupportedLayerError(f"Relevance goes through zero-padded convolutions only. Got {layer}.")

    def transposed(output: Tensor, weight: Tensor, shape: torch.Size) -> Tensor:
        down: Tensor = conv2d_input(  # type: ignore[no-untyped-call]  # torch leaves it unannotated
            shape, weight, output, layer.stride, padding, layer.dilation, layer.groups
        )
        return down

    return LinearMap(
        weight=layer.weight,
        bias=_bias(layer),
        applied=lambda values, weight: F.conv2d(
            values, weight, None, layer.stride, padding, layer.dilation, layer.groups
        ),
        transposed=transposed,
    )


def transposed_convolution_map(layer: nn.ConvTranspose2d) -> LinearMap:
    """Return a transposed convolution as a linear map."""
    padding, more = layer.padding, layer.output_padding
    if isinstance(padding, str) or isinstance(more, str):  # torch's annotation allows it, its layer does not
        raise UnsupportedLayerError(f"Relevance needs an explicit padding. Got {layer}.")
    return LinearMap(
        weight=layer.weight,
        bias=_bias(layer),
        applied=lambda values, weight: F.conv_transpose2d(
            values, weight, None, layer.stride, padding, more, layer.groups, layer.dilation
        ),
        transposed=lambda output, weight, _shape: F.conv2d(
            output, weight, None, layer.stride, padding, layer.dilation, layer.groups
        ),
    )


LINEAR_MAPS: dict[type[nn.Module], Callable[[Any], LinearMap]] = {
    nn.Conv2d: convolution_map,
    nn.ConvTranspose2d: transposed_convolution_map,
}
"""The layers that are one linear map which mixes many inputs."""


def batch_norm_map(layer: nn.BatchNorm2d) -> LinearMap:
    """Return a batch norm with its running statistics as a linear map, a factor and a shift for each channel."""
    if layer.running_mean is None or layer.running_var is None:
        raise UnsupportedLayerError(f"Relevance needs a batch norm's running statistics. Got {layer}.")
    scale = (layer.running_var + layer.eps).rsqrt()
    scale = scale if layer.weight is None else scale * layer.weight
    shift = -layer.running_mean * scale
    shift = shift if layer.bias is None else shift + layer.bias
    return LinearMap(
        weight=scale[:, None, None],
        bias=shift[:, None, None],
        applied=lambda values, weight: values * weight,
        transposed=lambda output, weight, _shape: output * weight,
    )


def mixing_map(layer: nn.Linear) -> LinearMap:
    """Return a linear layer that mixes the channels of each place, (N, I, H, W) -> (N, O, H, W)."""
    return LinearMap(
        weight=layer.weight,  # (O, I)
        bias=_bias(layer),
        applied=lambda values, weight: torch.einsum("oi,nihw->nohw", weight, values),
        transposed=lambda output, weight, _shape: torch.einsum("oi,nohw->nihw", weight, output),
    )


def sum_map(like: Tensor) -> LinearMap:
    """Return the sum of two maps, (N, 2, C, H, W) -> (N, C, H, W): a layer whose weights are ones."""
    return LinearMap(
        weight=like.new_ones(2, 1, 1, 1),
        bias=like.new_zeros(()),
        applied=lambda values, weight: (values * weight).sum(dim=1),
        transposed=lambda output, weight, _shape: output[:, None] * weight,
    )


def attending_map(weights: Tensor) -> LinearMap:
    """Return the averaging of values over places, (N, d, H, W) -> (N, d, H, W).

    `weights`, (N, H, W, H * W), says how much each place gets from each; it counts as constant.
    """

    def applied(values: Tensor, weight: Tensor) -> Tensor:
        return torch.einsum("nhwj,ndj->ndhw", weight, values.flatten(2))

    def transposed(output: Tensor, weight: Tensor, shape: torch.Size) -> Tensor:
        return torch.einsum("nhwj,ndhw->ndj", weight, output).reshape(shape)

    return LinearMap(weight=weights, bias=weights.new_zeros(()), applied=applied, transposed=transposed)


def _bias(layer: Any) -> Tensor:
    return layer.weight.new_zeros(()) if layer.bias is None else layer.bias[:, None, None]  # type: ignore[no-any-return]
