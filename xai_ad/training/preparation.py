"""A dataset split and read, and what of it a network trains on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import Dataset, Protocol, Split, read_dataset, split_dataset
from xai_ad.data.loading import count_channels, load_pixels, proportions_of
from xai_ad.networks import IMAGE_SIZE, Autoencoder, ConvolutionalAutoencoder
from xai_ad.training.loop import require_images
from xai_ad.training.material import ClipPixels, Material, Pixels, cut_into_windows, with_pseudo_anomalies
from xai_ad.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A dataset split and read; pixels are (N, C, H, W) uint8."""

    dataset: Dataset
    split: Split
    preprocessing: Preprocessing
    photograph: Proportions
    training: Tensor
    validation: Tensor
    calibrating: Tensor


def prepare(
    data: Path, layout: str, protocol: Protocol, network: Autoencoder, *, levels: int | None = None
) -> Prepared:
    """Read all images that a network takes, before the hours of training: no unreadable file wastes them.

    `levels` is the value that is white in pictures of more than 8 bits a pixel, where it was given.
    """
    dataset = read_dataset(data, layout, levels=levels)
    split = split_dataset(dataset, protocol)
    channels = count_channels([*split.train, *split.validation])
    preprocessing = Preprocessing(
        size=network.size or IMAGE_SIZE,
        channels=1 if channels == 1 else 3,
        crop=dataset.crop,
        crop_of=dataset.crop_of,
        frames=network.frames if network.frames > 1 else None,
        levels=dataset.levels,
    )
    training, validation, calibrating = (
        load_pixels(part, preprocessing) for part in (split.train, split.validation, split.calibration)
    )
    require_images(training, validation)
    return Prepared(
        dataset=dataset,
        split=split,
        preprocessing=preprocessing,
        photograph=proportions_of(dataset, split.train),
        training=training,
        validation=validation,
        calibrating=calibrating,
    )


def material_of(network: Autoencoder, prepared: Prepared, recipe: Recipe) -> tuple[Material, Material]:
    """Return what a network trains on and is validated with."""
    if isinstance(network, ConvolutionalAutoencoder):
        return Pixels(prepared.training), Pixels(prepared.validation)
    split, length = prepared.split, network.frames

    def windows(strides: Sequence[int], step: int) -> ClipPixels:
        return cut_into_windows(split.train, prepared.training, length=length, strides=strides, step=step)

    training = windows(recipe.strides, recipe.step)
    if paces := recipe.paces:  # each as rare as they are many, so that half of all windows are normal
        quickened = windows(paces, recipe.step * len(paces))
        training = with_pseudo_anomalies(training, quickened, anchors=network.anchors(length))
    return (
        training,
        cut_into_windows(split.validation, prepared.validation, length=length, strides=(1,), step=length),
    )
