"""The walk: relevance taken through a network's layers in reverse.

Nothing is hooked and nothing is edited, so that a model shared between threads can be explained by all of them at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from xai_ad.detector.scores import Scoring
from xai_ad.explain.lrp.layers import LINEAR_MAPS, passage_of
from xai_ad.explain.lrp.rules import (
    GAMMA,
    Division,
    LrpRule,
    Rule,
    bounded_rule,
    epsilon_rule,
    gamma_rule,
    z_plus_rule,
)
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.networks.flattening import flat_halves
from xai_ad.progress import Progress, silent


class Propagated(NamedTuple):
    """Relevance of a network's input, and what reached no input on the way."""

    relevance: Tensor  # (N, C, H, W)
    to_bias: float
    to_epsilon: float


def rules_for(
    encoder: Sequence[nn.Module], decoder: Sequence[nn.Module], rule: LrpRule, *, gamma: float
) -> list[Rule]:
    """Return the rule that each layer of the encoder, then of the decoder, takes for its linear maps."""
    count = len(encoder) + len(decoder)
    if rule is LrpRule.EPSILON:
        return [epsilon_rule] * count
    if rule is LrpRule.GAMMA:
        return [gamma_rule(gamma)] * count
    if rule is LrpRule.Z_PLUS:
        return [z_plus_rule] * count
    rules: list[Rule] = [z_plus_rule] * len(encoder) + [epsilon_rule] * len(decoder)
    linear = [index for index, layer in enumerate(encoder) if type(layer) in LINEAR_MAPS]
    if linear:
        rules[linear[0]] = bounded_rule
    return rules


def propagate(
    layers: Sequence[nn.Module],
    activations: Sequence[Tensor],
    relevance: Tensor,
    *,
    rules: Sequence[Rule],
    epsilon: float,
    on_progress: Progress = silent,
) -> Propagated:
    """Take the last activation's relevance back to the first; reports after each layer.

    `activations` holds what enters each layer and then what leaves the last; `rules` each layer's rule. The relevance
    handed in equals what arrives plus what went to the biases and to epsilon. Raises `UnsupportedLayerError` naming a
    layer that relevance cannot pass.
    """
    to_bias = to_epsilon = 0.0
    for index in reversed(range(len(layers))):
        passage, divide = passage_of(layers[index]), Division(rules[index], epsilon)
        passed = passage(layers[index], activations[index], activations[index + 1], relevance, divide)
        relevance = passed.relevance
        to_bias += passed.to_bias
        to_epsilon += passed.to_epsilon
        on_progress(1 - index / len(layers))
    return Propagated(relevance, to_bias, to_epsilon)


def activations_of(layers: Sequence[nn.Module], images: Tensor) -> list[Tensor]:
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
    rule: LrpRule,
    epsilon: float,
    gamma: float = GAMMA,
    on_progress: Progress = silent,
) -> Propagated:
    """Return the relevance of the images' values for their scores, in the images' precision.

    It starts from each output value's share of the score. Starting from the score's gradient instead would weigh all
    places alike, however small their error.
    """
    encoder, decoder = flat_halves(network)
    layers = encoder + decoder
    for layer in layers:
        passage_of(layer)  # before any work is done
    activations = activations_of(layers, images)
    shares = scoring.shares(images, activations[-1])
    rules = rules_for(encoder, decoder, rule, gamma=gamma)
    return propagate(layers, activations, shares, rules=rules, epsilon=epsilon, on_progress=on_progress)
