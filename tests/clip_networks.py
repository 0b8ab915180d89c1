"""Tiny networks of clips, and frames for them: they carry a memory, so that what a frame's window is shows."""

import torch
from torch import nn

from xai_ad.data.videos.frames import Frame
from xai_ad.networks import ClipAutoencoder, ClipPredictor, ConvolutionalAutoencoder
from xai_ad.networks.recurrent import CELLS, RECURRENT_NETWORKS
from xai_ad.networks.recurrent.cells import Bidirectional, ConvGRU, TimeDistributed

SIDE = 12
SIDE_OF_ALL = 11
"""That of the frames of `clip_network`: 11 -> 9 -> 4 -> 2 -> 4 -> 9 -> 11."""


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


def _layer(name, cell, plain, activation, *, is_recurrent, shape):
    inputs, outputs, stride = shape
    if not is_recurrent:
        return TimeDistributed(plain(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs), activation)
    if name.startswith("bi"):
        return Bidirectional(*(cell(inputs, outputs, stride=stride) for _ in range(2)))
    return cell(inputs, outputs, stride=stride)


RECURRENT = tuple(spec.id for spec in RECURRENT_NETWORKS)
"""The nine that `clip_network` builds."""


def clip_network(name, recurrent_layers=1, decoder="2d", *, frames=8, seed=0):
    """Any of the nine networks with three layers of a few channels, batch norms with statistics like trained ones."""
    encoding, decoding = CELLS[name.rpartition("c")[2].upper()]
    recurrent_in_decoder = recurrent_layers if decoder == "recurrent" else 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = [
            _layer(
                name, encoding, nn.Conv2d, nn.ReLU(), is_recurrent=place >= 3 - recurrent_layers, shape=shape
            )
            for place, shape in enumerate([(1, 3, 1), (3, 4, 2), (4, 3, 1)])
        ]
        back = [
            _layer(
                name,
                decoding,
                nn.ConvTranspose2d,
                nn.LeakyReLU(0.2),
                is_recurrent=place < recurrent_in_decoder,
                shape=shape,
            )
            for place, shape in enumerate([(3, 4, 1), (4, 3, 2)])
        ]
        layers = encoder, [*back, TimeDistributed(*output(3))]
        size = {"channels": 1, "size": SIDE_OF_ALL, "frames": frames}
        if name.startswith("seq2seq"):
            network = ClipPredictor(*layers, recurrent_layers=recurrent_layers, **size)
            network.seeds = frames // 2
        else:
            network = ClipAutoencoder(*layers, **size)
        return as_if_trained(network, torch.rand(4, network.seeds or frames, 1, SIDE_OF_ALL, SIDE_OF_ALL))


def as_if_trained(network, clips):
    """Give a network batch norms of random weights that are at what they have seen."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
            layer.weight.data.normal_(1, 0.3)
            layer.bias.data.normal_(0, 0.3)
    with torch.no_grad():
        network.train()(clips)
    return network.eval()


def picture_network(seed=0):
    """A network of single images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU()))
        return ConvolutionalAutoencoder(
            encoder, nn.Sequential(nn.Sequential(*output())), channels=1, size=SIDE
        ).eval()


def random_pixels(count, seed=0, side=SIDE):
    """Frames that all differ, (N, 1, side, side) uint8."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 1, side, side), dtype=torch.uint8, generator=generator)


def frames_of(pixels, numbers):
    return [
        Frame(number=number, position=place, pixels=pixels[place]) for place, number in enumerate(numbers)
    ]
