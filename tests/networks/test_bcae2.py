import pytest
import torch

from xai_ad.networks import build_network, count_parameters


def expected_parameters(channels):
    layers = [  # inputs, outputs, kernel
        *[(channels, 64, 3), (64, 128, 3), (128, 256, 5), (256, 512, 5), (512, 300, 3)],
        *[(300, 512, 3), (512, 256, 5), (256, 128, 5), (128, 64, 5), (64, 16, 5), (16, channels, 4)],
    ]
    return sum(k * k * i * o + o + 2 * o for i, o, k in layers)  # weights, biases, batch norm


@pytest.mark.parametrize(("channels", "parameters"), [(3, 11_270_141), (1, 11_268_471)])
def test_bcae2_has_about_11_million_parameters(channels, parameters):
    assert expected_parameters(channels) == parameters
    assert count_parameters(build_network("bcae2", channels=channels)) == parameters


@torch.inference_mode()
def test_the_maps_shrink_to_a_single_pixel_of_300_values_and_grow_back():
    network = build_network("bcae2").eval()
    assert network.embed(torch.rand(2, 3, 128, 128)).shape == (2, 300, 1, 1)
    sizes, values = [], torch.rand(1, 3, 128, 128)
    for block in (*network.encoder, *network.decoder):
        values = block(values)
        sizes.append(values.shape[-1])
    assert sizes == [63, 31, 9, 3, 1, 3, 9, 29, 61, 125, 128]


def test_every_layer_ends_in_batch_norm_and_its_activation():
    network = build_network("bcae2")
    blocks = [*network.encoder, *network.decoder]
    assert {type(block[1]).__name__ for block in blocks} == {"BatchNorm2d"}
    assert [type(block[2]).__name__ for block in blocks] == ["ReLU"] * 5 + ["LeakyReLU"] * 5 + ["Sigmoid"]
