"""A network as a list of layers, in the order they run, with whatever is one linear map made one layer."""

import copy
from collections.abc import Iterator

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from xai_ad.errors import UnsupportedLayerError
from xai_ad.networks.asymmetric import AsymmetricConvolution, AsymmetricTransposedConvolution
from xai_ad.networks.augmented import AttentionAugmented
from xai_ad.networks.base import ConvolutionalAutoencoder


def flat_layers(network: ConvolutionalAutoencoder) -> list[nn.Module]:
    """Return the network's layers in the order they run, each linear map as one of them.

    A convolution followed by a batch norm is one linear map: explained apart, relevance would depend on how the two
    share the work, which training decides arbitrarily; computed apart, they take longer. So are an asymmetric block's three branches, which are fused.
    The batch norm after an attention-augmented convolution goes into its convolution and into W_O, which gets a bias.
    Merged layers are new ones, the network's own stay as they are. Raises `UnsupportedLayerError` for a network that
    is no plain sequence.
    """
    encoder, decoder = flat_halves(network)
    return encoder + decoder


def is_plain_sequence(network: ConvolutionalAutoencoder) -> bool:
    """Return whether the network runs its encoder's layers, then its decoder's, and nothing else."""
    return type(network).forward is ConvolutionalAutoencoder.forward


def flat_halves(network: ConvolutionalAutoencoder) -> tuple[list[nn.Module], list[nn.Module]]:
    """Return the encoder's and the decoder's layers, as `flat_layers` does."""
    if not is_plain_sequence(network):
        raise UnsupportedLayerError(
            f"Only an encoder followed by a decoder is a list of layers. {type(network).__name__} runs them otherwise."
        )
    return merged_sequence(network.encoder), merged_sequence(network.decoder)


def merged_sequence(sequence: nn.Sequential) -> list[nn.Module]:
    """Return a sequence's layers, each linear map as one of them."""
    layers: list[nn.Module] = []
    for layer in _flattened(sequence):
        merged = _merged(layers[-1], layer) if layers and isinstance(layer, nn.BatchNorm2d) else None
        if merged is not None:
            layers[-1] = merged
        elif isinstance(layer, AsymmetricConvolution | AsymmetricTransposedConvolution):
            layers.append(layer.fused())
        else:
            layers.append(layer)
    return layers


def _flattened(module: nn.Module) -> Iterator[nn.Module]:
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        for child in module.children():
            yield from _flattened(child)
    else:
        yield module


def _merged(layer: nn.Module, norm: nn.BatchNorm2d) -> nn.Module | None:
    """Return one layer that does what a layer and the batch norm after it do; None where it takes two."""
    if norm.running_var is None:
        return None
    if isinstance(layer, AttentionAugmented):
        return _merged_augmented(layer, norm)
    if isinstance(layer, nn.Conv2d):
        return fuse_conv_bn_eval(layer, norm)
    if isinstance(layer, nn.ConvTranspose2d) and layer.groups == 1:  # torch merges no grouped ones
        return fuse_conv_bn_eval(layer, norm, transpose=True)
    return None


def _merged_augmented(layer: AttentionAugmented, norm: nn.BatchNorm2d) -> nn.Module | None:
    """Merge a batch norm's first channels into the convolution and its last, the attention's, into W_O."""
    convolved = layer.convolution.out_channels
    convolution = _merged(layer.convolution, _of_channels(norm, slice(convolved)))
    if convolution is None:
        return None
    merged = copy.deepcopy(layer)
    merged.convolution = convolution
    merged.attention.mix = fuse_linear_bn_eval(
        merged.attention.mix, _of_channels(norm, slice(convolved, None))
    )
    return merged


def _of_channels(norm: nn.BatchNorm2d, channels: slice) -> nn.BatchNorm2d:
    """Return the batch norm of some of the channels."""
    part = copy.deepcopy(norm)
    part.num_features = len(range(*channels.indices(norm.num_features)))
    for name, value in [*norm.named_parameters(), *norm.named_buffers()]:
        if value.ndim:  # not the count of batches
            getattr(part, name).data = value.data[channels]
    return part
