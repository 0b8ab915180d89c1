"""SA-CAE, BCAE1 behind learnable soft attention on its input (3.5.3)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from xai_ad.fields import number
from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkSpec
from xai_ad.networks.bcae1 import build_bcae1
from xai_ad.networks.soft_attention import AttentiveAutoencoder, SoftAttention, SoftAttentionConfig
from xai_ad.types import Images


@dataclass(frozen=True, kw_only=True)
class SaCaeConfig(SoftAttentionConfig):
    """`penalty_factor` is Eq. 3.11's lambda (4.7.1)."""

    penalty_factor: float = number(1e-6, low=0)


class SoftAttentionAutoencoder(AttentiveAutoencoder):
    """An attentive autoencoder whose training keeps the norm of the attention map small (Eq. 3.11)."""

    def __init__(
        self, attention: SoftAttention, network: ConvolutionalAutoencoder, *, penalty_factor: float
    ) -> None:
        super().__init__(attention, network)
        self.penalty_factor = penalty_factor

    def reconstruct_with_penalty(self, images: Images) -> tuple[Images, Tensor]:
        """Return the reconstructions and lambda ||x_AM|| of Eq. 3.11: each image's Euclidean norm, averaged."""
        attention_map = self.attention_map(images)
        reconstructions = self.reconstruct_attended(images * attention_map)
        norms = torch.linalg.vector_norm(attention_map, dim=(1, 2, 3))  # (N,)
        return reconstructions, self.penalty_factor * norms.mean()


def build_sa_cae(config: SaCaeConfig) -> SoftAttentionAutoencoder:
    """Build SA-CAE: BCAE1 that sees x times the attention map of Eq. 3.11; 6,601 parameters on top of BCAE1."""
    return SoftAttentionAutoencoder(
        SoftAttention(config), build_bcae1(config), penalty_factor=config.penalty_factor
    )


SA_CAE = NetworkSpec(
    id="sa_cae",
    title="soft-attention autoencoder",
    sentence="It first dims each pixel by an attention map that it has learned, and rebuilds the picture from what is left.",
    section="3.5.3",
    config=SaCaeConfig,
    build=build_sa_cae,
)
