"""Every architecture by its id. A new one is a file of its own and a line here."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from typing import Any, get_type_hints

import torch
from torch import nn

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.networks.aa_cae import AA_CAE
from xai_ad.networks.base import (
    IMAGE_SIZE,
    ConvolutionalAutoencoder,
    NetworkConfig,
    NetworkKind,
    NetworkSpec,
)
from xai_ad.networks.bcae1 import BCAE1
from xai_ad.networks.bcae2 import BCAE2
from xai_ad.networks.clips import Autoencoder, ClipAutoencoder
from xai_ad.networks.ks_cae import KS_CAE
from xai_ad.networks.recurrent import RECURRENT_NETWORKS
from xai_ad.networks.sa_cae import SA_CAE
from xai_ad.networks.se_cae import SE_CAE
from xai_ad.networks.ssa_cae import SSA_CAE

NETWORKS: dict[str, NetworkSpec] = {
    spec.id: spec
    for spec in (
        BCAE1,
        BCAE2,
        KS_CAE,
        AA_CAE,
        SE_CAE,
        SA_CAE,
        SSA_CAE,
        *RECURRENT_NETWORKS,
    )
}
IMAGE_NETWORKS = {name: spec for name, spec in NETWORKS.items() if spec.kind is NetworkKind.IMAGE}
CLIP_NETWORKS = {name: spec for name, spec in NETWORKS.items() if spec.kind is NetworkKind.CLIP}


def network_spec(network: str) -> NetworkSpec:
    """Return the registry's entry, or raise `UnknownNameError` naming the valid ids."""
    if network not in NETWORKS:
        raise UnknownNameError("network", network, NETWORKS)
    return NETWORKS[network]


def require_kind(network: str, kind: NetworkKind) -> NetworkSpec:
    """Return the registry's entry; raise for an unknown id, and `InvalidInputError` for a network of another kind."""
    spec = network_spec(network)
    if spec.kind is not kind:
        fitting = IMAGE_NETWORKS if kind is NetworkKind.IMAGE else CLIP_NETWORKS
        raise InvalidInputError(
            f"The network {network!r} takes {spec.kind}s, and here are {kind}s. Choose one of: {', '.join(fitting)}."
        )
    return spec


def build_network(
    network: str, *, channels: int = 3, options: Mapping[str, Any] | None = None
) -> ConvolutionalAutoencoder:
    """Build a freshly initialised network of images.

    `options` sets the fields of the network's config by name; an unknown one raises `UnknownNameError` naming the
    valid ones. `channels` is 1 for grey images and 3 for colour. Raises `InvalidInputError` for a network of clips.
    """
    spec = require_kind(network, NetworkKind.IMAGE)
    built: ConvolutionalAutoencoder = spec.build(_config(spec, channels, options))
    built.channels, built.size = channels, IMAGE_SIZE
    return built


def build_clip_network(
    network: str, *, channels: int = 3, options: Mapping[str, Any] | None = None
) -> ClipAutoencoder:
    """Build a freshly initialised network of video clips, as `build_network` does one of images."""
    spec = require_kind(network, NetworkKind.CLIP)
    built: ClipAutoencoder = spec.build(_config(spec, channels, options))
    built.channels = channels
    return built


def build_autoencoder(
    network: str, *, channels: int = 3, options: Mapping[str, Any] | None = None
) -> Autoencoder:
    """Build a freshly initialised network of either kind."""
    if network_spec(network).kind is NetworkKind.CLIP:
        return build_clip_network(network, channels=channels, options=options)
    return build_network(network, channels=channels, options=options)


def _config(spec: NetworkSpec, channels: int, options: Mapping[str, Any] | None) -> NetworkConfig:
    if channels not in (1, 3):
        raise InvalidInputError(f"A network takes 1 or 3 channels. Got {channels!r}.")
    valid = network_options(spec)
    for name in options or {}:
        if name not in valid:
            raise UnknownNameError(f"option of the network {spec.id!r} called", name, valid)
    return spec.config(channels=channels, **(options or {}))


def network_options(spec: NetworkSpec) -> dict[str, Any]:
    """Return the network's options and their defaults; `channels` follows from the data and is none of them."""
    return {
        field.name: None if field.default is MISSING else field.default
        for field in fields(spec.config)
        if field.name != "channels"
    }


def count_parameters(network: nn.Module) -> int:
    """Return how many trainable parameters a network has."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


@dataclass(frozen=True, kw_only=True)
class NetworkRow:
    """One architecture with one combination of its options, and its size for three channels.

    `thesis_parameters` is None where the thesis counts what is built.
    """

    id: str
    section: str
    options: dict[str, Any]
    parameters: int
    thesis_parameters: int | None = None


def list_networks(kind: NetworkKind | None = None) -> Iterator[NetworkRow]:
    """Yield a row for each combination of the options that are booleans, enumerations or `recurrent_layers`.

    The row with every default comes first for each network; other options keep their defaults. With a `kind`, only
    its networks are listed.
    """
    for spec in NETWORKS.values():
        if kind in (None, spec.kind):
            yield from _rows(spec)


def _rows(spec: NetworkSpec) -> Iterator[NetworkRow]:
    choices = {name: _choices(spec.config, name, default) for name, default in network_options(spec).items()}
    for values in itertools.product(*choices.values()):
        options = dict(zip(choices, values, strict=True))
        config = _config(spec, 3, options)
        with torch.device("meta"):  # sizes without numbers
            parameters = count_parameters(spec.build(config))
        unbuilt = spec.unbuilt_parameters(config)
        yield NetworkRow(
            id=spec.id,
            section=spec.section,
            options=options,
            parameters=parameters,
            thesis_parameters=parameters + unbuilt if unbuilt else None,
        )


def _choices(config: type[NetworkConfig], name: str, default: Any) -> list[Any]:
    kind = get_type_hints(config)[name]
    if kind is bool:
        values: list[Any] = [False, True]
    elif isinstance(kind, type) and issubclass(kind, Enum):
        values = list(kind)
    elif name == "recurrent_layers":
        values = [1, 2, 3]
    else:
        values = [default]
    return [default, *(value for value in values if value != default)]
