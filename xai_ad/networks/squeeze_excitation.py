"""Squeeze and excitation: a network weighs its own channels (3.5.2; Hu et al. 2018)."""

from torch import Tensor, nn


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
