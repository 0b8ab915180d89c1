"""Relevance through gates, maps and attention, against literal forms in float64."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.explain.lrp.literal import dense, divide
from tests.networks.test_graph import Written
from xai_ad.errors import UnsupportedLayerError
from xai_ad.explain.lrp.layers import PASSAGES, require_rule
from xai_ad.explain.lrp.propagation import propagate
from xai_ad.explain.lrp.rules import Division, epsilon_rule, gamma_rule, z_plus_rule
from xai_ad.networks.asymmetric import AsymmetricConvolution, AsymmetricTransposedConvolution
from xai_ad.networks.augmented import AttentionAugmented
from xai_ad.networks.graph import trace
from xai_ad.networks.merging import merged
from xai_ad.networks.soft_attention import SoftAttention, SoftAttentionConfig, SoftmaxAttention
from xai_ad.networks.squeeze_excitation import SqueezeExcitation

RULES = {"epsilon": epsilon_rule, "gamma": gamma_rule(0.25), "z_plus": z_plus_rule}
CONFIG = SoftAttentionConfig(projection_channels=4)


def signed(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def scrambled(module):
    """Return a module in float64 with random weights and batch norms as if trained."""
    for seed, value in enumerate([*module.parameters(), *module.buffers()]):
        if value.is_floating_point():
            value.data = 0.5 * signed(*value.shape, seed=seed + 10)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_var.data = layer.running_var.exp()
    return module.double().eval()


def passed(layer, entering, relevance, rule=epsilon_rule):
    with torch.inference_mode():
        output = layer(entering)
        return PASSAGES[type(layer)](layer, entering, output, relevance, Division(rule, 1e-3))


@pytest.mark.parametrize(
    "layer",
    [SqueezeExcitation(6, 2), SoftAttention(CONFIG), SoftmaxAttention(CONFIG, scaled=True)],
    ids=lambda layer: type(layer).__name__,
)
def test_what_multiplies_a_value_takes_none_of_its_relevance(layer):
    layer = scrambled(layer)
    entering = signed(1, 6 if isinstance(layer, SqueezeExcitation) else 3, 5, 5)
    with torch.inference_mode():
        factors = (
            layer.gates(entering)[:, :, None, None].expand_as(entering)
            if isinstance(layer, SqueezeExcitation)
            else layer.attention_map(entering)
        )
        assert factors.std() > 1e-3
    matrix = np.diag(factors.numpy().ravel())
    relevance = signed(*entering.shape, seed=1)
    expected, _, _ = divide(
        "epsilon",
        matrix,
        np.zeros(len(matrix)),
        entering.numpy().ravel(),
        relevance.numpy().ravel(),
        epsilon=0,
    )
    found = passed(layer, entering, relevance)
    assert found.relevance.numpy().ravel() == pytest.approx(expected, rel=1e-12)
    assert (found.to_bias, found.to_epsilon) == (0, 0)


def literal_attention(attention, projections):
    """Return how much each place attends to each, (S * S, S * S), by loops over places."""
    depth, side = attention.key_depth, projections.shape[-1]
    queries, keys = projections[:depth], projections[depth : 2 * depth]
    logits = np.zeros((side, side, side, side))
    for y, x, to_y, to_x in np.ndindex(logits.shape):
        place = attention.rows[to_y - y + side - 1] + attention.columns[to_x - x + side - 1]
        logits[y, x, to_y, to_x] = queries[:, y, x] @ (keys[:, to_y, to_x] + place) / depth**0.5
    weights = np.exp(logits.reshape(side**2, side**2))
    return weights / weights.sum(axis=1, keepdims=True)


def literal_augmented(rule, layer, norm, entering, relevance):
    """Divide relevance at an augmented convolution and its batch norm, by one dense matrix for each linear step."""
    shape, own = entering.shape[1:], layer.convolution.out_channels
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    shift = norm.bias - norm.running_mean * scale
    values = entering.numpy().ravel()

    def scaled(numbers, channels, places):
        return np.repeat(numbers[channels].numpy(), places)

    matrix, bias, (_, side, _) = dense([layer.convolution], shape)
    places = side**2
    first, last = slice(own), slice(own, None)
    parts = [
        divide(
            rule,
            scaled(scale, first, places)[:, None] * matrix,
            scaled(scale, first, places) * bias + scaled(shift, first, places),
            values,
            relevance[0, first].numpy().ravel(),
            epsilon=1e-3,
        )
    ]
    projecting, nothing, projected_shape = dense([layer.projection], shape)
    projections = (projecting @ values).reshape(projected_shape)
    depth = layer.attention.value_depth
    weights = np.kron(np.eye(depth), literal_attention(layer.attention, torch.from_numpy(projections)))
    attended = weights @ projections[-depth:].ravel()
    mixing = np.kron(layer.attention.mix.weight.numpy(), np.eye(places))
    steps = [
        (
            scaled(scale, last, places)[:, None] * mixing,
            scaled(shift, last, places),
            attended,
        ),
        (weights, np.zeros(depth * places), projections[-depth:].ravel()),
        (projecting[-depth * places :], nothing[-depth * places :], values),
    ]
    passing = relevance[0, last].numpy().ravel()
    for step_matrix, step_bias, step_values in steps:
        parts.append(divide(rule, step_matrix, step_bias, step_values, passing, epsilon=1e-3))
        passing = parts[-1][0]
    return parts[0][0] + passing, sum(part[1] for part in parts), sum(part[2] for part in parts)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("plain", "side"),
    [(nn.Conv2d(3, 6, 3, 2), 3), (nn.ConvTranspose2d(3, 6, 3, 2), 5)],
    ids=["convolution", "transposed"],
)
@torch.no_grad()
def test_an_augmented_convolution_and_its_batch_norm_divide_as_their_matrices_do(rule, plain, side):
    entering = signed(1, 3, 7, 7) if isinstance(plain, nn.Conv2d) else signed(1, 3, 2, 2)
    layer = scrambled(AttentionAugmented(plain, side, key_depth=3, value_depth=2))
    norm = scrambled(nn.BatchNorm2d(6))
    graph = merged(trace(nn.Sequential(layer, norm)))
    assert len(graph.steps) == 1
    output = nn.Sequential(layer, norm)(entering)
    values = graph.values(entering)
    torch.testing.assert_close(values[1], output, rtol=1e-12, atol=1e-12)
    relevance = signed(*output.shape, seed=1)
    found = propagate(graph, values, relevance, rules=[RULES[rule]], epsilon=1e-3)
    expected = literal_augmented(rule, layer, norm, entering, relevance)
    assert found.relevance.numpy().ravel() == pytest.approx(expected[0], rel=1e-8, abs=1e-10)
    assert float(found.to_bias) == pytest.approx(expected[1], rel=1e-8)
    assert float(found.to_epsilon) == pytest.approx(expected[2], rel=1e-8)


@pytest.mark.parametrize(
    "layer",
    [
        AsymmetricConvolution(3, 4, kernel_size=3, stride=2),
        AsymmetricTransposedConvolution(3, 4, kernel_size=4, stride=2),
    ],
    ids=lambda layer: type(layer).__name__,
)
@pytest.mark.parametrize("rule", RULES)
@torch.no_grad()
def test_an_asymmetric_block_and_its_batch_norm_divide_as_their_one_matrix_does(rule, layer):
    block = nn.Sequential(scrambled(layer), scrambled(nn.BatchNorm2d(4)))
    entering = signed(1, 3, 7, 7)
    graph = merged(trace(block))
    assert len(graph.steps) == 1
    values = graph.values(entering)
    relevance = signed(*values[1].shape, seed=1)
    matrix, bias, _ = dense(block, entering.shape[1:])
    expected = divide(rule, matrix, bias, entering.numpy().ravel(), relevance.numpy().ravel(), epsilon=1e-3)
    found = propagate(graph, values, relevance, rules=[RULES[rule]], epsilon=1e-3)
    assert found.relevance.numpy().ravel() == pytest.approx(expected[0], rel=1e-7, abs=1e-9)
    assert float(found.to_bias) == pytest.approx(expected[1], rel=1e-7)


@pytest.mark.parametrize("rule", RULES)
def test_a_batch_norm_on_its_own_takes_the_epsilon_rule_whatever_the_others_take(rule):
    norm = scrambled(nn.BatchNorm2d(3))
    entering, relevance = signed(1, 3, 4, 4), signed(1, 3, 4, 4, seed=1)
    matrix, bias, _ = dense([norm], entering.shape[1:])
    expected = divide(
        "epsilon", matrix, bias, entering.numpy().ravel(), relevance.numpy().ravel(), epsilon=1e-3
    )
    found = passed(norm, entering, relevance, RULES[rule])
    assert found.relevance.numpy().ravel() == pytest.approx(expected[0], rel=1e-8, abs=1e-12)
    assert float(found.to_bias) == pytest.approx(expected[1], rel=1e-8)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_relevance_goes_back_to_where_values_were_and_what_was_left_out_gets_none(layout):
    entering = signed(2, 3, 4, 4).contiguous(memory_format=layout)
    for rearrange in (lambda x: x[:, 1:], lambda x: x.flatten(0, 1), lambda x: x.flatten(1).transpose(0, 1)):
        graph = trace(Written(rearrange))
        values = graph.values(entering)
        relevance = signed(*values[-1].shape, seed=1)
        found = propagate(graph, values, relevance, rules=[epsilon_rule] * len(graph.steps), epsilon=1e-3)
        place = torch.zeros_like(entering, requires_grad=True)
        (expected,) = torch.autograd.grad((rearrange(place) * relevance).sum(), place)
        assert torch.equal(found.relevance, expected)


def test_an_unknown_layer_is_named_in_one_line():
    layer = nn.Sequential(nn.Softplus(), nn.Tanh())
    with pytest.raises(UnsupportedLayerError, match=r"no rule for Sequential.*rules for Conv2d") as refusal:
        require_rule(layer)
    assert "\n" not in str(refusal.value)
