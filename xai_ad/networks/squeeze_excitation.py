"""Squeeze and excitation: a network weighs its own channels (3.5.2; Hu et al. 2018). SE-CAE is BCAE1 with such blocks."""

from dataclasses import dataclass

from torch import Tensor, nn

from xai_ad.fields import whole
from xai_ad.networks.base import ConvolutionalAutoencoder, NetworkConfig, NetworkSpec
from xai_ad.networks.bcae1 import build_bcae1


class SqueezeExcitation(nn.Module):
    """Multiply each channel by a gate in (0, 1), sigmoid(W2 relu(W1 mean)), that all channels' means decide.

    As in the paper's Eq. 3, the two fully connected maps have no biases.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.excitation = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(),
            nn.Linear(channels // reduction, channels, bias=False),
            nn.Sigmoid(),
        )

    def gates(self, values: Tensor) -> Tensor:
        """Return how much of each channel passes, (N, C, H, W) -> (N, C) in (0, 1)."""
        gates: Tensor = self.excitation(values.mean(dim=(2, 3)))
        return gates

    def forward(self, values: Tensor) -> Tensor:
        """Return the values, each channel times its gate, (N, C, H, W)."""
        return values * self.gates(values)[:, :, None, None]


@dataclass(frozen=True, kw_only=True)
class SeCaeConfig(NetworkConfig):
    """`reduction`: how many channels share one value of the squeezed vector's hidden layer."""

    reduction: int = whole(16, low=1, high=64)  # BCAE1's narrowest layer


def build_se_cae(config: SeCaeConfig) -> ConvolutionalAutoencoder:
    """Build SE-CAE: BCAE1 with a squeeze-excitation block after each convolution and transposed convolution (3.5.2).

    A block follows its layer's activation, as Hu et al. put it into plain networks; the last layer, whose channels
    are the image's, has none. 7,040 parameters on top of BCAE1, +1.1 %.
    """
    network = build_bcae1(config)
    for layer in (*network.encoder, *list(network.decoder)[:-1]):
        layer.append(SqueezeExcitation(layer[1].num_features, config.reduction))
    return network


SE_CAE = NetworkSpec(
    id="se_cae",
    title="squeeze-excitation autoencoder",
    sentence="It weighs its own filters anew for each picture: those that matter count more, the rest less.",
    section="3.5.2",
    config=SeCaeConfig,
    build=build_se_cae,
)
