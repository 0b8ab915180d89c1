"""Whole networks: relevance against its matrix form in float64, and what the explainer says of it."""

import copy

import pytest
import torch
from torch import nn

from tests.explain.lrp.literal import dense, divide
from tests.networks.skipping import Deciding, skipping
from tests.networks.skipping import images as skipping_images
from xai_ad.data.reading import read_image
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.scores import Scoring
from xai_ad.errors import UnknownNameError, UnsupportedLayerError
from xai_ad.explain import Lrp
from xai_ad.explain.lrp.explainer import _loss
from xai_ad.explain.lrp.propagation import relevance_of
from xai_ad.explain.lrp.rules import LrpRule
from xai_ad.explain.results import diagnostics
from xai_ad.machine.places import samples
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.networks.graph import graph_of
from xai_ad.networks.merging import merged
from xai_ad.store import load

CALIBRATION = Calibration(threshold=1.0, score_max=2.0, map_scale=4.0)
EPSILON = Lrp(rule=LrpRule.EPSILON)


RULES = {
    LrpRule.EPSILON: ["epsilon"] * 5,
    LrpRule.GAMMA: ["gamma"] * 5,
    LrpRule.Z_PLUS: ["z_plus"] * 5,
    LrpRule.COMPOSITE: ["bounded", "z_plus", "epsilon", "epsilon", "epsilon"],
}
"""What each of the tiny network's convolutions takes: two in the encoder, three in the decoder."""


def matrix_lrp(network, image, rules, epsilon, gamma=0.25):
    """Propagate the slow way: one dense matrix for each convolution and its batch norm."""
    blocks = [list(block) for block in [*network.encoder, *network.decoder]]
    value, steps = image.double().flatten().numpy(), []
    shape = tuple(image.shape)
    for convolution, norm, activation in blocks:
        matrix, bias, shape = dense([convolution, norm], shape)
        steps.append((matrix, bias, value))
        value = activation(torch.from_numpy(matrix @ value + bias)).numpy()
    relevance = (value - image.double().flatten().numpy()) ** 2 / value.size
    for step, rule in reversed(list(zip(steps, rules, strict=True))):
        relevance, _, _ = divide(rule, *step, relevance, epsilon=epsilon, gamma=gamma)
    return relevance.reshape(image.shape)


def without_bias(network):
    bare = copy.deepcopy(network)
    for layer in bare.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            layer.bias = None
        if isinstance(layer, nn.BatchNorm2d):
            layer.bias.data.zero_()
            layer.running_mean.zero_()
    return bare


@pytest.fixture
def network(classifier):
    return copy.deepcopy(classifier.network).double()


@pytest.mark.parametrize("epsilon", [1e-4, 0.1])
@pytest.mark.parametrize("rule", LrpRule)
def test_relevance_equals_its_matrix_form(network, image, rule, epsilon):
    found = relevance_of(
        merged(graph_of(network)), image[None].double(), Scoring(), rule=rule, epsilon=epsilon
    )
    expected = matrix_lrp(network, image, RULES[rule], epsilon)
    assert found.relevance[0].numpy() == pytest.approx(expected, rel=1e-8, abs=1e-14)


def test_gamma_reaches_the_rule(network, image):
    found = relevance_of(
        merged(graph_of(network)),
        image[None].double(),
        Scoring(),
        rule=LrpRule.GAMMA,
        epsilon=1e-4,
        gamma=2.0,
    )
    expected = matrix_lrp(network, image, RULES[LrpRule.GAMMA], 1e-4, gamma=2.0)
    assert found.relevance[0].numpy() == pytest.approx(expected, rel=1e-8, abs=1e-14)


def test_relevance_the_biases_and_epsilon_make_up_the_score(network, image):
    found = relevance_of(
        merged(graph_of(network)), image[None].double(), Scoring(), rule=LrpRule.EPSILON, epsilon=0.01
    )
    score = float((network(image[None].double()) - image).square().mean())
    total = float(found.relevance.sum() + found.to_bias + found.to_epsilon)
    assert total == pytest.approx(score, rel=1e-9)
    assert abs(found.to_bias) > 1e-3 * score
    assert abs(found.to_epsilon) > 1e-5 * score


def test_relevance_is_conserved_without_bias(network, image):
    found = relevance_of(
        merged(graph_of(without_bias(network))),
        image[None].double(),
        Scoring(),
        rule=LrpRule.EPSILON,
        epsilon=1e-12,
    )
    score = float((without_bias(network)(image[None].double()) - image).square().mean())
    assert float(found.relevance.sum()) == pytest.approx(score, rel=1e-6)
    assert float(found.to_bias) == pytest.approx(0, abs=1e-6 * score)


def test_the_explainer_reports_what_reached_no_pixel(classifier, image):
    found = Lrp().explain(classifier, image)
    shares = diagnostics(found)["bias_share"] + diagnostics(found)["epsilon_share"]
    assert found.baseline == 0
    assert found.residual == pytest.approx(shares, abs=1e-4 * max(abs(shares), found.score))


def test_a_map_that_lost_most_of_the_score_says_so(classifier, image):
    biased = copy.deepcopy(classifier.network)
    biased.decoder[-1][1].bias.data += 10.0  # white, whatever the image
    found = EPSILON.explain(AnomalyClassifier(biased, CALIBRATION), image)
    lost = abs(found.residual) / found.score
    assert lost > 0.5
    assert f"took up {lost:.0%} of the score" in diagnostics(found)["warning"]
    unbiased = AnomalyClassifier(without_bias(classifier.network), CALIBRATION)
    assert "warning" not in diagnostics(Lrp(rule=LrpRule.EPSILON, epsilon=1e-9).explain(unbiased, image))


