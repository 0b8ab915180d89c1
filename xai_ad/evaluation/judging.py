"""What a network makes of images: reconstructed once, scored and mapped in every way that is reported."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.layouts import Sample
from xai_ad.detector.scores import Score, Scoring
from xai_ad.detector.streams import reconstructed_samples
from xai_ad.networks import Autoencoder
from xai_ad.progress import Progress


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """N images' scores by each of S scorings, and the maps of the K that were asked for."""

    scores: NDArray[np.float64]  # (S, N)
    ssim_scores: NDArray[np.float64]  # (N,)
    squared_errors: NDArray[np.float32]  # (K, H, W)
    dissimilarities: NDArray[np.float32]  # (K, H, W)


def judge(
    network: Autoencoder,
    samples: Sequence[Sample],
    pixels: Tensor,
    scorings: Sequence[Scoring],
    *,
    mapped: Collection[int],
    on_progress: Progress,
) -> Judged:
    """Reconstruct once, and score and map in every way that is reported.

    The maps of the images in `mapped` (indices) are kept: those of a long video without masks would fill the memory.
    """
    wanted = torch.zeros(len(samples), dtype=torch.bool)
    wanted[list(mapped)] = True
    squared_error, ssim = Scoring(), Scoring(score=Score.SSIM, window=scorings[0].window)
    scores: list[list[Tensor]] = [[] for _ in scorings]
    ssim_scores, begin = [], 0
    squared_errors, dissimilarities = (
        np.empty((len(mapped), *pixels.shape[2:]), dtype=np.float32) for _ in range(2)
    )
    for images, reconstructions in reconstructed_samples(network, samples, pixels, on_progress=on_progress):
        for found, scoring in zip(scores, scorings, strict=True):
            found.append(scoring.reduce(scoring.map(images, reconstructions)))
        kept, wanted = wanted[: len(images)], wanted[len(images) :]
        place, begin = slice(begin, begin + int(kept.sum())), begin + int(kept.sum())
        squared_errors[place] = squared_error.map(images, reconstructions)[kept].numpy()
        dissimilar = ssim.map(images, reconstructions)
        ssim_scores.append(ssim.reduce(dissimilar))
        dissimilarities[place] = dissimilar[kept].numpy()
    return Judged(
        scores=torch.stack([torch.cat(found) for found in scores]).double().numpy(),
        ssim_scores=torch.cat(ssim_scores).double().numpy(),
        squared_errors=squared_errors,
        dissimilarities=dissimilarities,
    )
