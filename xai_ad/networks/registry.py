"""Every architecture by its id. A new one is a file of its own and a line here."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from typing import Any, get_type_hints

from torch import nn

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.networks.aa_cae import AA_CAE
from xai_ad.networks.base import IMAGE_SIZE, ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.bcae1 import BCAE1
from xai_ad.networks.bcae2 import BCAE2
from xai_ad.networks.ks_cae import KS_CAE
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
    )
}


def network_spec(network: str) -> NetworkSpec:
    """Return the registry's entry, or raise `UnknownNameError` naming the valid ids."""
    if network not in NETWORKS:
        raise UnknownNameError("network", network, NETWORKS)
    return NETWORKS[network]


def build_network(
    network: str, *, channels: int = 3, options: Mapping[str, Any] | None = None
) -> ConvolutionalAutoencoder:
    """Build a freshly initialised network.

    `options` sets the fields of the network's config by name; an unknown one raises `UnknownNameError` naming the
    valid ones. `channels` is 1 for grey images and 3 for colour.
    """
    spec = network_spec(network)
    if channels not in (1, 3):
        raise InvalidInputError(f"A network takes 1 or 3 channels. Got {channels!r}.")
    valid = network_options(spec)
    for name in options or {}:
        if name not in valid:
            raise UnknownNameError(f"option of the network {network!r} called", name, valid)
    built = spec.build(spec.config(channels=channels, **(options or {})))
    built.channels, built.size = channels, IMAGE_SIZE
    return built


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
    """One architecture with one combination of its options, and its size for three channels."""

    id: str
    section: str
    options: dict[str, Any]
    parameters: int


def list_networks() -> Iterator[NetworkRow]:
    """Yield a row for each combination of the options that are booleans, enumerations or `recurrent_layers`.

    The row with every default comes first for each network; other options keep their defaults.
    """
    for spec in NETWORKS.values():
        defaults = network_options(spec)
        choices = {name: _choices(spec.config, name, default) for name, default in defaults.items()}
        for values in itertools.product(*choices.values()):
            options = dict(zip(choices, values, strict=True))
            parameters = count_parameters(build_network(spec.id, options=options))
            yield NetworkRow(id=spec.id, section=spec.section, options=options, parameters=parameters)


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
