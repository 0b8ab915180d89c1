"""How relevance passes each kind of layer, and which layer is which kind."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from xai_ad.errors import UnsupportedLayerError
from xai_ad.explain.lrp.junctions import JUNCTIONS, Shared
from xai_ad.explain.lrp.linear import (
    LINEAR_MAPS,
    LinearMap,
    attending_map,
    batch_norm_map,
    mixing_map,
)
from xai_ad.explain.lrp.recurrent import CELLS, through_both_ways, through_time
from xai_ad.explain.lrp.rules import Division, Passed, epsilon_rule
from xai_ad.networks.augmented import AttentionAugmented
from xai_ad.networks.clips import RunningOn
from xai_ad.networks.operations import Rearrangement
from xai_ad.networks.recurrent.cells import Bidirectional
from xai_ad.networks.soft_attention import SoftAttention, SoftmaxAttention
from xai_ad.networks.squeeze_excitation import SqueezeExcitation

Passage: TypeAlias = Callable[[Any, Tensor, Tensor, Tensor, Division], Passed]
"""Called with (layer, activation, output, relevance of the output, how its linear maps divide relevance)."""


def unchanged(
    _layer: nn.Module, _activation: Tensor, _output: Tensor, relevance: Tensor, _divide: Division
) -> Passed:
    """Hand the relevance down as it is: each output comes from one input.

    That holds for an elementwise function, and for a layer that multiplies its input by gates or a map, which count
    as constants though the input decides them: relevance follows the signal, not what weighs it (Arras et al. 2017).
    """
    return Passed(relevance)


def through(linear_map: Callable[[Any], LinearMap]) -> Passage:
    """Return the passage through a layer that is a linear map."""

    def passage(
        layer: nn.Module, activation: Tensor, output: Tensor, relevance: Tensor, divide: Division
    ) -> Passed:
        return divide(linear_map(layer), activation, output, relevance)

    return passage


def through_batch_norm(
    layer: nn.BatchNorm2d, activation: Tensor, output: Tensor, relevance: Tensor, divide: Division
) -> Passed:
    """Take the epsilon rule whatever the others take: each output has one input, so there is nothing to choose from."""
    return epsilon_rule(batch_norm_map(layer), activation, output, relevance, divide.epsilon)


def through_augmented(
    layer: AttentionAugmented, activation: Tensor, output: Tensor, relevance: Tensor, divide: Division
) -> Passed:
    """Divide at each of the layer's linear steps: at its convolution, and at those that lead to its attended values.

    The attention's weights count as constants. So its relevance goes through W_O to the attended values, from them
    to the values of the places attended to, and through their projection to the input; queries and keys, which only
    weigh, get none (Ali et al. 2022).
    """
    attention, convolved = layer.attention, layer.convolution.out_channels
    linear_map = LINEAR_MAPS[type(layer.convolution)]
    projections = layer.projection(activation)
    values = projections[:, -attention.value_depth :]  # (N, d_v, H, W)
    attend = attending_map(attention.weights(projections))
    attended = attend.applied(values, attend.weight)

    plain = divide(linear_map(layer.convolution), activation, output[:, :convolved], relevance[:, :convolved])
    mixed = divide(mixing_map(attention.mix), attended, output[:, convolved:], relevance[:, convolved:])
    heard = divide(attend, values, attended, mixed.relevance)
    of_projections = torch.zeros_like(projections)
    of_projections[:, -attention.value_depth :] = heard.relevance
    projected = divide(linear_map(layer.projection), activation, projections, of_projections)

    parts = (plain, mixed, heard, projected)
    return Passed(
        plain.relevance + projected.relevance,
        sum(part.to_bias for part in parts),
        sum(part.to_epsilon for part in parts),
    )


def through_rearrangement(
    layer: Rearrangement, activation: Tensor, _output: Tensor, relevance: Tensor, _divide: Division
) -> Passed:
    """Put relevance back where the values came from; those that were left out get none."""
    down = torch.zeros_like(activation)
    moved = layer(down)
    if moved.untyped_storage().data_ptr() != down.untyped_storage().data_ptr():
        down = torch.zeros_like(activation, memory_format=torch.contiguous_format)
        moved = layer(down)  # a view of it now, to be written through
    moved.copy_(relevance)
    return Passed(down)


def before_running_on(
    _layer: RunningOn, activation: Tensor, _output: Tensor, relevance: Tensor, _divide: Division
) -> Passed:
    """Hand the frames theirs; the silence after them is nothing, and nothing is what reaches it."""
    return Passed(relevance[: len(activation)])


PASSAGES: dict[type[nn.Module], Passage] = {
    **{kind: through(linear_map) for kind, linear_map in LINEAR_MAPS.items()},
    nn.BatchNorm2d: through_batch_norm,
    AttentionAugmented: through_augmented,
    SqueezeExcitation: unchanged,
    SoftAttention: unchanged,
    SoftmaxAttention: unchanged,
    nn.ReLU: unchanged,
    nn.LeakyReLU: unchanged,
    nn.Sigmoid: unchanged,
    nn.Hardtanh: unchanged,
    nn.Identity: unchanged,
    Rearrangement: through_rearrangement,
    RunningOn: before_running_on,
    **dict.fromkeys(CELLS, through_time),
    Bidirectional: through_both_ways,
}
"""How relevance passes each kind of layer; a new kind is a line here."""


def require_rule(layer: nn.Module) -> None:
    """Raise `UnsupportedLayerError` naming a layer that relevance cannot pass, and those that it can."""
    if type(layer) not in PASSAGES and type(layer) not in JUNCTIONS:
        known = ", ".join(kind.__name__ for kind in (*PASSAGES, *JUNCTIONS))
        one_line = " ".join(str(layer).split())
        raise UnsupportedLayerError(f"Relevance has no rule for {one_line}. There are rules for {known}.")


def handed_down(
    layer: nn.Module, values: Sequence[Tensor], output: Tensor, relevance: Tensor, divide: Division
) -> Shared:
    """Take relevance from a layer's output to each of the values that it is given; raises as `require_rule` does."""
    require_rule(layer)
    if type(layer) in JUNCTIONS:
        return JUNCTIONS[type(layer)](values, output, relevance, divide)
    passed = PASSAGES[type(layer)](layer, values[0], output, relevance, divide)
    return Shared((passed.relevance,), passed.to_bias, passed.to_epsilon)
