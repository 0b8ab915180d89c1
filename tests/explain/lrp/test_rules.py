"""Each rule through each kind of linear layer, against the rule's printed form on dense matrices."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.explain.lrp.literal import dense, divide
from xai_ad.explain.lrp.layers import LINEAR_MAPS
from xai_ad.explain.lrp.linear import attending_map, batch_norm_map, convolution_map, mixing_map
from xai_ad.explain.lrp.rules import bounded_rule, epsilon_rule, gamma_rule, z_plus_rule

RULES = {
    "epsilon": epsilon_rule,
    "gamma": gamma_rule(0.25),
    "z_plus": z_plus_rule,
    "bounded": bounded_rule,
}
every_rule = pytest.mark.parametrize("rule", RULES)


def signed(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def entering_for(rule, shape):
    """Return values of either sign, or between the bounds that the bounded rule knows."""
    values = signed(1, *shape)
    return values.sigmoid() if rule == "bounded" else values


def check(found, expected):
    relevance, to_bias, to_epsilon = expected
    assert found.relevance.flatten().numpy() == pytest.approx(relevance, rel=1e-8, abs=1e-10)
    assert float(found.to_bias) == pytest.approx(to_bias, rel=1e-8, abs=1e-10)
    assert float(found.to_epsilon) == pytest.approx(to_epsilon, rel=1e-8, abs=1e-10)


@every_rule
@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2),
        nn.Conv2d(4, 6, (2, 3), stride=(3, 1), bias=False),
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
        nn.ConvTranspose2d(4, 6, 4, stride=3, bias=False),
    ],
)
@torch.inference_mode()
def test_a_convolution_divides_relevance_as_its_matrix_does(rule, layer):
    layer = layer.double()
    entering = entering_for(rule, (4, 7, 8))
    output = layer(entering)
    relevance = signed(*output.shape, seed=1)
    matrix, bias, _ = dense([layer], entering.shape[1:])
    expected = divide(rule, matrix, bias, entering.numpy().ravel(), relevance.numpy().ravel(), epsilon=1e-3)
    check(RULES[rule](LINEAR_MAPS[type(layer)](layer), entering, output, relevance, 1e-3), expected)


@every_rule
@torch.inference_mode()
def test_a_batch_norm_divides_relevance_as_its_matrix_does(rule):
    layer = nn.BatchNorm2d(3).double().eval()
    layer.running_mean.copy_(signed(3, seed=2))
    layer.running_var.copy_(signed(3, seed=3).exp())
    layer.weight.copy_(signed(3, seed=4))
    layer.bias.copy_(signed(3, seed=5))
    entering = entering_for(rule, (3, 2, 4))
    relevance = signed(1, 3, 2, 4, seed=1)
    matrix, bias, _ = dense([layer], entering.shape[1:])
    expected = divide(rule, matrix, bias, entering.numpy().ravel(), relevance.numpy().ravel(), epsilon=1e-3)
    check(RULES[rule](batch_norm_map(layer), entering, layer(entering), relevance, 1e-3), expected)


@every_rule
@pytest.mark.parametrize("has_bias", [False, True])
@torch.inference_mode()
def test_a_mixing_layer_divides_relevance_place_by_place(rule, has_bias):
    layer = nn.Linear(3, 2, bias=has_bias).double()
    entering = entering_for(rule, (3, 2, 4))
    output = layer(entering.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    relevance = signed(*output.shape, seed=1)
    found = RULES[rule](mixing_map(layer), entering, output, relevance, 1e-3)
    bias = layer.bias.numpy() if has_bias else np.zeros(2)
    expected, to_bias, to_epsilon = np.zeros((3, 2, 4)), 0.0, 0.0
    for y, x in np.ndindex(2, 4):
        here = divide(
            rule,
            layer.weight.numpy(),
            bias,
            entering[0, :, y, x].numpy(),
            relevance[0, :, y, x].numpy(),
            epsilon=1e-3,
        )
        expected[:, y, x] = here[0]
        to_bias += here[1]
        to_epsilon += here[2]
    check(found, (expected.ravel(), to_bias, to_epsilon))


@every_rule
@torch.inference_mode()
def test_attention_divides_relevance_channel_by_channel(rule):
    weights = signed(1, 2, 2, 4).softmax(dim=-1)
    entering = entering_for(rule, (3, 2, 2))
    attend = attending_map(weights)
    output = attend.applied(entering, weights)
    relevance = signed(1, 3, 2, 2, seed=1)
    found = RULES[rule](attend, entering, output, relevance, 1e-3)
    matrix = weights.reshape(4, 4).numpy()
    parts = [
        divide(rule, matrix, np.zeros(4), entering[0, channel].numpy().ravel(), given, epsilon=1e-3)
        for channel, given in enumerate(relevance[0].flatten(1).numpy())
    ]
    check(found, (np.concatenate([p[0] for p in parts]), sum(p[1] for p in parts), sum(p[2] for p in parts)))


@torch.inference_mode()
def test_an_output_of_zero_counts_as_positive():
    layer = nn.Conv2d(1, 1, 1, bias=False)
    layer.weight.fill_(1.0)
    zero, one = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    for rule, total in ((epsilon_rule, 0.0), (gamma_rule(0.5), 0.25)):
        found = rule(convolution_map(layer), one, zero, one, 0.5)
        assert float(found.to_epsilon) == pytest.approx(0.5 / (total + 0.5))
    assert float(epsilon_rule(convolution_map(layer), one, zero, one, 0.5).relevance) == 2.0


@torch.inference_mode()
def test_what_has_no_positive_contribution_goes_to_epsilon_by_the_z_plus_rule():
    layer = nn.Conv2d(1, 1, 1)
    layer.weight.fill_(-1.0)
    layer.bias.fill_(-1.0)
    one = torch.ones(1, 1, 1, 1)
    found = z_plus_rule(convolution_map(layer), one, layer(one), 3 * one, 1e-9)
    assert float(found.relevance) == 0
    assert found.to_bias == 0
    assert float(found.to_epsilon) == pytest.approx(3)
