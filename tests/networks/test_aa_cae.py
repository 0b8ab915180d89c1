import pytest
import torch

from xai_ad.networks import build_network, count_parameters
from xai_ad.networks.augmented import AttentionAugmented

AUGMENTED = [  # inputs, outputs, kernel, side of the output
    *[(64, 64, 3, 31), (64, 64, 3, 15), (64, 96, 3, 7), (96, 96, 4, 4)],
    *[(96, 96, 4, 7), (96, 64, 3, 15), (64, 64, 3, 31)],
]


def added_parameters(key_depth, value_depth):
    projections = positions = 0
    for inputs, _, kernel, side in AUGMENTED:
        projections += kernel**2 * inputs * (2 * key_depth + value_depth)  # queries, keys, values
        projections += value_depth**2  # what mixes the heads
        projections -= (kernel**2 * inputs + 1) * value_depth  # the channels that attention replaces
        positions += 2 * (2 * side - 1) * key_depth
    return projections, positions


def test_the_thesis_widths_add_15_percent():
    assert added_parameters(8, 1) == (99_840, 3_408)
    assert count_parameters(build_network("aa_cae")) == 652_841 + 99_840 + 3_408
    assert count_parameters(build_network("aa_cae", channels=1)) == 650_531 + 99_840 + 3_408


@pytest.mark.parametrize(("key_depth", "value_depth"), [(4, 1), (8, 4), (3, 63)])
def test_other_widths_count_as_they_should(key_depth, value_depth):
    network = build_network("aa_cae", options={"key_depth": key_depth, "value_depth": value_depth})
    assert count_parameters(network) == 652_841 + sum(added_parameters(key_depth, value_depth))


def test_maps_of_31_pixels_and_smaller_are_augmented_with_the_layers_own_kernel_and_stride():
    network, baseline = build_network("aa_cae"), build_network("bcae1")
    blocks = [*network.encoder, *network.decoder]
    plain = [*baseline.encoder, *baseline.decoder]
    augmented = [isinstance(block[0], AttentionAugmented) for block in blocks]
    assert augmented == [False, True, True, True, True, True, True, True, False, False, False]
    for block, before in zip(blocks, plain, strict=True):
        if isinstance(block[0], AttentionAugmented):
            for layer in (block[0].convolution, block[0].projection):
                assert (type(layer), layer.kernel_size, layer.stride) == (
                    type(before[0]),
                    before[0].kernel_size,
                    before[0].stride,
                )
            assert block[0].convolution.out_channels == before[0].out_channels - 1
        assert [str(layer) for layer in block[1:]] == [str(layer) for layer in before[1:]]


@torch.inference_mode()
def test_the_embedding_is_bcae1s():
    assert build_network("aa_cae").eval().embed(torch.rand(2, 3, 128, 128)).shape == (2, 96, 4, 4)
