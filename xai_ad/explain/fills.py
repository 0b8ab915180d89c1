"""Fills: what the image shows where a segment is absent.

Absent has to mean *normal*. The score of the image with everything absent is where the explained difference starts;
if that image is itself anomalous, as a sheet of the image's mean colour is, the values say why the part is better
than a blank sheet and not what is wrong with it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import raw_score
from xai_ad.explain.choices import Fill
from xai_ad.types import Image, Segments

BLUR = 1 / 12
"""The blur's standard deviation as a share of the image's shorter side: wide enough to hide a defect."""


BLANK_SHEET = "the values explain why the part is better than a blank sheet."


CANDIDATES = (Fill.NORMAL, Fill.DATASET_MEAN, Fill.RECONSTRUCTION)
"""What `auto` tries, in this order."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ChosenFill:
    """A fill made into an image: which one, what it looks like, and what it scores by itself.

    `evaluations` counts the forwards that choosing it took; `asked` is the fill that was asked for.
    """

    asked: Fill
    fill: Fill
    image: Image
    score: float
    evaluations: int

    def warning(self, threshold: float, consequence: str = BLANK_SHEET) -> str | None:
        """Return what to warn of in words where the fill is not normal by itself."""
        if self.score <= threshold:
            return None
        times = f"{self.score / threshold:.3g}"
        warning = f"This fill ({self.fill}) scores {times} times the limit by itself: {consequence}"
        if self.asked is Fill.AUTO:
            warning = f"No fill at hand is normal by itself, so the lowest-scoring was taken. {warning}"
        return warning


def choose_fill(classifier: AnomalyClassifier, image: Image, segments: Segments, fill: Fill) -> ChosenFill:
    """Resolve `auto`, make the image and score it.

    `auto` takes the first candidate that the model has and whose image does not exceed the threshold; where none
    stays below it, the one that scores lowest. Raises `InvalidInputError` for a fill that the model does not have.
    """
    tried: list[tuple[float, Fill, Image]] = []
    for candidate in available(classifier) if fill is Fill.AUTO else (fill,):
        picture = fill_image(classifier, image, segments, candidate)
        tried.append((raw_score(classifier, picture), candidate, picture))
        if not classifier.calibration.is_anomalous(tried[-1][0]):
            break
    # Either the last one tried is normal, and then also the lowest, or none is.
    score, chosen, picture = min(tried, key=lambda trial: trial[0])
    reconstructed = sum(
        candidate is Fill.RECONSTRUCTION for _, candidate, _ in tried
    )  # to reconstruct is a forward too
    return ChosenFill(
        asked=fill, fill=chosen, image=picture, score=score, evaluations=len(tried) + reconstructed
    )


def available(classifier: AnomalyClassifier) -> tuple[Fill, ...]:
    """Return which of `auto`'s candidates the model can make."""
    missing = {
        Fill.NORMAL: classifier.references.normals.numel() == 0,
        Fill.DATASET_MEAN: classifier.references.mean is None,
    }
    return tuple(candidate for candidate in CANDIDATES if not missing.get(candidate, False))


def fill_image(classifier: AnomalyClassifier, image: Image, segments: Segments, fill: Fill) -> Image:
    """Return the image with everything absent, of its shape, in [0, 1]; a window gets one normal image in every frame.

    `fill` is any but `auto`, which only `choose_fill` can resolve. Raises `InvalidInputError` for one that the model
    has no reference for.
    """
    if fill is Fill.AUTO:
        raise InvalidInputError("The fill 'auto' is no picture. Resolve it with choose_fill.")
    if fill is Fill.SEGMENT_MEAN:
        return _segment_means(image, segments)
    return _PICTURES[fill](classifier, image)


def nearest_normal(classifier: AnomalyClassifier, image: Image) -> Image:
    """Return the model's normal image that is nearest to an image, pixel by pixel, of its shape.

    Raises `InvalidInputError` for a model that has none, or has them in another shape.
    """
    normals = classifier.references.normals  # (R, C, H, W)
    if normals.numel() == 0:
        raise InvalidInputError(
            "This model has no normal images to fill from. Give some with classifier.with_normals, or choose another fill."
        )
    _check_shape("normal images", normals.shape[1:], image)
    frames = image.to(normals.device).reshape(-1, 1, *image.shape[-3:])  # (T, 1, C, H, W)
    distances = (normals - frames).square().flatten(2).sum(dim=(0, 2))  # (R,)
    return normals[int(distances.argmin())].to(image).expand_as(image)


def _dataset_mean(classifier: AnomalyClassifier, image: Image) -> Image:
    mean = classifier.references.mean
    if mean is None:
        raise InvalidInputError(
            "This model was stored without its mean training image. Store it anew, or choose another fill."
        )
    _check_shape("mean training image", mean.shape, image)
    return mean.to(image).expand_as(image)


def _check_shape(what: str, shape: torch.Size, image: Image) -> None:
    if shape != image.shape[-3:]:
        raise InvalidInputError(
            f"The model's {what} and the image differ in shape: {tuple(shape)} and {tuple(image.shape)}."
        )


def _segment_means(image: Image, segments: Segments) -> Image:
    pixels = image.movedim(-3, 0)  # (C, H, W) or (C, T, H, W)
    labels = torch.from_numpy(segments).to(image.device).expand(pixels.shape[1:]).flatten()  # (THW,)
    sizes = torch.bincount(labels).to(image)  # (M,)
    sums = torch.zeros(len(pixels), len(sizes)).to(image).index_add_(1, labels, pixels.flatten(1))  # (C, M)
    return (sums / sizes)[:, labels].reshape(pixels.shape).movedim(0, -3).clamp(0, 1)


def _blurred(_classifier: AnomalyClassifier, image: Image) -> Image:
    from scipy.ndimage import gaussian_filter

    deviation = BLUR * min(image.shape[-2:])
    pixels = gaussian_filter(
        image.detach().cpu().numpy(), sigma=(*(0,) * (image.ndim - 2), deviation, deviation), mode="nearest"
    )
    return torch.from_numpy(np.clip(pixels, 0, 1)).to(image)


def _mean_colour(_classifier: AnomalyClassifier, image: Image) -> Image:
    return image.mean(dim=(-2, -1), keepdim=True).expand_as(image).contiguous()


def _reconstruction(classifier: AnomalyClassifier, image: Image) -> Image:
    with torch.no_grad():
        return classifier.reconstruct(image[None])[0]


def _black(_classifier: AnomalyClassifier, image: Image) -> Image:
    return torch.zeros_like(image)


_PICTURES: dict[Fill, Callable[[AnomalyClassifier, Image], Image]] = {
    Fill.NORMAL: nearest_normal,
    Fill.DATASET_MEAN: _dataset_mean,
    Fill.RECONSTRUCTION: _reconstruction,
    Fill.MEAN: _mean_colour,
    Fill.BLUR: _blurred,
    Fill.BLACK: _black,
}
