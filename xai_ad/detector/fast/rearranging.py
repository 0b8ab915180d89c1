"""The same linear maps as layers that a CPU runs faster, to float32's rounding.

oneDNN computes 16 output channels at a time and has no kernel for transposed convolutions whose stride does not divide
their kernel; both are worked around by zeros in the right places. On BCAE1 the two together make a forward about 1.3
times as fast in float32 and 1.7 times in bfloat16.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 2
"""A blocked convolution computes squares of this side at once."""

FEW_CHANNELS = 4
"""With at most so many output channels a block of them fits the 16 that are computed anyway."""


class BlockedConvolution(nn.Module):
    """A convolution of stride 1 to a few channels, computed for 2x2 outputs at a time.

    The four outputs of a block are four channels of one larger convolution of stride 2, whose kernel holds the
    original one at four offsets.
    """

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__()
        outputs, inputs, height, width = plain.weight.shape
        weight = plain.weight.new_zeros(outputs, BLOCK, BLOCK, inputs, height + BLOCK - 1, width + BLOCK - 1)
        for row in range(BLOCK):
            for column in range(BLOCK):
                weight[:, row, column, :, row : row + height, column : column + width] = plain.weight.data
        bias = plain.weight.new_zeros(outputs) if plain.bias is None else plain.bias.data
        self.kernel = (height, width)
        self.padding = (int(plain.padding[0]), int(plain.padding[1]))
        self.weight = nn.Parameter(weight.flatten(0, 2), requires_grad=False)  # (4 O, I, kh + 1, kw + 1)
        self.bias = nn.Parameter(bias.repeat_interleave(BLOCK**2), requires_grad=False)

    def forward(self, values: Tensor) -> Tensor:
        """Return the convolution's outputs, (N, I, H, W) -> (N, O, H', W')."""
        sides = [
            side + 2 * padding - kernel + 1
            for side, padding, kernel in zip(values.shape[2:], self.padding, self.kernel, strict=True)
        ]
        lacking = [-side % BLOCK for side in sides]
        if any(lacking):  # a last row or column that is computed and thrown away
            values = F.pad(values, (0, lacking[1], 0, lacking[0]))
        blocks = F.conv2d(values, self.weight, self.bias, stride=BLOCK, padding=self.padding)
        return F.pixel_shuffle(blocks, BLOCK)[:, :, : sides[0], : sides[1]]


class PaddedTransposedConvolution(nn.Module):
    """A transposed convolution whose kernel is filled up with zeros until the stride divides it.

    What the zeros add at the right and the bottom is cut off.
    """

    def __init__(self, plain: nn.ConvTranspose2d) -> None:
        super().__init__()
        height, width = plain.kernel_size
        self.excess = (-height % plain.stride[0], -width % plain.stride[1])
        self.weight = nn.Parameter(
            F.pad(plain.weight.data, (0, self.excess[1], 0, self.excess[0])), requires_grad=False
        )
        self.bias = None if plain.bias is None else nn.Parameter(plain.bias.data.clone(), requires_grad=False)
        self.stride = plain.stride

    def forward(self, values: Tensor) -> Tensor:
        """Return the transposed convolution's outputs, (N, I, H, W) -> (N, O, H', W')."""
        whole = F.conv_transpose2d(values, self.weight, self.bias, stride=self.stride)
        return whole[:, :, : whole.shape[2] - self.excess[0], : whole.shape[3] - self.excess[1]]


def rearranged(layer: nn.Module) -> nn.Module:
    """Return the layer, or one that computes the same faster; the layer itself stays as it is."""
    if isinstance(layer, nn.ConvTranspose2d) and _is_plain(layer) and layer.output_padding == (0, 0):
        if layer.stride == (1, 1) and layer.out_channels <= FEW_CHANNELS:
            return BlockedConvolution(_as_convolution(layer))
        if layer.padding == (0, 0) and any(
            k % s for k, s in zip(layer.kernel_size, layer.stride, strict=True)
        ):
            return PaddedTransposedConvolution(layer)
    if (
        isinstance(layer, nn.Conv2d)
        and _is_plain(layer)
        and layer.stride == (1, 1)
        and layer.out_channels <= FEW_CHANNELS
        and not isinstance(layer.padding, str)
        and layer.padding_mode == "zeros"
    ):
        return BlockedConvolution(layer)
    return layer


def _is_plain(layer: nn.Conv2d | nn.ConvTranspose2d) -> bool:
    return layer.groups == 1 and layer.dilation == (1, 1)


def _as_convolution(layer: nn.ConvTranspose2d) -> nn.Conv2d:
    """Return a transposed convolution of stride 1 as the convolution that it is: turned around, and padded."""
    height, width = layer.kernel_size
    padding = (height - 1 - int(layer.padding[0]), width - 1 - int(layer.padding[1]))
    plain = nn.Conv2d(
        layer.in_channels, layer.out_channels, (height, width), padding=padding, bias=layer.bias is not None
    )
    with torch.no_grad():
        plain.weight.copy_(layer.weight.flip(2, 3).transpose(0, 1))
        if layer.bias is not None and plain.bias is not None:
            plain.bias.copy_(layer.bias)
    return plain
