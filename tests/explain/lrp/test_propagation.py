"""Relevance propagation against its matrix form, in float64."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from xai_ad.classifier import AnomalyClassifier, Calibration
from xai_ad.data.images import read_image
from xai_ad.errors import UnsupportedLayerError
from xai_ad.explain import Lrp
from xai_ad.explain.lrp.propagation import flat_layers, relevance_of
from xai_ad.explain.lrp.rules import epsilon_rule
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.scores import Scoring
from xai_ad.store import SHIPPED, load

CALIBRATION = Calibration(threshold=1.0, score_max=2.0, map_scale=4.0)


def dense(layers, shape):
    """Return the matrix and the bias of what the layers do to an input of a shape, by trying every unit vector."""
    run = nn.Sequential(*layers)
    count = int(np.prod(shape))
    with torch.no_grad():
        bias = run(torch.zeros(1, *shape).double())
        columns = run(torch.eye(count).double().reshape(count, *shape)) - bias
    return columns.reshape(count, -1).T.numpy(), bias.flatten().numpy(), tuple(bias.shape[1:])


def matrix_lrp(network, image, epsilon):
    """Eq. 3.18 the slow way: one dense matrix for each convolution and its batch norm."""
    blocks = [list(block) for block in [*network.encoder, *network.decoder]]
    value, steps = image.double().flatten().numpy(), []
    shape = tuple(image.shape)
    for convolution, norm, activation in blocks:
        matrix, bias, shape = dense([convolution, norm], shape)
        output = matrix @ value + bias
        steps.append((matrix, value, output))
        value = activation(torch.from_numpy(output)).numpy()
    relevance = (value - image.double().flatten().numpy()) ** 2 / value.size
    for matrix, entering, output in reversed(steps):
        contributions = matrix * entering[None, :]  # (outputs, inputs)
        denominators = output + epsilon * np.where(output >= 0, 1, -1)
        relevance = (contributions / denominators[:, None] * relevance[:, None]).sum(axis=0)
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
def test_relevance_equals_its_matrix_form(network, image, epsilon):
    found = relevance_of(network, image[None].double(), Scoring(), epsilon=epsilon)
    expected = matrix_lrp(network, image, epsilon)
    assert found.relevance[0].numpy() == pytest.approx(expected, rel=1e-8, abs=1e-14)


def test_relevance_the_biases_and_epsilon_make_up_the_score(network, image):
    found = relevance_of(network, image[None].double(), Scoring(), epsilon=0.01)
    score = float((network(image[None].double()) - image).square().mean())
    total = float(found.relevance.sum()) + found.to_bias + found.to_epsilon
    assert total == pytest.approx(score, rel=1e-9)
    assert abs(found.to_bias) > 1e-3 * score
    assert abs(found.to_epsilon) > 1e-5 * score


def test_relevance_is_conserved_without_bias(network, image):
    found = relevance_of(without_bias(network), image[None].double(), Scoring(), epsilon=1e-12)
    score = float((without_bias(network)(image[None].double()) - image).square().mean())
    assert float(found.relevance.sum()) == pytest.approx(score, rel=1e-6)
    assert found.to_bias == pytest.approx(0, abs=1e-6 * score)


def test_a_batch_norm_on_its_own_takes_the_epsilon_rule(image):
    norm = nn.BatchNorm2d(3).double().eval()
    norm.running_mean.copy_(torch.tensor([0.1, 0.2, 0.3]))
    norm.running_var.copy_(torch.tensor([0.5, 1.0, 2.0]))
    norm.weight.data.copy_(torch.tensor([1.0, -2.0, 0.5]))
    norm.bias.data.copy_(torch.tensor([0.3, 0.1, -0.2]))
    network = ConvolutionalAutoencoder(nn.Sequential(norm), nn.Sequential(nn.Identity()))
    found = relevance_of(network, image[None].double(), Scoring(), epsilon=1e-3)
    pixels = image.double().numpy()
    matrix, bias, _ = dense([norm], image.shape)
    output = (matrix @ pixels.flatten() + bias).reshape(pixels.shape)
    ratio = (output - pixels) ** 2 / pixels.size / (output + 1e-3 * np.where(output >= 0, 1, -1))
    assert found.relevance[0].numpy() == pytest.approx(
        pixels * (np.diag(matrix).reshape(pixels.shape) * ratio), rel=1e-8, abs=1e-14
    )


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2),
        nn.Conv2d(4, 6, (2, 3), stride=(3, 1), bias=False),
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
        nn.ConvTranspose2d(4, 6, 4, stride=3, bias=False),
    ],
)
def test_every_kind_of_convolution_is_transposed_right(layer):
    layer = layer.double()
    entering = torch.randn(1, 4, 7, 8, generator=torch.Generator().manual_seed(0)).double()
    with torch.inference_mode():
        output = layer(entering)
        relevance = output.square()
        found = epsilon_rule(layer, entering, output, relevance, 1e-3).relevance
    matrix, bias, _ = dense([layer], entering.shape[1:])
    flat = matrix @ entering.flatten().numpy() + bias
    ratio = flat**2 / (flat + 1e-3 * np.where(flat >= 0, 1, -1))
    expected = entering.flatten().numpy() * (matrix.T @ ratio)
    assert found.flatten().numpy() == pytest.approx(expected, rel=1e-8, abs=1e-10)


def test_an_output_of_zero_counts_as_positive():
    layer = nn.Conv2d(1, 1, 1, bias=False)
    layer.weight.data.fill_(1.0)
    zero = torch.zeros(1, 1, 1, 1)
    with torch.inference_mode():
        found = epsilon_rule(layer, torch.ones(1, 1, 1, 1), zero, torch.ones(1, 1, 1, 1), 0.5)
    assert float(found.relevance) == 2.0
    assert found.to_epsilon == 1.0


def test_merging_batch_norms_changes_no_output_and_no_module(network, image):
    before = copy.deepcopy(network.state_dict())
    layers = flat_layers(network)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in layers)
    with torch.no_grad():
        merged = nn.Sequential(*layers)(image[None].double())
        assert torch.allclose(merged, network(image[None].double()), rtol=1e-10)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_the_explainer_reports_what_reached_no_pixel(classifier, image):
    found = Lrp().explain(classifier, image)
    shares = found.diagnostics["bias_share"] + found.diagnostics["epsilon_share"]
    assert found.baseline == 0
    assert found.residual == pytest.approx(shares, abs=1e-4 * max(abs(shares), found.score))


def test_a_map_that_lost_most_of_the_score_says_so(classifier, image):
    biased = copy.deepcopy(classifier.network)
    biased.decoder[-1][1].bias.data += 10.0  # white, whatever the image
    found = Lrp().explain(AnomalyClassifier(biased, CALIBRATION), image)
    lost = abs(found.residual) / found.score
    assert lost > 0.5
    assert f"took up {lost:.0%} of the score" in found.diagnostics["warning"]
    unbiased = AnomalyClassifier(without_bias(classifier.network), CALIBRATION)
    assert "warning" not in Lrp(epsilon=1e-9).explain(unbiased, image).diagnostics


def test_a_map_whose_shares_cancel_says_that_it_is_noise():
    classifier, card = load("washer-bcae1")
    picture = read_image(SHIPPED.parent / "sample_data/washer/test/missing_piece/001.jpg", card)
    found = Lrp().explain(classifier, picture)
    sizes = sum(abs(share) for share in found.relevance.ravel().tolist()) / found.score
    assert found.diagnostics["cancellation"] == pytest.approx(sizes)
    assert sizes > 10
    assert f"{sizes:.0f} times the score in all, cancel" in found.diagnostics["warning"]


def test_a_subclass_that_runs_as_its_parent_is_taken_apart(network, image):
    class Named(ConvolutionalAutoencoder):
        pass

    named = Named(network.encoder, network.decoder)
    found = relevance_of(named, image[None].double(), Scoring(), epsilon=1e-4).relevance
    assert torch.equal(found, relevance_of(network, image[None].double(), Scoring(), epsilon=1e-4).relevance)


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


def test_a_network_that_is_no_plain_sequence_is_refused(image):
    class Skipping(ConvolutionalAutoencoder):
        def forward(self, images):
            return super().forward(images) * images

    network = Skipping(nn.Sequential(nn.Conv2d(3, 3, 1)), nn.Sequential(nn.Sigmoid()))
    with pytest.raises(UnsupportedLayerError, match="Skipping"):
        Lrp().explain(AnomalyClassifier(network, CALIBRATION), image)
