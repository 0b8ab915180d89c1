"""A dataset split and read, and what of it a network trains on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import NORMAL, Dataset, Protocol, Split, read_dataset, split_dataset, without
from xai_ad.data.loading import count_channels, load_pixels, proportions_of
from xai_ad.data.unreadable import note_skipped, unreadable
from xai_ad.data.wording import counted
from xai_ad.errors import InvalidInputError
from xai_ad.networks import IMAGE_SIZE, Autoencoder, ConvolutionalAutoencoder
from xai_ad.progress import Progress, each, part_of, silent
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
    left_out: tuple[str, ...] = ()
    """The SHA-256 of what of the dataset takes no part."""


LEAST_PICTURES = 10
"""Different normal pictures that a training needs."""


def prepare(
    data: Path,
    layout: str,
    protocol: Protocol,
    network: Autoencoder,
    *,
    levels: int | None = None,
    left_out: Collection[str] = (),
    skip_unreadable: bool = False,
    on_progress: Progress = silent,
) -> Prepared:
    """Read all images that a network takes, before the hours of training: no unreadable file wastes them.

    `levels` is the value that is white in pictures of more than 8 bits a pixel, where it was given. What is `left_out`,
    by its SHA-256, takes no part, and with `skip_unreadable` neither do pictures that cannot be read, which are noted;
    else the first of them raises `ImageError`. Raises `InvalidInputError` for fewer than ten different normal pictures.
    """
    dataset = read_dataset(data, layout, levels=levels, left_out=left_out)
    left_out = set(left_out)
    if skip_unreadable:
        broken = unreadable(dataset.samples, on_progress=part_of(on_progress, 0.0, 0.5))
        note_skipped(broken)
        left_out |= {sample.sha256 for sample in broken}
        dataset = without(dataset, left_out)
        on_progress = part_of(on_progress, 0.5, 1.0)
    require_enough(dataset)
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
        load_pixels(part, preprocessing, on_progress=progress)
        for part, progress in each((split.train, split.validation, split.calibration), on_progress)
    )
    require_images(training, validation)
    require_variety(training)
    return Prepared(
        dataset=dataset,
        split=split,
        preprocessing=preprocessing,
        photograph=proportions_of(dataset, split.train),
        training=training,
        validation=validation,
        calibrating=calibrating,
        left_out=tuple(sorted(left_out)),
    )


def require_enough(dataset: Dataset) -> None:
    """Raise `InvalidInputError` for a set of pictures with fewer than `LEAST_PICTURES` different normal ones to learn from."""
    if dataset.clips:
        return
    normal = [sample for sample in dataset.samples if sample.label == NORMAL and sample.subset != "test"]
    different = len({sample.sha256 for sample in normal})
    if different < LEAST_PICTURES:
        same = (
            ""
            if different == len(normal)
            else f", of which {different} {'is' if different == 1 else 'are'} different"
        )
        raise InvalidInputError(
            f"Training needs at least {LEAST_PICTURES} different normal pictures. "
            f"Got {counted(len(normal), 'picture')}{same}; add some."
        )


def require_variety(training: Tensor) -> None:
    """Raise `InvalidInputError` where training images, (N, C, H, W) uint8, show the very same."""
    if len(training) > 1 and bool((training == training[:1]).all()):
        raise InvalidInputError(
            f"All {len(training)} training pictures show the very same, so that there is nothing to learn from how they "
            "differ. Take pictures of different parts."
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
