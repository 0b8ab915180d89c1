"""Small networks with skip connections: 8x8 pixels, batch norms with statistics like trained ones."""

import torch
from torch import nn

from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.networks.blocks import decoder_layer, encoder_layer, output_layer

SIDE = 8


class Skipping(ConvolutionalAutoencoder):
    """What the first layer returns and what the decoder makes of the embeddings meet before the last layer."""

    inputs = 4

    def forward(self, images):  # noqa: D102
        first, second = self.encoder
        up, out = self.decoder
        early = first(images)
        return out(self._met(up(second(early)), early))


class Adding(Skipping):
    """They are added."""

    def _met(self, late, early):
        return late + early


class Concatenating(Skipping):
    """They are put side by side, as in a U-Net."""

    inputs = 8

    def _met(self, late, early):
        return torch.cat([late, early], 1)


class AddingInPlace(Skipping):
    """Their sum is written over one of them."""

    def _met(self, late, early):
        late += early
        return late


class Gating(Skipping):
    """The first layer's values are let through as the decoder says."""

    def _met(self, late, early):
        return torch.sigmoid(late) * early


class Deciding(Skipping):
    """It runs otherwise for bright images, so that it has no graph."""

    def _met(self, late, early):
        return late if early.mean() > 100 else late + early


SKIPPING = (Adding, Concatenating, AddingInPlace, Gating)


def skipping(kind, channels=3):
    """Build one with random weights."""
    generator = torch.Generator().manual_seed(11)
    network = kind(
        nn.Sequential(
            encoder_layer(nn.Conv2d(channels, 4, 3, padding=1), 4),
            encoder_layer(nn.Conv2d(4, 5, 2, stride=2), 5),
        ),
        nn.Sequential(
            decoder_layer(nn.ConvTranspose2d(5, 4, 2, stride=2), 4),
            output_layer(nn.Conv2d(kind.inputs, channels, 3, padding=1), channels),
        ),
        channels=channels,
        size=SIDE,
    ).eval()
    for value in [*network.parameters(), *network.buffers()]:
        if value.is_floating_point():
            value.data = 0.3 * torch.randn(value.shape, generator=generator)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_var = 0.5 + torch.rand(layer.num_features, generator=generator)
            layer.weight.data += 1.0
    return network


def images(count=2, channels=3, seed=1):
    return torch.rand(count, channels, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))
