"""The size of the images that a network takes comes from its config."""

import pytest
import torch

from xai_ad.errors import InvalidInputError
from xai_ad.networks import (
    CLIP_NETWORKS,
    NETWORKS,
    build_autoencoder,
    build_network,
    network_options,
    network_spec,
)

FITTING = {"bcae2": 176, "ks_cae": 176}


@pytest.mark.parametrize("name", NETWORKS)
@torch.inference_mode()
def test_every_network_gives_images_of_another_size_back(name):
    size = FITTING.get(name, 256)
    network = build_autoencoder(name, size=size, channels=1).eval()
    windows = torch.rand(1, 2 if name in CLIP_NETWORKS else 1, 1, size, size)
    assert network.size == size
    assert network.answer(windows).shape == windows.shape
    assert build_autoencoder(name).size == 128
    assert "size" not in network_options(network_spec(name))


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("bcae1", 250, "The network 'bcae1' gives back 240 pixels for 250. Choose the size 240 or 256."),
        ("bcae2", 256, "The network 'bcae2' gives back 224 pixels for 256. Choose the size 224 or 272."),
        ("aa_cae", 20, "The network 'aa_cae' takes no images of 20 pixels. Choose the size 80."),
        (
            "seq2seq_cgru",
            129,
            "The network 'seq2seq_cgru' gives back 128 pixels for 129. Choose the size 128 or 144.",
        ),
        ("bcae1", 3, "The network 'bcae1' takes no images of 3 pixels. Choose the size 128."),
    ],
)
def test_a_size_that_a_network_does_not_give_back_is_refused_naming_those_nearby(name, size, message):
    with pytest.raises(InvalidInputError) as refusal:
        build_autoencoder(name, size=size)
    assert str(refusal.value) == message


def test_the_options_may_say_the_size_and_no_other_than_the_images_have():
    assert build_network("bcae1", options={"size": 256}).size == 256
    assert build_network("bcae1", size=256, options={"size": 256}).size == 256
    with pytest.raises(InvalidInputError, match=r"'bcae1' say images of 64 pixels, and here they have 256\."):
        build_network("bcae1", size=256, options={"size": 64})
    with pytest.raises(
        InvalidInputError, match=r"'size' of NetworkConfig must be an int in \[1, inf\)\. Got 0"
    ):
        build_network("bcae1", options={"size": 0})
