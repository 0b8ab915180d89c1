"""Images judged again and again by networks that differ in the last layer of the encoder alone."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.detector.scores import Scoring
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.metrics.detection import auc_roc
from xai_ad.metrics.regularity import Normalisation, video_figures
from xai_ad.networks import ConvolutionalAutoencoder


@dataclass(frozen=True, kw_only=True)
class Part:
    """Judged images: their pixels, (N, C, H, W) uint8, what the encoder's last layer sees of them, their labels.

    `clips` are how many frames each clip has, where the images are frames of videos, one clip after another.
    """

    pixels: Tensor
    inputs: Tensor
    labels: NDArray[np.int64]
    clips: tuple[int, ...] = ()

    @torch.no_grad()
    def scores(self, network: ConvolutionalAutoencoder, scoring: Scoring) -> NDArray[np.float64]:
        """Return raw scores, (N,), by a network that differs in nothing before the encoder's last layer."""
        found = []
        for start in range(0, len(self.pixels), BATCH_SIZE):
            batch = slice(start, start + BATCH_SIZE)
            reconstructions = network.decoder(network.encoder[-1](self.inputs[batch]))
            found.append(scoring.reduce(scoring.map(to_float(self.pixels[batch]), reconstructions)))
        scores: NDArray[np.float64] = torch.cat(found).double().numpy()
        return scores

    def auc_roc(self, scores: NDArray[np.float64]) -> float:
        """Return AUC-ROC of raw scores, (N,); of frames that of their regularity, normalised per video (4.9.1)."""
        if not self.clips:
            return auc_roc(scores, self.labels)
        cuts = np.cumsum(self.clips)[:-1]
        figures = video_figures(np.split(scores, cuts), np.split(self.labels, cuts))
        return figures[Normalisation.PER_VIDEO].auc_roc
