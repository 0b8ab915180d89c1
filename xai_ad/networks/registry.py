"""Every architecture by its id. A new one is its module's `NetworkSpec` and a name here."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from enum import Enum
from functools import lru_cache
from typing import Any, get_type_hints

import torch
from torch import Tensor, nn

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.networks.asymmetric import KS_CAE
from xai_ad.networks.augmented import AA_CAE
from xai_ad.networks.base import IMAGE_SIZE, ConvolutionalAutoencoder, NetworkConfig, NetworkKind, NetworkSpec
from xai_ad.networks.bcae1 import BCAE1
from xai_ad.networks.bcae2 import BCAE2
from xai_ad.networks.clips import Autoencoder
from xai_ad.networks.motion import MOTION_CAE
from xai_ad.networks.recurrent import RECURRENT_NETWORKS
from xai_ad.networks.soft_attention import SA_CAE, SSA_CAE
from xai_ad.networks.squeeze_excitation import SE_CAE

NEARBY = 64
"""How far a size that fits is looked for around one that does not, in pixels."""

NETWORKS: dict[str, NetworkSpec] = {
    spec.id: spec
    for spec in (BCAE1, BCAE2, KS_CAE, AA_CAE, SE_CAE, SA_CAE, SSA_CAE, *RECURRENT_NETWORKS, MOTION_CAE)
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
    network: str, *, channels: int = 3, size: int | None = None, options: Mapping[str, Any] | None = None
) -> ConvolutionalAutoencoder:
    """Build a freshly initialised network of images.

    `options` sets the fields of the network's config by name; an unknown one raises `UnknownNameError` naming the
    valid ones. `channels` is 1 for grey images and 3 for colour. `size` is their side in pixels, by default what the
    options say, or the thesis's. Raises `InvalidInputError` for a network of clips, where the options say another
    size, and for a size that the network does not give back.
    """
    built: ConvolutionalAutoencoder = _build(
        require_kind(network, NetworkKind.IMAGE), channels, size, options or {}
    )
    return built


def build_autoencoder(
    network: str, *, channels: int = 3, size: int | None = None, options: Mapping[str, Any] | None = None
) -> Autoencoder:
    """Build a freshly initialised network of either kind, as `build_network` does one of images."""
    built: Autoencoder = _build(network_spec(network), channels, size, options or {})
    return built


def _build(spec: NetworkSpec, channels: int, size: int | None, options: Mapping[str, Any]) -> Any:
    if channels not in (1, 3):
        raise InvalidInputError(f"A network takes 1 or 3 channels. Got {channels!r}.")
    valid = network_options(spec)
    for name in options:
        if name not in valid and name != "size":
            raise UnknownNameError(f"option of the network {spec.id!r} called", name, valid)
    stated = options.get("size", size)
    if size not in (None, stated):
        raise InvalidInputError(
            f"The options of the network {spec.id!r} say images of {stated!r} pixels, and here they have {size!r}. "
            "Leave the option 'size' out."
        )
    sides = {} if stated is None else {"size": stated}
    config = spec.config(**{**options, **sides, "channels": channels})
    if config.size != IMAGE_SIZE:
        _require_size(spec, config)
    built = spec.build(config)
    built.channels, built.size = channels, config.size
    return built


def _require_size(spec: NetworkSpec, config: NetworkConfig) -> None:
    """Raise `InvalidInputError` naming sizes nearby unless a network gives images back at the size it takes them."""
    wanted = config.size
    given = _size_given_back(spec, config)
    if given == wanted:
        return
    lower, higher = range(wanted - 1, max(0, wanted - NEARBY), -1), range(wanted + 1, wanted + NEARBY)
    fitting = [
        next(
            (str(size) for size in sizes if _size_given_back(spec, replace(config, size=size)) == size), None
        )
        for sizes in (lower, higher)
    ]
    does = f"gives back {given} pixels for {wanted}" if given else f"takes no images of {wanted} pixels"
    choice = " or ".join(size for size in fitting if size) or str(IMAGE_SIZE)
    raise InvalidInputError(f"The network {spec.id!r} {does}. Choose the size {choice}.")


@lru_cache(maxsize=4096)  # a model that does not fit is met whenever models are listed
def _size_given_back(spec: NetworkSpec, config: NetworkConfig) -> int | None:
    """Return the side of what a network makes of images; None where they are too small for it."""
    with torch.device("meta"):  # sizes without numbers
        try:
            network = spec.build(config).eval()
            answer: Tensor = network.answer(
                torch.empty(1, network.frames, config.channels, config.size, config.size)
            )
        except RuntimeError:
            return None
    return answer.shape[-1]


def network_options(spec: NetworkSpec) -> dict[str, Any]:
    """Return the network's options and their defaults; `channels` and `size` follow from the images and are none."""
    return {
        field.name: None if field.default is MISSING else field.default
        for field in fields(spec.config)
        if field.name not in ("channels", "size")
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
        config = spec.config(**options)
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
