"""SSA-CAE, BCAE1 behind softmax soft attention on its input (3.5.3)."""

from dataclasses import dataclass

from xai_ad.networks.base import NetworkSpec
from xai_ad.networks.bcae1 import build_bcae1
from xai_ad.networks.soft_attention import AttentiveAutoencoder, SoftAttentionConfig, SoftmaxAttention


@dataclass(frozen=True, kw_only=True)
class SsaCaeConfig(SoftAttentionConfig):
    """`scaled` stretches the attention map of Eq. 3.12 to [0.3, 1], as 3.5.3 suggests.

    As printed, its softmax of sums over 128 values puts all attention on one pixel, and the network reconstructs the mean
    image whatever it sees; `scaled=False` is for looking at that.
    """

    scaled: bool = True


def build_ssa_cae(config: SsaCaeConfig) -> AttentiveAutoencoder:
    """Build SSA-CAE: BCAE1 that sees x times the attention map of Eq. 3.12; 6,601 parameters on top of BCAE1."""
    return AttentiveAutoencoder(SoftmaxAttention(config, scaled=config.scaled), build_bcae1(config))


SSA_CAE = NetworkSpec(
    id="ssa_cae",
    title="softmax soft-attention autoencoder",
    sentence="It first dims the picture's rows and columns by an attention map that it has learned, and rebuilds it from what is left.",
    section="3.5.3",
    config=SsaCaeConfig,
    build=build_ssa_cae,
)
