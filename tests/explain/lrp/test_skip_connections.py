"""Relevance through sums, concatenations and gates, against dense matrices in float64."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.explain.lrp.literal import dense, divide
from tests.explain.lrp.test_propagation import without_bias
from tests.networks.skipping import Adding, Concatenating, Gating, images, skipping
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.scores import Scoring
from xai_ad.errors import UnsupportedLayerError
from xai_ad.explain import Lrp
from xai_ad.explain.lrp.layers import handed_down, require_rule
from xai_ad.explain.lrp.propagation import relevance_of
from xai_ad.explain.lrp.rules import Division, LrpRule, epsilon_rule
from xai_ad.explain.results import diagnostics
from xai_ad.networks.graph import graph_of
from xai_ad.networks.merging import merged
from xai_ad.networks.operations import Product, Sum

RULES = {
    LrpRule.EPSILON: ("epsilon", "epsilon", "epsilon"),
    LrpRule.GAMMA: ("gamma", "gamma", "gamma"),
    LrpRule.Z_PLUS: ("z_plus", "z_plus", "z_plus"),
    LrpRule.COMPOSITE: ("bounded", "z_plus", "epsilon"),
}
"""What the first convolution, the second and all of the decoder take."""


def matrix_lrp(network, image, rules, epsilon):
    """Propagate the slow way, one dense matrix for each convolution and its batch norm, and one for the sum."""
    steps, value, shape = [], image.flatten().numpy(), tuple(image.shape)
    outputs = []
    for index, block in enumerate([*network.encoder, network.decoder[0], network.decoder[1]]):
        if index == 3:
            late, early = outputs[2], outputs[0]
            value = late + early if isinstance(network, Adding) else np.concatenate([late, early])
            shape = (network.inputs, *shape[1:])
        matrix, bias, shape = dense(block[:2], shape)
        steps.append((matrix, bias, value))
        value = block[2](torch.from_numpy(matrix @ value + bias)).numpy()
        outputs.append(value)
    first, encoder, decoder = rules
    relevance = (value - image.flatten().numpy()) ** 2 / value.size
    relevance, _, _ = divide(decoder, *steps[3], relevance, epsilon=epsilon)
    late, early = outputs[2], outputs[0]
    count = late.size
    if isinstance(network, Adding):
        ones = np.hstack([np.eye(count), np.eye(count)])
        both = np.concatenate([late, early])
        relevance, _, _ = divide(decoder, ones, np.zeros(count), both, relevance, epsilon=epsilon)
    of_late, of_early = relevance[:count], relevance[count:]
    relevance, _, _ = divide(decoder, *steps[2], of_late, epsilon=epsilon)
    relevance, _, _ = divide(encoder, *steps[1], relevance, epsilon=epsilon)
    relevance, _, _ = divide(first, *steps[0], relevance + of_early, epsilon=epsilon)
    return relevance.reshape(image.shape)


@pytest.mark.parametrize("kind", [Adding, Concatenating], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("rule", LrpRule)
@pytest.mark.parametrize("epsilon", [1e-4, 0.1])
def test_relevance_through_a_skip_connection_equals_its_matrix_form(kind, rule, epsilon):
    network, image = skipping(kind).double(), images(1)[0].double()
    found = relevance_of(merged(graph_of(network)), image[None], Scoring(), rule=rule, epsilon=epsilon)
    expected = matrix_lrp(network, image, RULES[rule], epsilon)
    assert found.relevance[0].numpy() == pytest.approx(expected, rel=1e-8, abs=1e-14)
    score = float((network(image[None]) - image).detach().square().mean())
    total = float(found.relevance.sum() + found.to_bias + found.to_epsilon)
    assert total == pytest.approx(score, rel=1e-9)


@pytest.mark.parametrize("kind", [Adding, Concatenating, Gating], ids=lambda kind: kind.__name__)
def test_relevance_is_conserved_without_bias(kind):
    network, image = without_bias(skipping(kind).double()), images(1).double()
    found = relevance_of(merged(graph_of(network)), image, Scoring(), rule=LrpRule.EPSILON, epsilon=1e-12)
    score = float((network(image) - image).detach().square().mean())
    assert float(found.relevance.sum()) == pytest.approx(score, rel=1e-8)
    assert float(found.to_bias) == pytest.approx(0, abs=1e-12)


@torch.inference_mode()
def test_a_gate_takes_no_relevance_from_what_it_lets_through():
    network, image = skipping(Gating).double(), images(1)[0].double()
    found = relevance_of(
        merged(graph_of(network)), image[None], Scoring(), rule=LrpRule.EPSILON, epsilon=1e-4
    )
    early = network.encoder[0](image[None])
    gated = (network.decoder[0](network.embed(image[None])).sigmoid() * early).flatten().numpy()
    output = network(image[None])[0]
    out, first = network.decoder[1][:2], network.encoder[0][:2]
    matrix, bias, _ = dense(out, early.shape[1:])
    relevance = ((output - image).square() / output.numel()).flatten().numpy()
    relevance, _, _ = divide("epsilon", matrix, bias, gated, relevance, epsilon=1e-4)
    matrix, bias, _ = dense(first, image.shape)
    expected, _, _ = divide("epsilon", matrix, bias, image.flatten().numpy(), relevance, epsilon=1e-4)
    assert found.relevance.flatten().numpy() == pytest.approx(expected, rel=1e-8, abs=1e-14)


@torch.inference_mode()
def test_an_addend_that_is_broadcast_gets_what_all_its_places_get():
    whole, narrow = images(2).double(), images(2).double()[:, :, :1, :1]
    relevance = images(2, seed=5).double()
    output = whole + narrow
    shared = handed_down(Sum(), [whole, narrow], output, relevance, Division(epsilon_rule, 1e-12))
    torch.testing.assert_close(shared.relevances[0], relevance * whole / output)
    expected = (relevance * narrow / output).sum(dim=(2, 3), keepdim=True)
    torch.testing.assert_close(shared.relevances[1], expected)


def test_a_product_without_a_gate_has_no_rule():
    with pytest.raises(
        UnsupportedLayerError, match=r"no rule for Product.*rules for Conv2d.*Sum, Concatenation, Gate"
    ):
        require_rule(Product())


def test_the_explainer_explains_a_network_with_skip_connections():
    classifier = AnomalyClassifier(skipping(Adding), Calibration(threshold=1.0, score_max=2.0, map_scale=4.0))
    found = Lrp().explain(classifier, images(1)[0])
    shares = diagnostics(found)["bias_share"] + diagnostics(found)["epsilon_share"]
    assert found.residual == pytest.approx(shares, abs=1e-4 * found.score)
    assert isinstance(classifier.network, nn.Module)
