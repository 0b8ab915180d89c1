import numpy as np
import pytest
import torch
from torch.nn import functional as F

from xai_ad.networks import build_network
from xai_ad.thesis.figures.activations import SEAM, first_activations, mosaic
from xai_ad.thesis.figures.colour import diverging_picture, sequential_colours, sequential_picture


def test_the_maps_are_the_strongest_kernels_by_convolution_norm_and_relu():
    torch.manual_seed(0)
    network = build_network("bcae2").eval()
    pixels = torch.randint(0, 256, (2, 3, 128, 128), dtype=torch.uint8)
    convolution, norm, _ = network.encoder[0]
    with torch.no_grad():
        norm.bias.uniform_(-0.5, 0.5)
        norm.bias[5] = -100  # never fires
        plain = F.conv2d(pixels / 255, convolution.weight, convolution.bias, stride=2)
        expected = (plain - norm.running_mean[:, None, None]) / (norm.running_var + norm.eps).sqrt()[
            :, None, None
        ]
        expected = (expected * norm.weight[:, None, None] + norm.bias[:, None, None]).clamp_min(0)
    found = first_activations(network, pixels)
    order = sorted(range(64), key=lambda kernel: -float(expected[:, kernel].double().mean()))
    assert found.kernels == order[:16]
    torch.testing.assert_close(found.maps, expected[:, order[:16]], rtol=1e-4, atol=1e-5)
    assert found.scale == pytest.approx(np.quantile(expected[:, order[:16]].numpy(), 0.999), rel=1e-4)
    dormant = [kernel for kernel in range(64) if not expected[:, kernel].any()]
    assert 5 in dormant
    assert found.dormant == len(dormant)


def test_maps_lie_side_by_side_in_order():
    maps = torch.linspace(0, 1, 6)[:, None, None].expand(6, 3, 5)
    picture = mosaic(maps)
    assert picture.size == (4 * 5 + 3 * SEAM, 2 * 3 + SEAM)
    for number in range(6):
        row, column = divmod(number, 4)
        expected = sequential_picture(maps[number].numpy()).getpixel((0, 0))
        assert picture.getpixel((column * (5 + SEAM), row * (3 + SEAM))) == expected
    assert picture.getpixel((5, 0)) == (255, 255, 255)


def test_palettes_run_from_end_to_end_and_clip_beyond():
    ends = sequential_picture(np.array([[-1.0, 0.0, 1.0, 2.0]], np.float32))
    pixels = [ends.getpixel((place, 0)) for place in range(4)]
    assert pixels == [(0, 0, 4), (0, 0, 4), (252, 253, 191), (252, 253, 191)]
    middle = diverging_picture(np.array([[-5.0, 0.0, 5.0]], np.float32))
    assert [middle.getpixel((place, 0)) for place in range(3)] == [
        (20, 80, 224),
        (236, 236, 234),
        (224, 52, 0),
    ]
    assert len(set(sequential_colours(6))) == 6
