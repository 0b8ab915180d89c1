"""A network's graph with whatever is one linear map made one layer."""

import copy
from dataclasses import replace

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from xai_ad.networks.asymmetric import AsymmetricConvolution, AsymmetricTransposedConvolution
from xai_ad.networks.augmented import AttentionAugmented
from xai_ad.networks.graph import Graph, Step


@torch.no_grad()
def merged(graph: Graph) -> Graph:
    """Return a graph that computes the same, each linear map as one of its steps.

    A convolution followed by a batch norm is one linear map: explained apart, relevance would depend on how the two
    share the work, which training decides arbitrarily; computed apart, they take longer. So are an asymmetric block's
    three branches, which are fused. The batch norm after an attention-augmented convolution goes into its convolution
    and into W_O, which gets a bias. A batch norm stays where others read what it is given. Merged layers are new ones,
    the network's own stay as they are.
    """
    uses, steps, numbers = graph.uses(), list[Step](), [0]
    for step in graph.steps:
        inputs, layer = tuple(numbers[number] for number in step.inputs), step.layer
        joined = None
        if isinstance(layer, nn.BatchNorm2d) and inputs[0] and uses[step.inputs[0]] == 1:
            joined = _joined(steps[inputs[0] - 1].layer, layer)
        if joined is not None:
            steps[inputs[0] - 1] = replace(steps[inputs[0] - 1], layer=joined)
            numbers.append(inputs[0])
            continue
        if isinstance(layer, AsymmetricConvolution | AsymmetricTransposedConvolution):
            layer = layer.fused()
        steps.append(Step(layer, inputs))
        numbers.append(len(steps))
    return Graph(tuple(steps), entering=numbers[graph.entering], embedding=numbers[graph.embedding])


def _joined(layer: nn.Module, norm: nn.BatchNorm2d) -> nn.Module | None:
    """Return one layer that does what a layer and the batch norm after it do; None where it takes two."""
    if norm.running_var is None:
        return None
    if isinstance(layer, AttentionAugmented):
        return _merged_augmented(layer, norm)
    if isinstance(layer, nn.Conv2d):
        return fuse_conv_bn_eval(layer, norm)
    if isinstance(layer, nn.ConvTranspose2d) and layer.groups == 1:  # torch merges no grouped ones
        return fuse_conv_bn_eval(layer, norm, transpose=True)
    return None


def _merged_augmented(layer: AttentionAugmented, norm: nn.BatchNorm2d) -> nn.Module | None:
    """Merge a batch norm's first channels into the convolution and its last, the attention's, into W_O."""
    convolved = layer.convolution.out_channels
    convolution = _joined(layer.convolution, _of_channels(norm, slice(convolved)))
    if convolution is None:
        return None
    merged = copy.deepcopy(layer)
    merged.convolution = convolution
    merged.attention.mix = fuse_linear_bn_eval(
        merged.attention.mix, _of_channels(norm, slice(convolved, None))
    )
    return merged


def _of_channels(norm: nn.BatchNorm2d, channels: slice) -> nn.BatchNorm2d:
    """Return the batch norm of some of the channels."""
    part = copy.deepcopy(norm)
    part.num_features = len(range(*channels.indices(norm.num_features)))
    for name, value in [*norm.named_parameters(), *norm.named_buffers()]:
        if value.ndim:  # not the count of batches
            getattr(part, name).data = value.data[channels]
    return part
