import pytest
import torch

from xai_ad.networks import build_network, count_parameters
from xai_ad.networks.squeeze_excitation import SqueezeExcitation

WIDTHS = [64, 64, 64, 96, 96, 96, 64, 64, 64, 64]


@pytest.mark.parametrize(("channels", "baseline"), [(3, 652_841), (1, 650_531)])
@pytest.mark.parametrize("reduction", [16, 8])
def test_each_block_adds_two_matrices(channels, baseline, reduction):
    network = build_network("se_cae", channels=channels, options={"reduction": reduction})
    added = sum(2 * width * (width // reduction) for width in WIDTHS)
    assert count_parameters(network) == baseline + added


def test_the_default_adds_less_than_the_thesis_two_and_a_half_percent():
    assert count_parameters(build_network("se_cae")) == 652_841 + 7_040
    assert 7_040 / 652_841 < 0.025


def test_a_block_follows_every_layer_but_the_last():
    network, baseline = build_network("se_cae"), build_network("bcae1")
    blocks = [*network.encoder, *network.decoder]
    assert [isinstance(block[-1], SqueezeExcitation) for block in blocks] == [True] * 10 + [False]
    before = [*baseline.encoder, *baseline.decoder]
    assert [str(block[:3]) for block in blocks] == [str(block) for block in before]


@torch.no_grad()
def test_channels_are_weighed_by_what_their_means_excite():
    layer = SqueezeExcitation(6, reduction=3).double()
    values = torch.rand(2, 6, 3, 5, dtype=torch.float64)
    layer.excitation[0].weight[1] = -1  # a hidden value below 0, which ReLU cuts
    squeeze, excite = layer.excitation[0].weight, layer.excitation[2].weight  # (2, 6), (6, 2)
    assert squeeze.shape == (2, 6)
    for image, found in zip(values, layer(values), strict=True):
        means = [float(image[c].sum()) / 15 for c in range(6)]
        hidden = [max(0.0, sum(float(squeeze[h, c]) * means[c] for c in range(6))) for h in range(2)]
        for c in range(6):
            logit = torch.tensor(sum(float(excite[c, h]) * hidden[h] for h in range(2)), dtype=torch.float64)
            torch.testing.assert_close(found[c], image[c] / (1 + torch.exp(-logit)))
