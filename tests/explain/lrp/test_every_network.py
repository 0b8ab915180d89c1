"""What holds for relevance through every image network, at its real size, by every rule."""

import functools

import pytest
import torch
from torch import nn

from xai_ad.detector.scores import Scoring
from xai_ad.explain.lrp.propagation import relevance_of
from xai_ad.explain.lrp.rules import LrpRule
from xai_ad.networks import NetworkKind, build_network, list_networks
from xai_ad.networks.graph import graph_of
from xai_ad.networks.merging import merged

CASES = [(row.id, row.options) for row in list_networks(NetworkKind.IMAGE)]
NAMES = [" ".join([name, *(f"{key}={value}" for key, value in options.items())]) for name, options in CASES]
every_network = pytest.mark.parametrize("case", range(len(CASES)), ids=NAMES)


def pictures(count=1):
    return torch.rand(count, 3, 128, 128, generator=torch.Generator().manual_seed(0)).double()


@functools.cache
def trained_like(case):
    """Build a network in float64 with random weights, and batch norms that have seen pictures."""
    torch.manual_seed(5)
    name, options = CASES[case]
    network = build_network(name, options=options).double().train()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
            layer.weight.data.normal_(1, 0.3)
            layer.bias.data.normal_(0, 0.3)
    with torch.no_grad():
        network(pictures(2))
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_var.clamp_(
                min=0.01
            )  # an unscaled softmax map leaves channels that are constant but for rounding
    return network.eval()


@every_network
@torch.inference_mode()
def test_merged_steps_do_what_the_network_does_without_a_batch_norm(case):
    network, images = trained_like(case), pictures()
    graph = merged(graph_of(network))
    assert not any(isinstance(step.layer, nn.BatchNorm2d) for step in graph.steps)
    torch.testing.assert_close(graph.values(images)[-1], network(images), rtol=1e-10, atol=1e-12)


@every_network
@pytest.mark.parametrize("rule", LrpRule)
def test_relevance_the_biases_and_epsilon_make_up_the_score(case, rule):
    network, images = trained_like(case), pictures()
    found = relevance_of(merged(graph_of(network)), images, Scoring(), rule=rule, epsilon=1e-4)
    with torch.inference_mode():
        score = float((network(images) - images).square().mean())
    assert found.relevance.shape == images.shape
    assert found.relevance.abs().sum() > 1e-6 * score
    total = float(found.relevance.sum() + found.to_bias + found.to_epsilon)
    assert total == pytest.approx(score, rel=1e-7)
