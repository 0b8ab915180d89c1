"""A network's inference copy: the same reconstructions, several times as fast."""

import copy
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from xai_ad.detector.fast.rearranging import rearranged
from xai_ad.machine.execution import Precision
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.networks.flattening import flat_halves, is_plain_sequence, merged_sequence
from xai_ad.networks.soft_attention import SoftAttention
from xai_ad.types import Images


class InferenceNetwork(nn.Module):
    """A frozen copy that gives the network's reconstructions to 1e-5 in float32.

    Batch norms are folded into the layers before them, asymmetric blocks fused, layers that a CPU runs slowly
    rearranged, activations computed in place, everything laid out channels-last. A network that is no plain encoder
    and decoder is copied as it is.

    In bfloat16 the decoder, which is most of the work, is computed by autocast. The encoder stays float32: rounding
    there is passed on to the whole picture, and would make Shapley values err up to 75 times as much for a tenth of
    the time. So does the last sigmoid, because a reconstruction rounded to 8 bits would be an error of its own.
    """

    def __init__(self, network: ConvolutionalAutoencoder) -> None:
        super().__init__()
        if is_plain_sequence(network):
            encoder, decoder = flat_halves(network)
            self.encoder = _frozen(nn.Sequential(*_prepared(encoder)))
            self.decoder = _frozen(nn.Sequential(*_prepared(decoder)))
        else:
            self.encoder, self.decoder = nn.Identity(), _frozen(copy.deepcopy(network))

    @torch.inference_mode()
    def reconstruct(self, images: Images, precision: Precision) -> Images:
        """Return the reconstructions, (N, C, H, W) float32, computed in float32 or bfloat16."""
        embeddings = self.encoder(images.contiguous(memory_format=torch.channels_last))
        bfloat16 = precision is Precision.BFLOAT16
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16):
            reconstructions: Tensor = self.decoder(embeddings)
        return reconstructions.float()


def _frozen(layers: nn.Module) -> nn.Module:
    frozen = layers.eval().requires_grad_(False)
    laid_out: nn.Module = frozen.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    return laid_out


class PreciseSigmoid(nn.Module):
    """The sigmoid in float32, whatever arithmetic the layers before it had."""

    def forward(self, values: Tensor) -> Tensor:
        """Return values in (0, 1), of the same shape."""
        return values.float().sigmoid()


def _prepared(layers: Sequence[nn.Module]) -> Iterator[nn.Module]:
    """Yield each layer's part of the copy."""
    before: nn.Module | None = None
    for layer in layers:
        prepared = _counterpart(layer)
        # What a convolution has just written is nobody else's, so it may be written over.
        if isinstance(prepared, nn.ReLU | nn.LeakyReLU):
            prepared.inplace = isinstance(before, nn.Conv2d | nn.ConvTranspose2d)
        before = prepared
        yield prepared


def _counterpart(layer: nn.Module) -> nn.Module:
    if isinstance(layer, nn.Sigmoid):
        return PreciseSigmoid()
    if isinstance(layer, SoftAttention):
        attention = copy.deepcopy(layer)
        attention.features = nn.Sequential(*map(rearranged, merged_sequence(attention.features)))
        return attention
    changed = rearranged(layer)
    return copy.deepcopy(layer) if changed is layer else changed
