"""Attention-augmented convolution: some of a layer's channels come from self-attention (3.5.2; Bello et al. 2019).

AA-CAE is BCAE1 with such layers.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from xai_ad.fields import whole
from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.bcae1 import build_bcae1


class RelativeSelfAttention(nn.Module):
    """One head of self-attention over a square map, with relative positions.

    Place i attends to place j with the weight softmax_j(q_i (k_j + c_(jx - ix) + r_(jy - iy)) / sqrt(d_k)), where c
    and r are learnt for each offset of columns and rows; the attended values then pass a matrix, W_O in the paper.
    """

    def __init__(self, side: int, *, key_depth: int, value_depth: int) -> None:
        super().__init__()
        self.key_depth, self.value_depth = key_depth, value_depth
        scale = 1 / math.sqrt(key_depth)
        self.rows = nn.Parameter(scale * torch.randn(2 * side - 1, key_depth))  # offset 0 is in the middle
        self.columns = nn.Parameter(scale * torch.randn(2 * side - 1, key_depth))
        self.mix = nn.Linear(value_depth, value_depth, bias=False)

    def forward(self, projections: Tensor) -> Tensor:
        """Attend, (N, 2 d_k + d_v, S, S) -> (N, d_v, S, S); queries come first, then keys, then values."""
        values = projections[:, -self.value_depth :]  # (N, d_v, S, S)
        attended = torch.einsum("nhwj,ndj->nhwd", self.weights(projections), values.flatten(2))
        mixed: Tensor = self.mix(attended)  # (N, S, S, d_v)
        return mixed.permute(0, 3, 1, 2)

    def weights(self, projections: Tensor) -> Tensor:
        """Return how much each place attends to each, (N, 2 d_k + d_v, S, S) -> (N, S, S, S * S), summing to 1."""
        side = projections.shape[-1]
        queries, keys = projections[:, : 2 * self.key_depth].chunk(2, dim=1)  # (N, d_k, S, S) each
        queries = queries / math.sqrt(self.key_depth)
        content = torch.einsum("ndhw,ndkl->nhwkl", queries, keys)
        row = torch.einsum("ndhw,hdk->nhwk", queries, _offsets(self.rows, side))
        column = torch.einsum("ndhw,wdl->nhwl", queries, _offsets(self.columns, side))
        logits = content + row[..., None] + column[..., None, :]  # (N, S, S, S, S): from h, w to k, l
        return logits.flatten(3).softmax(dim=-1)


def _offsets(positions: Tensor, side: int) -> Tensor:
    """Return the position vectors by place, (2S - 1, d) -> (S, d, S): [i, :, j] is that of the offset j - i."""
    return positions.unfold(0, side, 1).flip(0)


class AttentionAugmented(nn.Module):
    """A (transposed) convolution whose last `value_depth` channels come from self-attention instead.

    Queries, keys and values are computed by a layer of the same kind, kernel and stride, without bias.
    """

    def __init__(
        self, plain: nn.Conv2d | nn.ConvTranspose2d, side: int, *, key_depth: int, value_depth: int
    ) -> None:
        super().__init__()
        self.convolution = _with_outputs(plain, plain.out_channels - value_depth, bias=True)
        self.projection = _with_outputs(plain, 2 * key_depth + value_depth, bias=False)
        self.attention = RelativeSelfAttention(side, key_depth=key_depth, value_depth=value_depth)

    def forward(self, values: Tensor) -> Tensor:
        """Return the convolution's channels, then the attention's, (N, O, S, S)."""
        return torch.cat([self.convolution(values), self.attention(self.projection(values))], dim=1)


def _with_outputs(plain: nn.Conv2d | nn.ConvTranspose2d, outputs: int, *, bias: bool) -> nn.Module:
    return type(plain)(plain.in_channels, outputs, plain.kernel_size, plain.stride, bias=bias)  # type: ignore[arg-type]


LARGEST_SIDE = 31
"""Side of the largest map that is attended over; weights between all places of a 63x63 map take 63 MB an image."""


@dataclass(frozen=True, kw_only=True)
class AaCaeConfig(NetworkConfig):
    """The widths of the attention: `key_depth` is d_k, `value_depth` is d_v, the channels that attention replaces."""

    key_depth: int = whole(8, low=1)
    value_depth: int = whole(1, low=1, high=63)  # BCAE1's narrowest layer keeps a channel of its own


def build_aa_cae(config: AaCaeConfig) -> ConvolutionalAutoencoder:
    """Build AA-CAE: BCAE1, augmented in encoder and decoder wherever a map is 31x31 or smaller (3.5.2).

    At the default widths 99,840 parameters of projections and 3,408 of positions on top of BCAE1: the 15 % of 3.5.2.
    """
    network = build_bcae1(config)
    side = config.size
    for layer in (*network.encoder, *network.decoder):
        plain = layer[0]
        side = _output_side(plain, side)
        if side <= LARGEST_SIDE:
            layer[0] = AttentionAugmented(
                plain, side, key_depth=config.key_depth, value_depth=config.value_depth
            )
    return network


def _output_side(layer: nn.Conv2d | nn.ConvTranspose2d, side: int) -> int:
    kernel, stride = layer.kernel_size[0], layer.stride[0]
    if isinstance(layer, nn.ConvTranspose2d):
        return (side - 1) * stride + kernel
    return (side - kernel) // stride + 1


AA_CAE = NetworkSpec(
    id="aa_cae",
    title="attention-augmented autoencoder",
    sentence="It compares every place of the picture with every other, so that distant parts of it inform each other.",
    section="3.5.2",
    config=AaCaeConfig,
    build=build_aa_cae,
)
