"""The thesis's architectures as pure modules, and their registry."""

from xai_ad.networks.asymmetric import can_fuse, fuse
from xai_ad.networks.base import IMAGE_SIZE, ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.registry import (
    NETWORKS,
    NetworkRow,
    build_network,
    count_parameters,
    list_networks,
    network_options,
    network_spec,
)
from xai_ad.networks.soft_attention import AttentiveAutoencoder

__all__ = [
    "IMAGE_SIZE",
    "NETWORKS",
    "AttentiveAutoencoder",
    "ConvolutionalAutoencoder",
    "NetworkConfig",
    "NetworkRow",
    "NetworkSpec",
    "build_network",
    "can_fuse",
    "count_parameters",
    "fuse",
    "list_networks",
    "network_options",
    "network_spec",
]
