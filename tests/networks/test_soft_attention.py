"""The maps of Eq. 3.11 and 3.12 against sums written out, and what the networks do with them."""

import math

import pytest
import torch
from torch import nn

from xai_ad.networks import AttentiveAutoencoder, build_network, count_parameters
from xai_ad.networks.soft_attention import SoftAttention, SoftAttentionConfig, SoftmaxAttention


def features(layer, image):
    """BatchNorm(f_conv2(f_conv1(x))) of one image by loops, zero outside it: (C, H, W) -> (C, H, W)."""
    first, second, norm = layer.features
    for convolution in (first, second):
        kernel, (_, height, width) = convolution.kernel_size[0], image.shape
        padded = nn.functional.pad(image, [kernel // 2] * 4)
        out = torch.zeros(convolution.out_channels, height, width, dtype=torch.float64)
        for o in range(len(out)):
            for y in range(height):
                for x in range(width):
                    window = padded[:, y : y + kernel, x : x + kernel]
                    out[o, y, x] = (window * convolution.weight[o]).sum() + convolution.bias[o]
        image = out
    for c in range(len(image)):
        scale = norm.weight[c] / math.sqrt(norm.running_var[c] + norm.eps)
        image[c] = (image[c] - norm.running_mean[c]) * scale + norm.bias[c]
    return image


def small(layer):
    """The layer in float64 with batch-norm statistics that no initialisation gives."""
    norm = layer.features[2]
    nn.init.normal_(norm.running_mean)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    nn.init.uniform_(norm.weight, 0.5, 2)
    nn.init.normal_(norm.bias)
    return layer.double().eval()


CONFIG = SoftAttentionConfig(channels=2, projection_channels=3)


@torch.no_grad()
def test_the_attention_map_is_the_sigmoid_of_the_normed_features():
    layer, images = small(SoftAttention(CONFIG)), torch.rand(2, 2, 5, 6, dtype=torch.float64)
    for image, found in zip(images, layer.attention_map(images), strict=True):
        expected = 1 / (1 + torch.exp(-features(layer, image)))
        torch.testing.assert_close(found, expected)


def softmax_map(layer, image):
    """Softmax over the sums of rows times softmax over the sums of columns, value by value."""
    normed = features(layer, image)
    channels, height, width = normed.shape
    out = torch.zeros_like(normed)
    for c in range(channels):
        rows = [math.exp(float(normed[c, y].sum())) for y in range(height)]
        columns = [math.exp(float(normed[c, :, x].sum())) for x in range(width)]
        for y in range(height):
            for x in range(width):
                out[c, y, x] = rows[y] / sum(rows) * columns[x] / sum(columns)
    return out


@torch.no_grad()
def test_the_softmax_map_is_the_product_of_two_distributions():
    layer = small(SoftmaxAttention(CONFIG, scaled=False))
    images = torch.rand(2, 2, 5, 6, dtype=torch.float64)
    for image, found in zip(images, layer.attention_map(images), strict=True):
        torch.testing.assert_close(found, softmax_map(layer, image))
        torch.testing.assert_close(found.sum((1, 2)), torch.ones(2, dtype=torch.float64))


@torch.no_grad()
def test_the_scaled_softmax_map_reaches_from_0_3_to_1_in_each_channel_of_each_image():
    layer = small(SoftmaxAttention(CONFIG, scaled=True))
    images = torch.rand(2, 2, 5, 6, dtype=torch.float64)
    for image, found in zip(images, layer.attention_map(images), strict=True):
        for plain, scaled in zip(softmax_map(layer, image), found, strict=True):
            expected = 0.3 + 0.7 * (plain - plain.min()) / (plain.max() - plain.min())
            torch.testing.assert_close(scaled, expected)


@torch.no_grad()
def test_a_constant_softmax_map_scales_to_its_floor():
    layer = SoftmaxAttention(CONFIG, scaled=True).eval()
    for parameter in layer.parameters():
        parameter.zero_()
    found = layer.attention_map(torch.rand(1, 2, 8, 8))
    torch.testing.assert_close(found, torch.full_like(found, 0.3))


@pytest.mark.parametrize("name", ["sa_cae", "ssa_cae"])
@pytest.mark.parametrize(("channels", "baseline"), [(3, 652_841), (1, 650_531)])
def test_the_attention_adds_two_convolutions_and_a_batch_norm(name, channels, baseline):
    first = 9 * channels * 64 + 64
    second = 25 * 64 * channels + channels
    network = build_network(name, channels=channels)
    assert count_parameters(network) == baseline + first + second + 2 * channels
    if channels == 3:
        assert count_parameters(network) == 652_841 + 6_601


@pytest.mark.parametrize(
    ("name", "options"),
    [("sa_cae", {}), ("ssa_cae", {"scaled": False}), ("ssa_cae", {"scaled": True})],
    ids=["sa", "ssa", "ssa scaled"],
)
@torch.inference_mode()
def test_bcae1_sees_the_image_times_its_map(name, options):
    network = build_network(name, options=options).eval()
    assert isinstance(network, AttentiveAutoencoder)
    baseline = build_network("bcae1").eval()
    baseline.decoder.load_state_dict(network.decoder.state_dict())
    _, *layers = network.encoder
    baseline.encoder.load_state_dict(nn.Sequential(*layers).state_dict())
    images = torch.rand(2, 3, 128, 128)
    attention_map = network.attention_map(images)
    assert attention_map.shape == images.shape
    assert 0 <= attention_map.min() < attention_map.max() <= 1
    assert torch.equal(network.embed(images), baseline.embed(images * attention_map))
    assert torch.equal(network(images), baseline(images * attention_map))


@pytest.mark.parametrize("factor", [1e-6, 0.5, 0.0])
@torch.inference_mode()
def test_the_penalty_is_lambda_times_the_maps_mean_norm(factor):
    network = build_network("sa_cae", options={"penalty_factor": factor}).eval()
    images = torch.rand(3, 3, 128, 128)
    _, penalty = network.reconstruct_with_penalty(images)
    norms = [math.sqrt(float(each.double().square().sum())) for each in network.attention_map(images)]
    assert float(penalty) == pytest.approx(factor * sum(norms) / 3, rel=1e-5)


def test_the_thesis_lambda_is_the_default():
    assert build_network("sa_cae").penalty_factor == 1e-6


def test_the_penalty_trains_the_attention_and_nothing_behind_it():
    network = build_network("sa_cae")
    _, penalty = network.reconstruct_with_penalty(torch.rand(2, 3, 128, 128))
    penalty.backward()
    attention, *layers = network.encoder
    assert all(parameter.grad is not None for parameter in attention.parameters())
    assert all(parameter.grad is None for layer in layers for parameter in layer.parameters())


def test_a_training_step_updates_the_batch_norms_statistics_once():
    network = build_network("sa_cae")
    network.reconstruct_with_penalty(torch.rand(2, 3, 128, 128))
    assert network.encoder[0].features[2].num_batches_tracked == 1
