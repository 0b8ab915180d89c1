"""Rearranged layers against the layers that they stand for."""

import pytest
import torch
from torch import nn

from xai_ad.detector.fast.rearranging import BlockedConvolution, PaddedTransposedConvolution, rearranged

FASTER = {
    "few channels": nn.Conv2d(5, 3, 3),
    "one channel": nn.Conv2d(5, 1, 3),
    "padded": nn.Conv2d(5, 3, 5, padding=2),
    "oblong": nn.Conv2d(5, 3, (3, 2), padding=(1, 0)),
    "without bias": nn.Conv2d(5, 3, 4, bias=False),
    "transposed": nn.ConvTranspose2d(5, 3, 4),
    "transposed and padded": nn.ConvTranspose2d(5, 3, 4, padding=1, bias=False),
    "odd kernel": nn.ConvTranspose2d(5, 8, 3, stride=2),
    "odd kernel without bias": nn.ConvTranspose2d(5, 8, 5, stride=2, bias=False),
    "stride of three": nn.ConvTranspose2d(5, 3, 5, stride=3),
    "oblong kernel": nn.ConvTranspose2d(5, 8, (4, 3), stride=(2, 2)),
}
AS_THEY_ARE = {
    "many channels": nn.Conv2d(5, 8, 3),
    "strided": nn.Conv2d(5, 3, 3, stride=2),
    "grouped": nn.Conv2d(6, 3, 3, groups=3),
    "dilated": nn.Conv2d(5, 3, 3, dilation=2),
    "padded by reflection": nn.Conv2d(5, 3, 3, padding=1, padding_mode="reflect"),
    "padded by name": nn.Conv2d(5, 3, 3, padding="same"),
    "dividing stride": nn.ConvTranspose2d(5, 8, 4, stride=2),
    "cropped": nn.ConvTranspose2d(5, 8, 3, stride=2, padding=1),
    "with output padding": nn.ConvTranspose2d(5, 8, 3, stride=2, output_padding=1),
    "norm": nn.BatchNorm2d(5),
}


@pytest.mark.parametrize("size", [(9, 9), (8, 9), (6, 12)])
@pytest.mark.parametrize("layer", FASTER.values(), ids=FASTER)
@torch.inference_mode()
def test_a_rearranged_layer_computes_the_same(layer, size):
    found = rearranged(layer)
    assert isinstance(found, BlockedConvolution | PaddedTransposedConvolution)
    values = torch.randn(2, 5, *size, generator=torch.Generator().manual_seed(0)).double()
    expected = layer.double()(values)
    assert found.double()(values).shape == expected.shape
    assert torch.allclose(found(values), expected, atol=1e-12)


@pytest.mark.parametrize("layer", AS_THEY_ARE.values(), ids=AS_THEY_ARE)
def test_other_layers_stay_as_they_are(layer):
    assert rearranged(layer) is layer
