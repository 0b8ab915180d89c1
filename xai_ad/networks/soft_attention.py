"""Soft attention on the input (3.5.3): a map in [0, 1] multiplies each pixel, in SA-CAE and SSA-CAE before BCAE1."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from xai_ad.errors import InvalidInputError
from xai_ad.fields import number, whole
from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.bcae1 import build_bcae1
from xai_ad.types import Images

FLOOR = 0.3
"""The least value of a scaled softmax map (3.5.3)."""


@dataclass(frozen=True, kw_only=True)
class SoftAttentionConfig(NetworkConfig):
    """The attention's intermediate channels C_p and kernels k1 and k2, which are odd (4.7.1)."""

    projection_channels: int = whole(64, low=1)
    first_kernel: int = whole(3, low=1)
    second_kernel: int = whole(5, low=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("first_kernel", "second_kernel"):
            side = getattr(self, name)
            if side % 2 == 0:
                raise InvalidInputError(f"The '{name}' of {type(self).__name__} must be odd. Got {side}.")


class SoftAttention(nn.Module):
    """Multiply images by x_AM = sigmoid(BatchNorm(f_conv2(f_conv1(x)))), the map of Eq. 3.11.

    As the equation has it, nothing stands between the two convolutions. They pad, so that the map has the image's
    size.
    """

    def __init__(self, config: SoftAttentionConfig) -> None:
        super().__init__()
        first, second = config.first_kernel, config.second_kernel
        self.features = nn.Sequential(
            nn.Conv2d(config.channels, config.projection_channels, first, padding=first // 2),
            nn.Conv2d(config.projection_channels, config.channels, second, padding=second // 2),
            nn.BatchNorm2d(config.channels),
        )

    def attention_map(self, images: Images) -> Tensor:
        """Return how much of each value passes, (N, C, H, W) in [0, 1]."""
        return self._precise_features(images).sigmoid()

    def forward(self, images: Images) -> Images:
        """Return the attended images, (N, C, H, W)."""
        return images * self.attention_map(images)

    def _precise_features(self, images: Images) -> Tensor:
        """Return x_BN, (N, C, H, W), in float32 even where autocast computes it in less."""
        features: Tensor = self.features(images)
        return features.to(torch.promote_types(features.dtype, torch.float32))


class SoftmaxAttention(SoftAttention):
    """Multiply images by x_SAM = softmax(S_w) softmax(S_h), the map of Eq. 3.12.

    S_w and S_h are the batch-normed features of Eq. 3.11 summed along the width and along the height; each channel
    of a map sums to 1. `scaled` stretches each channel to [0.3, 1].
    """

    def __init__(self, config: SoftAttentionConfig, *, scaled: bool) -> None:
        super().__init__(config)
        self.scaled = scaled

    def attention_map(self, images: Images) -> Tensor:
        """Return how much of each value passes, (N, C, H, W) in [0, 1]."""
        features = self._precise_features(images)
        rows = features.sum(dim=3, keepdim=True).softmax(dim=2)  # (N, C, H, 1)
        columns = features.sum(dim=2, keepdim=True).softmax(dim=3)  # (N, C, 1, W)
        attention_map = rows * columns
        return _stretched(attention_map) if self.scaled else attention_map


def _stretched(attention_map: Tensor) -> Tensor:
    """Map each image's each channel linearly onto [FLOOR, 1]; a constant one becomes FLOOR."""
    least, most = attention_map.amin((2, 3), keepdim=True), attention_map.amax((2, 3), keepdim=True)
    spread = (most - least).clamp_min(torch.finfo(attention_map.dtype).tiny)
    return FLOOR + (1 - FLOOR) * (attention_map - least) / spread


class AttentiveAutoencoder(ConvolutionalAutoencoder):
    """An autoencoder whose encoder begins with soft attention on the image, and which shows the attention's map."""

    def __init__(self, attention: SoftAttention, network: ConvolutionalAutoencoder) -> None:
        super().__init__(nn.Sequential(attention, *network.encoder), network.decoder)

    @property
    def attention(self) -> SoftAttention:
        """The layer that the images pass first."""
        attention: SoftAttention = self.encoder[0]  # type: ignore[assignment]  # torch knows only modules
        return attention

    def attention_map(self, images: Images) -> Tensor:
        """Return how much of each value the encoder sees, (N, C, H, W) in [0, 1]."""
        return self.attention.attention_map(images)

    def reconstruct_attended(self, attended: Images) -> Images:
        """Return the reconstructions of images that the attention has let through, (N, C, H, W)."""
        reconstructions: Images = self.decoder(self.encoder[1:](attended))
        return reconstructions


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
