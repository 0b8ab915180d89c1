"""The inference copy against the network itself."""

import copy

import pytest
import torch
from torch import Tensor, nn

from tests.clip_networks import RECURRENT, SIDE_OF_ALL, clip_network
from tests.networks.skipping import SKIPPING, Deciding, images, skipping
from xai_ad.detector.fast import InferenceNetwork
from xai_ad.machine.execution import Precision
from xai_ad.networks import (
    ConvolutionalAutoencoder,
    NetworkKind,
    NetworkRow,
    build_network,
    list_networks,
)

IMAGES = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(3))


def as_if_trained(network: ConvolutionalAutoencoder) -> ConvolutionalAutoencoder:
    """Give the batch norms statistics that differ from channel to channel."""
    generator = torch.Generator().manual_seed(5)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            shape = layer.running_mean.shape
            layer.running_mean = 0.2 * torch.randn(shape, generator=generator)
            layer.running_var = 0.5 + torch.rand(shape, generator=generator)
            layer.weight.data = 0.8 + 0.4 * torch.rand(shape, generator=generator)
            layer.bias.data = 0.2 * torch.randn(shape, generator=generator)
    return network.eval()


@pytest.fixture(
    params=list_networks(NetworkKind.IMAGE), ids=lambda row: f"{row.id} {row.options or ''}".strip()
)
def network(request) -> ConvolutionalAutoencoder:
    row: NetworkRow = request.param
    torch.manual_seed(1)
    return as_if_trained(build_network(row.id, options=row.options))


def test_the_copy_rebuilds_images_as_the_network_does(network):
    with torch.inference_mode():
        expected = network(IMAGES)
    found = InferenceNetwork(network).reconstruct(IMAGES, Precision.FLOAT32)
    assert found.dtype == torch.float32
    assert torch.allclose(found, expected, atol=1e-5, rtol=1e-5)


def test_bfloat16_stays_near_and_comes_back_as_float32(network):
    fast = InferenceNetwork(network)
    precise, found = (
        fast.reconstruct(IMAGES, precision) for precision in (Precision.FLOAT32, Precision.BFLOAT16)
    )
    assert found.dtype == torch.float32
    assert not torch.equal(found, precise)
    assert (found - precise).abs().max() < 0.05


def test_neither_network_nor_images_are_changed(network):
    state, pixels, layers = copy.deepcopy(network.state_dict()), IMAGES.clone(), repr(network)
    fast = InferenceNetwork(network)
    fast.reconstruct(IMAGES, Precision.FLOAT32)
    fast.reconstruct(IMAGES, Precision.BFLOAT16)
    assert torch.equal(IMAGES, pixels)
    assert repr(network) == layers
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())


def test_an_activation_does_not_write_over_the_images_it_is_given():
    negative = ConvolutionalAutoencoder(nn.Sequential(nn.ReLU()), nn.Sequential(nn.LeakyReLU(0.2)))
    images = torch.linspace(-1, 1, 48).reshape(1, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    before = images.clone()
    found = InferenceNetwork(negative).reconstruct(images, Precision.FLOAT32)
    assert torch.equal(images, before)
    assert torch.equal(found, before.clamp_min(0))


@pytest.mark.parametrize("kind", SKIPPING, ids=lambda kind: kind.__name__)
def test_a_network_with_skip_connections_is_merged_and_written_over_only_where_nobody_reads(kind):
    network = skipping(kind)
    with torch.inference_mode():
        expected = network(images())
    fast = InferenceNetwork(network)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in fast.modules())
    assert torch.allclose(fast.reconstruct(images(), Precision.FLOAT32), expected, atol=1e-5)


def test_what_two_layers_read_is_not_written_over():
    class Forked(ConvolutionalAutoencoder):
        def forward(self, images: Tensor) -> Tensor:
            convolved, rectifier = self.encoder[0](images), self.encoder[1]
            return self.decoder(rectifier(convolved) + convolved)

    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU())
    network = Forked(encoder, nn.Sequential(nn.Conv2d(8, 3, 1), nn.Sigmoid())).eval()
    with torch.inference_mode():
        expected = network(IMAGES)
    found = InferenceNetwork(network).reconstruct(IMAGES, Precision.FLOAT32)
    assert torch.allclose(found, expected, atol=1e-5)


def types_returned(network, precision):
    """Return the type of what each of the copy's steps returns."""
    fast, found = InferenceNetwork(network), []
    for layer in fast.layers:
        layer.register_forward_hook(lambda _layer, _inputs, output: found.append(output.dtype))
    fast.reconstruct(images(), precision)
    return found


@pytest.mark.parametrize("kind", SKIPPING, ids=lambda kind: kind.__name__)
def test_in_bfloat16_what_computes_the_embeddings_stays_float32_beside_skip_connections_too(kind):
    found = types_returned(skipping(kind), Precision.BFLOAT16)
    assert found[:4] == [torch.float32] * 4  # two convolutions and their rectifiers
    assert found[4:6] == [torch.bfloat16] * 2  # the decoder's first
    assert found[-1] == torch.float32
    assert set(types_returned(skipping(kind), Precision.FLOAT32)) == {torch.float32}


def test_a_network_without_a_graph_is_copied_as_it_is_and_stays_float32():
    network = skipping(Deciding)
    with torch.inference_mode():
        expected = network(images())
    fast = InferenceNetwork(network)
    for precision in Precision:
        assert torch.allclose(fast.reconstruct(images(), precision), expected, atol=1e-6)


@pytest.mark.parametrize("name", RECURRENT)
def test_a_recurrent_network_is_merged_and_stays_float32(name):
    network = clip_network(name, 2, "recurrent")
    windows = torch.rand(2, network.seeds or 8, 1, SIDE_OF_ALL, SIDE_OF_ALL)
    with torch.inference_mode():
        expected = network.answer(windows)
    fast = InferenceNetwork(network)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in fast.modules())
    for precision in (Precision.FLOAT32, Precision.BFLOAT16):
        assert torch.allclose(fast.answer(windows, precision), expected, atol=1e-5)
