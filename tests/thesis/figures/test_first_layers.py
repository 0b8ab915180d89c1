import numpy as np
import pytest
import torch
from torch.nn import functional as F

from xai_ad.data.loading import load_pixels
from xai_ad.errors import InvalidInputError
from xai_ad.networks import build_network
from xai_ad.presentation.figures.renderer import sequential_image
from xai_ad.presentation.render import to_image
from xai_ad.store import load_network
from xai_ad.thesis.cells import require_reported
from xai_ad.thesis.figures.first_layers import (
    SEAM,
    SOFT_ATTENTION,
    attention_maps,
    draw_attention,
    first_activations,
    mosaic,
)
from xai_ad.thesis.figures.samples import choose_samples


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
        expected = sequential_image(maps[number].numpy()).getpixel((0, 0))
        assert picture.getpixel((column * (5 + SEAM), row * (3 + SEAM))) == expected
    assert picture.getpixel((5, 0)) == (255, 255, 255)


def test_what_is_shown_is_what_the_encoder_sees(request_for, cells):
    request, _ = request_for()
    drawing = draw_attention(request, request.sources[0])
    pixels = load_pixels(
        choose_samples(require_reported(request, request.sources[0]).test), cells["sa_cae"].card.preprocessing
    )
    for place, variant in enumerate(SOFT_ATTENTION):
        encoder = load_network(cells[variant.name]).encoder
        with torch.no_grad():
            seen = encoder[0](pixels / 255)
            attention = encoder[0].attention_map(pixels / 255).mean(dim=1)
        for row, tiles in enumerate(drawing.shown.tiles):
            drawn_map, drawn_image, _ = tiles[1 + 3 * place : 4 + 3 * place]
            difference = np.asarray(drawn_image.image).astype(int) - np.asarray(to_image(seen[row]))
            assert np.abs(difference).max() <= 1
            expected = np.asarray(sequential_image(attention[row].numpy())).astype(int)
            assert np.abs(np.asarray(drawn_map.image) - expected).max() <= 1
            figures = drawing.numbers["images"][row]["models"][variant.name]["attention"]
            assert figures["mean"] == pytest.approx(float(attention[row].mean()), rel=1e-4)
            assert figures["least"] == pytest.approx(float(attention[row].min()), rel=1e-4)
            assert figures["most"] == pytest.approx(float(attention[row].max()), rel=1e-4)


def test_a_network_without_attention_is_refused():
    with pytest.raises(InvalidInputError, match="has no attention map"):
        attention_maps(build_network("bcae1"), torch.zeros((1, 3, 128, 128)))
