import pytest
import torch

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.networks import build_network, count_parameters, list_networks


@pytest.mark.parametrize(("channels", "parameters"), [(3, 652_841), (1, 650_531)])
def test_bcae1_has_the_authors_parameter_count(channels, parameters):
    assert count_parameters(build_network("bcae1", channels=channels)) == parameters


def test_bcae1_embeds_into_1536_values_and_rebuilds_128_pixels():
    network = build_network("bcae1").eval()
    with torch.inference_mode():
        images = torch.rand(2, 3, 128, 128)
        assert network.embed(images).shape == (2, 96, 4, 4)
        rebuilt = network(images)
    assert rebuilt.shape == images.shape
    assert 0 <= rebuilt.min() <= rebuilt.max() <= 1


def test_the_maps_shrink_and_grow_as_the_thesis_says():
    network = build_network("bcae1").eval()
    sizes = []
    with torch.inference_mode():
        values = torch.rand(1, 3, 128, 128)
        for block in (*network.encoder, *network.decoder):
            values = block(values)
            sizes.append(values.shape[-1])
    assert sizes == [63, 31, 15, 7, 4, 7, 15, 31, 64, 130, 128]


def test_every_layer_but_the_last_ends_in_its_paper_activation():
    network = build_network("bcae1")
    assert [type(block[-1]).__name__ for block in network.encoder] == ["ReLU"] * 5
    assert [type(block[-1]).__name__ for block in network.decoder] == ["LeakyReLU"] * 5 + ["Sigmoid"]
    assert {block[-1].negative_slope for block in network.decoder[:-1]} == {0.2}


def test_the_default_row_comes_first_in_the_list_of_networks():
    rows = list(list_networks())
    assert (rows[0].id, rows[0].section, rows[0].options, rows[0].parameters) == (
        "bcae1",
        "4.4.2",
        {},
        652_841,
    )


def test_an_unknown_network_is_refused_naming_the_valid_ones():
    with pytest.raises(UnknownNameError, match=r"'bcae9'.*bcae1"):
        build_network("bcae9")


def test_an_unknown_option_is_refused():
    with pytest.raises(UnknownNameError, match="'depth'"):
        build_network("bcae1", options={"depth": 3})


def test_two_channels_are_refused():
    with pytest.raises(InvalidInputError, match=r"1 or 3 channels\. Got 2"):
        build_network("bcae1", channels=2)
