"""Eq. 3.4 against sums written out pixel by pixel, and fusing on every geometry that is used."""

import itertools

import pytest
import torch
from torch import nn

from xai_ad.networks import build_network, fuse
from xai_ad.networks.asymmetric import AsymmetricConvolution, AsymmetricTransposedConvolution

GEOMETRIES = [(3, 2), (5, 3), (5, 2), (4, 1)]  # kernel, stride


def convolved(layer, values, kernel, stride):
    """The three branches of a convolution; the narrow kernels look under the square one's centre."""
    inputs, height, width = values.shape
    rows, columns, centre = (height - kernel) // stride + 1, (width - kernel) // stride + 1, kernel // 2
    out = torch.zeros(layer.square.out_channels, rows, columns, dtype=torch.float64)
    for o, y, x in itertools.product(*map(range, out.shape)):
        out[o, y, x] = layer.square.bias[o]
        for i, a in itertools.product(range(inputs), range(kernel)):
            out[o, y, x] += layer.vertical.weight[o, i, a, 0] * values[i, y * stride + a, x * stride + centre]
            out[o, y, x] += (
                layer.horizontal.weight[o, i, 0, a] * values[i, y * stride + centre, x * stride + a]
            )
            for b in range(kernel):
                out[o, y, x] += layer.square.weight[o, i, a, b] * values[i, y * stride + a, x * stride + b]
    return out


def scattered(layer, values, kernel, stride):
    """The three branches of a transposed convolution; the narrow kernels write to the left and the top."""
    inputs, height, width = values.shape
    sides = ((height - 1) * stride + kernel, (width - 1) * stride + kernel)
    out = layer.square.bias.detach()[:, None, None].repeat(1, *sides)
    for o, i, y, x in itertools.product(range(len(out)), range(inputs), range(height), range(width)):
        for a in range(kernel):
            out[o, y * stride + a, x * stride] += layer.vertical.weight[i, o, a, 0] * values[i, y, x]
            out[o, y * stride, x * stride + a] += layer.horizontal.weight[i, o, 0, a] * values[i, y, x]
            for b in range(kernel):
                out[o, y * stride + a, x * stride + b] += layer.square.weight[i, o, a, b] * values[i, y, x]
    return out


@pytest.mark.parametrize(("kernel", "stride"), GEOMETRIES)
@torch.no_grad()
def test_a_convolution_adds_its_square_vertical_and_horizontal_kernels(kernel, stride):
    layer = AsymmetricConvolution(2, 3, kernel_size=kernel, stride=stride).double()
    values = torch.randn(2, 9, 11, dtype=torch.float64)
    torch.testing.assert_close(layer(values[None])[0], convolved(layer, values, kernel, stride))


@pytest.mark.parametrize(("kernel", "stride"), GEOMETRIES)
@torch.no_grad()
def test_a_transposed_convolution_adds_its_square_vertical_and_horizontal_kernels(kernel, stride):
    layer = AsymmetricTransposedConvolution(2, 3, kernel_size=kernel, stride=stride).double()
    values = torch.randn(2, 3, 4, dtype=torch.float64)
    torch.testing.assert_close(layer(values[None])[0], scattered(layer, values, kernel, stride))


@pytest.mark.parametrize(("kernel", "stride"), GEOMETRIES)
@pytest.mark.parametrize("kind", [AsymmetricConvolution, AsymmetricTransposedConvolution])
@torch.no_grad()
def test_a_fused_layer_is_the_same_map_in_float64(kind, kernel, stride):
    layer = kind(4, 6, kernel_size=kernel, stride=stride).double()
    values = torch.randn(2, 4, 12, 17, dtype=torch.float64)
    torch.testing.assert_close(layer.fused()(values), layer(values), atol=1e-13, rtol=0)


def trained_like(channels=3):
    """A KS-CAE with batch-norm statistics and scales that no initialisation gives."""
    torch.manual_seed(1)
    network = build_network("ks_cae", channels=channels)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.3)
            nn.init.uniform_(module.running_var, 0.2, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.3)
    return network.eval()


@pytest.mark.parametrize("channels", [1, 3])
@torch.inference_mode()
def test_fused_outputs_agree_to_1e_5_after_every_layer(channels):
    network = trained_like(channels)
    plain = fuse(network)
    values = torch.rand(2, channels, 128, 128)
    blocks = [*zip((*network.encoder, *network.decoder), (*plain.encoder, *plain.decoder), strict=True)]
    for block, fused in blocks:
        expected = block(values)
        torch.testing.assert_close(fused(values), expected, atol=1e-5, rtol=0)
        assert expected.std() > 0.01  # something to agree on
        values = expected
    images = torch.rand(2, channels, 128, 128)
    torch.testing.assert_close(plain(images), network(images), atol=1e-5, rtol=0)


@torch.inference_mode()
def test_a_fused_network_loads_from_the_registry():
    network = fuse(trained_like())
    rebuilt = build_network("ks_cae", options={"fused": True}).eval()
    shapes = [
        {name: tensor.shape for name, tensor in each.state_dict().items()} for each in (network, rebuilt)
    ]
    assert shapes[0] == shapes[1]
    assert str(network) == str(rebuilt)  # the same layers, strides included
    rebuilt.load_state_dict(network.state_dict(), strict=True)
    images = torch.rand(1, 3, 128, 128)
    assert torch.equal(rebuilt(images), network(images))


def test_fusing_leaves_the_network_alone_and_keeps_its_state():
    network = trained_like().to(memory_format=torch.channels_last).requires_grad_(requires_grad=False)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    random_state = torch.get_rng_state()
    fused = fuse(network)
    assert torch.equal(torch.get_rng_state(), random_state)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert not fused.training
    assert not any(parameter.requires_grad for parameter in fused.parameters())
    assert fused.encoder[1][0].weight.is_contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        fused.encoder[4][0].weight.zero_()
    assert torch.equal(network.encoder[4][0].weight, before["encoder.4.0.weight"])
