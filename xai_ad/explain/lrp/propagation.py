"""The walk: a network's layers in order, and the relevance taken through them in reverse.

Nothing is hooked and nothing is edited, so that a model shared between threads can be explained by all of them at once.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from xai_ad.errors import UnsupportedLayerError
from xai_ad.explain.lrp.rules import RULES, Rule
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.progress import Progress, silent
from xai_ad.scores import Scoring


class Propagated(NamedTuple):
    """Relevance of a network's input, and what reached no input on the way."""

    relevance: Tensor  # (N, C, H, W)
    to_bias: float
    to_epsilon: float


def flat_layers(network: ConvolutionalAutoencoder) -> list[nn.Module]:
    """Return the network's layers in the order they run, batch norms merged into the convolutions before them.

    A convolution followed by a batch norm is one linear map; taken apart, the relevance would depend on how the two
    share the work, which training decides arbitrarily. Merged layers are new ones, the network's own stay as they
    are. Raises `UnsupportedLayerError` for a network that is no plain sequence.
    """
    if type(network).forward is not ConvolutionalAutoencoder.forward:
        raise UnsupportedLayerError(
            f"Relevance goes through an encoder followed by a decoder. {type(network).__name__} runs them otherwise."
        )
    merged: list[nn.Module] = []
    for layer in itertools.chain(_flattened(network.encoder), _flattened(network.decoder)):
        before = merged[-1] if merged else None
        if isinstance(layer, nn.BatchNorm2d) and layer.running_var is not None:
            if isinstance(before, nn.Conv2d):
                merged[-1] = fuse_conv_bn_eval(before, layer)
                continue
            if isinstance(before, nn.ConvTranspose2d) and before.groups == 1:  # torch merges no grouped ones
                merged[-1] = fuse_conv_bn_eval(before, layer, transpose=True)
                continue
        merged.append(layer)
    return merged


def _flattened(module: nn.Module) -> Iterator[nn.Module]:
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        for child in module.children():
            yield from _flattened(child)
    else:
        yield module


def propagate(
    layers: list[nn.Module],
    activations: list[Tensor],
    relevance: Tensor,
    *,
    epsilon: float,
    rules: Mapping[type[nn.Module], Rule] = RULES,
    on_progress: Progress = silent,
) -> Propagated:
    """Take the last activation's relevance back to the first; reports after each layer.

    `activations` holds what enters each layer and then what leaves the last. The relevance handed in equals what
    arrives plus what went to the biases and to epsilon. Raises `UnsupportedLayerError` naming a layer without a rule.
    """
    to_bias = to_epsilon = 0.0
    for index in reversed(range(len(layers))):
        rule = rule_of(layers[index], rules)
        passed = rule(layers[index], activations[index], activations[index + 1], relevance, epsilon)
        relevance = passed.relevance
        to_bias += passed.to_bias
        to_epsilon += passed.to_epsilon
        on_progress(1 - index / len(layers))
    return Propagated(relevance, to_bias, to_epsilon)


def rule_of(layer: nn.Module, rules: Mapping[type[nn.Module], Rule] = RULES) -> Rule:
    """Return a layer's rule, or raise `UnsupportedLayerError` naming the layer and those that have one."""
    if type(layer) not in rules:
        known = ", ".join(kind.__name__ for kind in rules)
        one_line = " ".join(str(layer).split())
        raise UnsupportedLayerError(f"Relevance has no rule for {one_line}. There are rules for {known}.")
    return rules[type(layer)]


def activations_of(layers: list[nn.Module], images: Tensor) -> list[Tensor]:
    """Return what enters each layer, and what leaves the last."""
    activations = [images]
    for layer in layers:
        # In-place layers would overwrite what the layer before them gave.
        entering = activations[-1].clone() if getattr(layer, "inplace", False) else activations[-1]
        activations.append(layer(entering))
    return activations


@torch.inference_mode()
def relevance_of(
    network: ConvolutionalAutoencoder,
    images: Tensor,
    scoring: Scoring,
    *,
    epsilon: float,
    on_progress: Progress = silent,
) -> Propagated:
    """Return the relevance of the images' values for their scores, in the images' precision.

    It starts from each output value's share of the score. Starting from the score's gradient instead would weigh all
    places alike, however small their error.
    """
    layers = flat_layers(network)
    for layer in layers:
        rule_of(layer)  # before any work is done
    activations = activations_of(layers, images)
    shares = scoring.shares(images, activations[-1])
    return propagate(layers, activations, shares, epsilon=epsilon, on_progress=on_progress)