def test_a_map_whose_shares_cancel_says_that_it_is_noise():
    classifier, card = load("washer-bcae1")
    picture = read_image(samples() / "washer/test/missing_piece/001.jpg", card)
    found = EPSILON.explain(classifier, picture)
    sizes = sum(abs(share) for share in found.relevance.ravel().tolist()) / found.score
    assert diagnostics(found)["cancellation"] == pytest.approx(sizes)
    assert sizes > 10
    assert f"{sizes:.0f} times the score in all, cancel" in diagnostics(found)["warning"]


def test_a_subclass_that_runs_as_its_parent_is_taken_apart(network, image):
    class Named(ConvolutionalAutoencoder):
        pass

    named = Named(network.encoder, network.decoder)
    found = relevance_of(
        merged(graph_of(named)), image[None].double(), Scoring(), rule=LrpRule.EPSILON, epsilon=1e-4
    ).relevance
    assert torch.equal(
        found,
        relevance_of(
            merged(graph_of(network)), image[None].double(), Scoring(), rule=LrpRule.EPSILON, epsilon=1e-4
        ).relevance,
    )


def test_a_map_that_epsilon_took_says_so_and_blames_no_bias(classifier, image):
    unbiased = AnomalyClassifier(without_bias(classifier.network), CALIBRATION)
    found = Lrp(rule=LrpRule.Z_PLUS, epsilon=1e3).explain(unbiased, image)
    assert "The rule's stabiliser, epsilon, took up" in diagnostics(found)["warning"]
    assert "biases" not in diagnostics(found)["warning"]


def test_biases_against_the_score_are_named_with_what_the_map_shows(classifier, image):
    biased = copy.deepcopy(classifier.network)
    biased.decoder[-1][1].bias.data += 0.5
    found = Lrp(rule=LrpRule.COMPOSITE).explain(AnomalyClassifier(biased, CALIBRATION), image)
    lost = found.residual / found.score
    assert lost < -0.5
    assert (
        f"biases spoke against the score: the map's shares come to {1 - lost:.2g} times as much"
        in diagnostics(found)["warning"]
    )


def test_the_explainer_hands_its_rule_and_numbers_on(classifier, image):
    found = Lrp(rule=LrpRule.GAMMA, epsilon=0.01, gamma=2.0).explain(classifier, image).relevance[0]
    expected = relevance_of(
        classifier.graph, image[None], Scoring(), rule=LrpRule.GAMMA, epsilon=0.01, gamma=2.0
    )
    assert found == pytest.approx(expected.relevance[0].sum(dim=0).numpy(), rel=1e-4, abs=1e-8)


def test_by_positive_contributions_alone_no_pixel_speaks_against(classifier, image):
    assert (Lrp(rule=LrpRule.Z_PLUS).explain(classifier, image).relevance >= 0).all()
    assert (EPSILON.explain(classifier, image).relevance < 0).any()


def test_an_unknown_layer_is_named(image):
    network = ConvolutionalAutoencoder(
        nn.Sequential(nn.Conv2d(3, 3, 1), nn.Softplus()), nn.Sequential(nn.Sigmoid())
    )
    with pytest.raises(UnsupportedLayerError, match=r"Softplus.*There are rules for Conv2d"):
        Lrp().explain(AnomalyClassifier(network, CALIBRATION), image)


def test_a_convolution_that_pads_otherwise_is_named(image):
    network = ConvolutionalAutoencoder(
        nn.Sequential(nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect")), nn.Sequential(nn.Sigmoid())
    )
    with pytest.raises(UnsupportedLayerError, match="reflect"):
        Lrp().explain(AnomalyClassifier(network, CALIBRATION), image)


def test_a_network_without_a_graph_is_refused():
    with pytest.raises(UnsupportedLayerError, match="Deciding"):
        Lrp().explain(AnomalyClassifier(skipping(Deciding), CALIBRATION), skipping_images(1)[0])


def test_an_unknown_rule_is_refused_naming_those_there_are(network, image):
    with pytest.raises(UnknownNameError, match=r"LRP rule 'flat'.*composite, epsilon"):
        relevance_of(merged(graph_of(network)), image[None].double(), Scoring(), rule="flat", epsilon=1e-4)


@pytest.mark.parametrize("rule", LrpRule)
def test_each_images_shares_are_its_own_in_a_batch(network, image, rule):
    images = torch.stack([image, 1 - image]).double()
    together = relevance_of(merged(graph_of(network)), images, Scoring(), rule=rule, epsilon=0.1)
    for place in range(2):
        alone = relevance_of(
            merged(graph_of(network)), images[place : place + 1], Scoring(), rule=rule, epsilon=0.1
        )
        for found, expected in zip(together, alone, strict=True):
            torch.testing.assert_close(found[place : place + 1], expected, rtol=1e-9, atol=1e-14)
    assert abs(together.to_epsilon[0] - together.to_epsilon[1]) > 1e-6 * abs(together.to_epsilon[0])


def test_what_takes_up_more_than_the_score_is_not_told_in_percent():
    assert _loss(2.92, by_biases=True) == (
        "The network's biases took up the whole score or more: what the map shows does not explain it."
    )
