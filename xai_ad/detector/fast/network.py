"""A network's inference copy: the same reconstructions, several times as fast."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from xai_ad.detector.fast.rearranging import rearranged
from xai_ad.errors import UnsupportedLayerError
from xai_ad.machine.execution import Precision
from xai_ad.networks import Autoencoder, channels_last, fold, unfold
from xai_ad.networks.graph import Graph, graph_of, trace
from xai_ad.networks.merging import merged
from xai_ad.networks.soft_attention import SoftAttention
from xai_ad.types import Clips, Images


class InferenceNetwork(nn.Module):
    """A frozen copy that gives the network's reconstructions to 1e-5 in float32.

    Batch norms are folded into the layers before them, asymmetric blocks fused, layers that a CPU runs slowly
    rearranged, activations computed in place, everything laid out channels-last, along skip connections too. A network
    that cannot be taken apart is copied as it is.

    In bfloat16 the decoder, which is most of the work, is computed by autocast. The encoder, everything up to the
    embeddings, stays float32, and so does all of a network that cannot be taken apart: rounding there is passed on to
    the whole image, and would make Shapley values err up to 75 times as much for a tenth of the time. So does a network
    of clips, whose memory passes rounding on to the frames that follow, and the last sigmoid, because a reconstruction
    rounded to 8 bits would be an error of its own.
    """

    def __init__(self, network: Autoencoder) -> None:
        super().__init__()
        self.whole: Autoencoder | None = None
        try:
            graph = merged(graph_of(network))
        except UnsupportedLayerError:
            self.whole = copy.deepcopy(network).eval().requires_grad_(False)
            return
        layers = nn.ModuleList(_prepared(graph)).eval().requires_grad_(False)
        self.layers: nn.ModuleList = layers.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self.inputs = [step.inputs for step in graph.steps]
        self.sees_clips = network.frames > 1
        self.precise = len(graph.steps) if self.sees_clips else graph.embedding
        last_use = {value: number for number, values in enumerate(self.inputs) for value in values}
        self.finished = [
            [value for value in last_use if last_use[value] == n] for n in range(len(self.inputs))
        ]

    @torch.inference_mode()
    def answer(self, windows: Clips, precision: Precision) -> Clips:
        """Return what the network answers to windows, (N, T, C, H, W) float32, computed in float32 or bfloat16.

        Nobody else holds what it returns, so it may be written over.
        """
        if self.whole is not None:
            return self.whole.answer(windows).clone()
        if self.sees_clips:
            return self._answered(channels_last(windows), precision)
        return unfold(self.reconstruct(fold(windows), precision), windows.shape[1])

    @torch.inference_mode()
    def reconstruct(self, images: Images, precision: Precision) -> Images:
        """Return the reconstructions, (N, C, H, W) float32, of a network that sees each image by itself."""
        if self.whole is not None:
            return fold(self.whole.answer(images[:, None]))
        return self._answered(images.contiguous(memory_format=torch.channels_last), precision)

    def _answered(self, images: Tensor, precision: Precision) -> Tensor:
        values = {0: images}
        self._run(values, range(self.precise))
        bfloat16 = precision is Precision.BFLOAT16
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16):
            self._run(values, range(self.precise, len(self.layers)))
        answered: Tensor = values[len(self.layers)].float()
        return answered if isinstance(self.layers[-1], PreciseSigmoid) else answered.clone()

    def _run(self, values: dict[int, Tensor], steps: range) -> None:
        """Run some steps on the values they are given, and forget those that no later step is given."""
        for number in steps:
            values[number + 1] = self.layers[number](*(values[value] for value in self.inputs[number]))
            for value in self.finished[number]:
                del values[value]


class PreciseSigmoid(nn.Module):
    """The sigmoid in float32, whatever arithmetic the layers before it had."""

    def forward(self, values: Tensor) -> Tensor:
        """Return values in (0, 1), of the same shape."""
        return values.float().sigmoid()


def _prepared(graph: Graph) -> Iterator[nn.Module]:
    """Yield each step's part of the copy."""
    uses, made = graph.uses(), list[nn.Module]()
    for step in graph.steps:
        prepared, before = _counterpart(step.layer), step.inputs[0]
        # What a convolution has just written for this step alone is nobody else's, so it may be written over.
        if isinstance(prepared, nn.ReLU | nn.LeakyReLU):
            own = before > 0 and uses[before] == 1
            prepared.inplace = own and isinstance(made[before - 1], nn.Conv2d | nn.ConvTranspose2d)
        made.append(prepared)
        yield prepared


def _counterpart(layer: nn.Module) -> nn.Module:
    if isinstance(layer, nn.Sigmoid):
        return PreciseSigmoid()
    if isinstance(layer, SoftAttention):
        attention = copy.deepcopy(layer)
        features = merged(trace(attention.features)).steps
        attention.features = nn.Sequential(*(rearranged(step.layer) for step in features))
        return attention
    changed = rearranged(layer)
    return copy.deepcopy(layer) if changed is layer else changed
