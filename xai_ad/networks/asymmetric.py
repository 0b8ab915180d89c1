"""Asymmetric convolution and deconvolution blocks (3.3), and how they fuse into plain ones after training.

A block adds up a square, a vertical and a horizontal kernel's outputs (Eq. 3.4). All three are linear, so one square
kernel can do their work: the vertical and horizontal kernels are added to the column and the row of the square one
that see the same pixels. In a convolution those are the centre's; in a transposed one, the left and the top.
KS-CAE is the network of such blocks (4.5).
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from xai_ad.errors import InvalidInputError
from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.blocks import (
    convolution,
    decoder_layer,
    encoder_layer,
    output_layer,
    transposed_convolution,
)

Network = TypeVar("Network", bound=nn.Module)


class AsymmetricConvolution(nn.Module):
    """H_(k,k)(x) + H_(k,1)(x) + H_(1,k)(x) of Eq. 3.4, without padding (3.3.1).

    The narrow kernels see the pixels under the square kernel's centre, so the margins that they never centre on are
    cut off before them. The square kernel's bias serves all three.
    """

    def __init__(self, inputs: int, outputs: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.square = nn.Conv2d(inputs, outputs, kernel_size, stride)
        self.vertical = nn.Conv2d(inputs, outputs, (kernel_size, 1), stride, bias=False)
        self.horizontal = nn.Conv2d(inputs, outputs, (1, kernel_size), stride, bias=False)
        self.kernel_size = kernel_size

    def forward(self, values: Tensor) -> Tensor:
        """Return the sum of the three branches, (N, I, H, W) -> (N, O, (H - k) // s + 1, (W - k) // s + 1)."""
        height, width = values.shape[-2:]
        centre, lost = self.kernel_size // 2, self.kernel_size - 1
        columns = values.narrow(3, centre, width - lost)  # (N, I, H, W - k + 1)
        rows = values.narrow(2, centre, height - lost)  # (N, I, H - k + 1, W)
        summed: Tensor = self.square(values) + self.vertical(columns) + self.horizontal(rows)
        return summed

    @torch.no_grad()
    def fused(self) -> nn.Conv2d:
        """Return the convolution that gives the same outputs: the narrow kernels join the centre column and row."""
        fused, centre = copy.deepcopy(self.square), self.kernel_size // 2
        fused.weight[:, :, :, centre] += self.vertical.weight[:, :, :, 0]
        fused.weight[:, :, centre, :] += self.horizontal.weight[:, :, 0, :]
        return fused


class AsymmetricTransposedConvolution(nn.Module):
    """The three branches of Eq. 3.4 as transposed convolutions (3.3.2).

    A narrow kernel's output lacks k - 1 columns or rows, which output padding adds at the right or the bottom. torch
    wants it smaller than stride or dilation; dilating the one pixel across changes nothing else.
    """

    def __init__(self, inputs: int, outputs: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.square = nn.ConvTranspose2d(inputs, outputs, kernel_size, stride)
        self.vertical = nn.ConvTranspose2d(
            inputs,
            outputs,
            (kernel_size, 1),
            stride,
            output_padding=(0, kernel_size - 1),
            dilation=(1, kernel_size),
            bias=False,
        )
        self.horizontal = nn.ConvTranspose2d(
            inputs,
            outputs,
            (1, kernel_size),
            stride,
            output_padding=(kernel_size - 1, 0),
            dilation=(kernel_size, 1),
            bias=False,
        )

    def forward(self, values: Tensor) -> Tensor:
        """Return the sum of the three branches, (N, I, H, W) -> (N, O, (H - 1) s + k, (W - 1) s + k)."""
        summed: Tensor = self.square(values) + self.vertical(values) + self.horizontal(values)
        return summed

    @torch.no_grad()
    def fused(self) -> nn.ConvTranspose2d:
        """Return the layer that gives the same outputs: the narrow kernels join the left column and the top row."""
        fused = copy.deepcopy(self.square)
        fused.weight[:, :, :, 0] += self.vertical.weight[:, :, :, 0]
        fused.weight[:, :, 0, :] += self.horizontal.weight[:, :, 0, :]
        return fused


def can_fuse(network: nn.Module) -> bool:
    """Return whether a network has asymmetric blocks."""
    return next(_asymmetric_layers(network), None) is not None


def fuse(network: Network) -> Network:
    """Return a copy whose asymmetric blocks are plain layers, with the same outputs at the plain network's cost (3.3).

    The copy has the layers that the registry builds with the option `fused`. Raises `InvalidInputError` for a network
    without asymmetric blocks, such as one already fused.
    """
    fused = copy.deepcopy(network)
    found = list(_asymmetric_layers(fused))
    if not found:
        raise InvalidInputError(
            "There is nothing to fuse: the network has no asymmetric blocks. Take an unfused 'ks_cae'."
        )
    for parent, name, layer in found:
        setattr(parent, name, layer.fused())
    return fused


def _asymmetric_layers(
    network: nn.Module,
) -> Iterator[tuple[nn.Module, str, AsymmetricConvolution | AsymmetricTransposedConvolution]]:
    for parent in network.modules():
        for name, child in parent.named_children():
            if isinstance(child, AsymmetricConvolution | AsymmetricTransposedConvolution):
                yield parent, name, child


@dataclass(frozen=True, kw_only=True)
class KsCaeConfig(NetworkConfig):
    """`fused` builds the plain layers that `fuse` makes of the asymmetric ones after training."""

    fused: bool = False


def build_ks_cae(config: KsCaeConfig) -> ConvolutionalAutoencoder:
    """Build KS-CAE: BCAE2's kernels and strides, half the kernels in the middle layers, asymmetric blocks (4.5).

    Asymmetric blocks (Eq. 3.4) stand in the first four encoder layers and the last four decoder layers.
    """
    down = nn.Conv2d if config.fused else AsymmetricConvolution
    up = nn.ConvTranspose2d if config.fused else AsymmetricTransposedConvolution
    encoder = nn.Sequential(
        encoder_layer(down(config.channels, 64, kernel_size=3, stride=2), 64),  # 128 -> 63
        encoder_layer(down(64, 64, kernel_size=3, stride=2), 64),  # -> 31
        encoder_layer(down(64, 128, kernel_size=5, stride=3), 128),  # -> 9
        encoder_layer(down(128, 256, kernel_size=5, stride=2), 256),  # -> 3
        convolution(256, 300, kernel=3, stride=2),  # -> 1
    )
    decoder = nn.Sequential(
        transposed_convolution(300, 256, kernel=3, stride=2),  # 1 -> 3
        transposed_convolution(256, 128, kernel=5, stride=2),  # -> 9
        decoder_layer(up(128, 64, kernel_size=5, stride=3), 64),  # -> 29
        decoder_layer(up(64, 32, kernel_size=5, stride=2), 32),  # -> 61
        decoder_layer(up(32, 16, kernel_size=5, stride=2), 16),  # -> 125
        output_layer(up(16, config.channels, kernel_size=4, stride=1), config.channels),  # -> 128
    )
    return ConvolutionalAutoencoder(encoder, decoder)


KS_CAE = NetworkSpec(
    id="ks_cae",
    title="kernel-strengthened autoencoder",
    sentence="It is the larger baseline with about half the filters, each strengthened along a row and a column of its own.",
    section="3.3",
    config=KsCaeConfig,
    build=build_ks_cae,
)
