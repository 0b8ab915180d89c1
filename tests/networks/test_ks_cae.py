import pytest
import torch

from xai_ad.networks import build_network, count_parameters
from xai_ad.networks.asymmetric import AsymmetricConvolution, AsymmetricTransposedConvolution


def layers(channels):
    """Inputs, outputs, kernel and whether the layer is asymmetric, as 4.5 and the author's widths have it."""
    return [
        *[(channels, 64, 3, True), (64, 64, 3, True), (64, 128, 5, True), (128, 256, 5, True)],
        *[(256, 300, 3, False), (300, 256, 3, False), (256, 128, 5, False)],
        *[(128, 64, 5, True), (64, 32, 5, True), (32, 16, 5, True), (16, channels, 4, True)],
    ]


@pytest.mark.parametrize("channels", [1, 3])
def test_fused_it_has_the_plain_layers_parameters_and_unfused_two_narrow_kernels_more(channels):
    plain = sum(k * k * i * o + o + 2 * o for i, o, k, _ in layers(channels))
    narrow = sum(2 * k * i * o for i, o, k, asymmetric in layers(channels) if asymmetric)
    built = build_network("ks_cae", channels=channels)
    fused = build_network("ks_cae", channels=channels, options={"fused": True})
    assert count_parameters(fused) == plain
    assert count_parameters(built) == plain + narrow


def test_the_counts_for_colour_are_those_that_the_list_of_networks_shows():
    assert count_parameters(build_network("ks_cae")) == 4_080_925
    assert count_parameters(build_network("ks_cae", options={"fused": True})) == 3_537_693


def test_the_first_four_encoder_and_the_last_four_decoder_layers_are_asymmetric():
    network = build_network("ks_cae")
    assert [type(block[0]) is AsymmetricConvolution for block in network.encoder] == [True] * 4 + [False]
    transposed = [type(block[0]) is AsymmetricTransposedConvolution for block in network.decoder]
    assert transposed == [False] * 2 + [True] * 4


def test_kernels_strides_and_activations_are_bcae2s():
    fused, baseline = build_network("ks_cae", options={"fused": True}), build_network("bcae2")

    def design(network):
        blocks = [*network.encoder, *network.decoder]
        return [
            (type(linear), linear.kernel_size, linear.stride, type(norm), str(activation))
            for linear, norm, activation in blocks
        ]

    assert design(fused) == design(baseline)


@torch.inference_mode()
def test_the_embedding_has_300_values():
    assert build_network("ks_cae").eval().embed(torch.rand(2, 3, 128, 128)).shape == (2, 300, 1, 1)
