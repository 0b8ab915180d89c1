"""Tiny networks and pictures: 16x16 pixels, a few channels, batch norms with statistics like trained ones."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier, References
from xai_ad.detector.fast import InferenceNetwork
from xai_ad.detector.scores import Score, Scoring
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.networks.blocks import convolution, output_convolution, transposed_convolution

SIZE = 16


def tiny_network(channels: int = 3) -> ConvolutionalAutoencoder:
    """Build a network with every layer that BCAE1 has, 16x16 pixels in and out."""
    generator = torch.Generator().manual_seed(7)
    encoder = nn.Sequential(
        convolution(channels, 6, kernel=3, stride=2),  # 16 -> 7
        convolution(6, 8, kernel=3, stride=2),  # -> 3
    )
    decoder = nn.Sequential(
        transposed_convolution(8, 6, kernel=3, stride=2),  # 3 -> 7
        transposed_convolution(6, 5, kernel=6, stride=2),  # -> 18
        output_convolution(5, channels, kernel=3),  # -> 16
    )
    network = ConvolutionalAutoencoder(encoder, decoder, channels=channels, size=SIZE).eval()
    for value in [*network.parameters(), *network.buffers()]:
        if value.is_floating_point():
            value.data = 0.3 * torch.randn(value.shape, generator=generator)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_var = 0.5 + torch.rand(layer.num_features, generator=generator)
            layer.weight.data += 1.0
    return network


def perfect_network(channels: int = 3) -> ConvolutionalAutoencoder:
    """Build a network that returns what it is given."""
    same = nn.Conv2d(channels, channels, 1, bias=False)
    same.weight.data = torch.eye(channels)[:, :, None, None]
    return ConvolutionalAutoencoder(
        nn.Sequential(same), nn.Sequential(nn.Identity()), channels=channels, size=SIZE
    )


def blind_network() -> ConvolutionalAutoencoder:
    """Build a network that returns mid-grey whatever it is given: its squared error is a sum over pixels."""
    grey = nn.Conv2d(3, 3, 1)
    grey.weight.data.zero_()
    grey.bias.data.fill_(0.5)
    return ConvolutionalAutoencoder(nn.Sequential(grey), nn.Sequential(nn.Identity()), channels=3, size=SIZE)


def picture(channels: int = 3, seed: int = 0) -> Tensor:
    """Paint coloured blocks, so that superpixels have edges to follow, under a little noise."""
    generator = torch.Generator().manual_seed(seed)
    blocks = torch.rand(channels, 4, 4, generator=generator).repeat_interleave(4, 1).repeat_interleave(4, 2)
    return (0.9 * blocks + 0.1 * torch.rand(channels, SIZE, SIZE, generator=generator)).contiguous()


@pytest.fixture(scope="session")
def make_classifier() -> Callable[..., AnomalyClassifier]:
    """Build a classifier whose threshold lies between a flat grey picture, normal, and `picture()`, anomalous."""

    def make(
        channels: int = 3,
        network: ConvolutionalAutoencoder | None = None,
        threshold: float | None = None,
        score: Score = Score.SQUARED_ERROR,
    ) -> AnomalyClassifier:
        network = network or tiny_network(channels)
        flat = torch.full((channels, SIZE, SIZE), 0.45)
        normals = torch.stack([flat, flat + 0.05])
        with torch.inference_mode():
            before = AnomalyClassifier(
                network, Calibration(scoring=Scoring(score=score), threshold=1, score_max=1, map_scale=1)
            )
            low, high = float(before(normals).max()), float(before(picture(channels)[None])[0])
        threshold = threshold or max((low + high) / 2, 1e-6)
        calibration = Calibration(
            scoring=Scoring(score=score), threshold=threshold, score_max=2 * threshold, map_scale=4.0
        )
        return AnomalyClassifier(network, calibration, References(mean=flat + 0.1, normals=normals))

    return make


@pytest.fixture
def classifier(make_classifier) -> AnomalyClassifier:
    return make_classifier()


@pytest.fixture
def image() -> Tensor:
    return picture()


@pytest.fixture
def perfect() -> ConvolutionalAutoencoder:
    return perfect_network()


@pytest.fixture
def scored(monkeypatch) -> list[int]:
    """How many pictures each pass through any network or its inference copy had."""
    passes = []
    for kind in (AnomalyClassifier, InferenceNetwork):

        def reconstruct(self, images, *rest, plain=kind.reconstruct):
            passes.append(len(images))
            return plain(self, images, *rest)

        monkeypatch.setattr(kind, "reconstruct", reconstruct)
    return passes
