"""Tiny networks of clips, and frames for them: they carry a memory, so that what a frame's window is shows."""

import torch
from torch import nn

from xai_ad.data.videos.frames import Frame
from xai_ad.networks import ClipAutoencoder, ClipPredictor, ConvolutionalAutoencoder
from xai_ad.networks.recurrent.cells import ConvGRU, TimeDistributed

SIDE = 12


def output(inputs=4, channels=1):
    return nn.ConvTranspose2d(inputs, channels, 3), nn.BatchNorm2d(channels), nn.Sigmoid()


def rebuilding_network(seed=0):
    """A network that rebuilds 8 frames with a memory of those before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ClipAutoencoder(
            [ConvGRU(1, 4, stride=1)], [TimeDistributed(*output())], channels=1, size=SIDE
        ).eval()


def predicting_network(seed=0):
    """A network that predicts the 4 frames after 4."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ClipPredictor(
            [ConvGRU(1, 4, stride=1)],
            [TimeDistributed(*output())],
            recurrent_layers=1,
            channels=1,
            size=SIDE,
        ).eval()


def picture_network(seed=0):
    """A network of single images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU()))
        return ConvolutionalAutoencoder(
            encoder, nn.Sequential(nn.Sequential(*output())), channels=1, size=SIDE
        ).eval()


def random_pixels(count, seed=0):
    """Frames that all differ, (N, 1, SIDE, SIDE) uint8."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 1, SIDE, SIDE), dtype=torch.uint8, generator=generator)


def frames_of(pixels, numbers):
    return [
        Frame(number=number, position=place, pixels=pixels[place]) for place, number in enumerate(numbers)
    ]
