"""What is trained where nothing else is asked for: a network and a recipe for so many pictures and minutes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xai_ad.data.layouts import Protocol, find_layout, split_dataset, without
from xai_ad.detector.scores import Score
from xai_ad.networks import NetworkKind, network_spec
from xai_ad.store import CalibrationProtocol
from xai_ad.training.recipe import Loss, Recipe

RECOMMENDED = "bcae1"
"""The network of pictures: among the quickest, and not beaten by more than chance on most parts."""
RECOMMENDED_OF_VIDEOS = "motion_cae"
MINUTES = 10.0
SEEN = 40_000
"""Pictures that are seen at most, each as often as it takes: of 200 pictures each 200 times."""
PATIENCE, PLATEAU = 10_000, 1_500
"""Pictures seen without a better loss before a training ends, and before its learning rate falls."""
FRAMES_SEEN, LEAST_OF_VIDEOS = 48_000, 14
"""Training frames, each counted once an epoch, that a network of clips goes through, and epochs at least."""
FEW = 100
"""Of fewer pictures batches are half as large, so that an epoch has more than a few steps."""


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """A network with its options, how it is trained, what judges with it and how its limit is placed."""

    network: str
    options: Mapping[str, Any]
    recipe: Recipe
    score: Score
    protocol: CalibrationProtocol


def recommended(
    count: int, *, of_videos: bool = False, minutes: float = MINUTES, network: str | None = None
) -> Recommendation:
    """Return what to train on a number of training pictures, or frames of videos, in some minutes.

    Patience is counted in pictures seen, not in epochs, so that 50 pictures train as well as 500. The recipe is in
    float32: what the machine is fastest in is the caller's to find out. For another `network` than the recommended one
    it is the one that goes best with it. Raises `UnknownNameError` for one that there is not.
    """
    count = max(count, 1)
    found = _of_videos(count, minutes) if of_videos else _of_pictures(count, minutes)
    if network is None or network == found.network:
        return found
    recipe = found.recipe
    if network_spec(network).kind is NetworkKind.CLIP:
        recipe = replace(recipe, loss=Loss.MSE, quickest=1, largest_stride=16, step=16, noise=0.1)
    elif of_videos:
        recipe = replace(recipe, loss=Loss.MSE, quickest=1, batch_size=16)
    return replace(found, network=network, recipe=recipe)


def _of_pictures(count: int, minutes: float) -> Recommendation:
    return Recommendation(
        network=RECOMMENDED,
        options={},
        recipe=Recipe(
            loss=Loss.MSE,
            epochs=math.ceil(SEEN / count),
            patience=math.ceil(PATIENCE / count),
            plateau_patience=math.ceil(PLATEAU / count),
            batch_size=8 if count < FEW else 16,
            max_minutes=minutes,
        ),
        score=Score.SSIM,
        protocol=CalibrationProtocol.HELD_OUT,
    )


def _of_videos(count: int, minutes: float) -> Recommendation:
    return Recommendation(
        network=RECOMMENDED_OF_VIDEOS,
        options={},
        recipe=Recipe(
            loss=Loss.MAE,
            epochs=max(math.ceil(FRAMES_SEEN / count), LEAST_OF_VIDEOS),
            patience=30,
            plateau_patience=1,
            plateau_factor=0.5,
            quickest=5,
            largest_stride=1,
            batch_size=4,
            max_minutes=minutes,
        ),
        score=Score.WORST_PATCH,
        protocol=CalibrationProtocol.CLIP_QUANTILE,
    )


def count_training(data: Path, layout: str, *, left_out: tuple[str, ...] = ()) -> int:
    """Return how many pictures or frames of a dataset train, without decoding any; raises `DatasetError`."""
    dataset = without(find_layout(layout).read(data), left_out)
    return len(split_dataset(dataset, Protocol.HELD_OUT).train)
