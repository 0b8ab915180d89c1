"""The thesis's architectures as pure modules, and their registry."""

from xai_ad.networks.asymmetric import can_fuse, fuse
from xai_ad.networks.base import IMAGE_SIZE, ConvolutionalAutoencoder, NetworkKind, NetworkSpec, fold, unfold
from xai_ad.networks.clips import (
    CLIP_FRAMES,
    SEED_FRAMES,
    Autoencoder,
    ClipAutoencoder,
    ClipPredictor,
    channels_last,
)
from xai_ad.networks.registry import (
    CLIP_NETWORKS,
    IMAGE_NETWORKS,
    NETWORKS,
    NetworkRow,
    build_autoencoder,
    build_network,
    count_parameters,
    list_networks,
    network_options,
    network_spec,
    require_kind,
)
from xai_ad.networks.soft_attention import AttentiveAutoencoder

__all__ = [
    "CLIP_FRAMES",
    "CLIP_NETWORKS",
    "IMAGE_NETWORKS",
    "IMAGE_SIZE",
    "NETWORKS",
    "SEED_FRAMES",
    "AttentiveAutoencoder",
    "Autoencoder",
    "ClipAutoencoder",
    "ClipPredictor",
    "ConvolutionalAutoencoder",
    "NetworkKind",
    "NetworkRow",
    "NetworkSpec",
    "build_autoencoder",
    "build_network",
    "can_fuse",
    "channels_last",
    "count_parameters",
    "fold",
    "fuse",
    "list_networks",
    "network_options",
    "network_spec",
    "require_kind",
    "unfold",
]
