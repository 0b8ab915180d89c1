"""What a method's map of one picture comes to: its place, its effect on the score, and whether it holds."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from xai_ad.benchmarks.maps import Map, Method, Picture, Repeat
from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import Sample
from xai_ad.data.loading import load_masks, load_pixels
from xai_ad.explain.frames import frame_of
from xai_ad.metrics.agreement import placed
from xai_ad.metrics.faithfulness import (
    STEPS,
    area,
    fall,
    rank_correlation,
    relative_area,
    shared_strongest,
    taken_away,
)
from xai_ad.metrics.localisation import hits
from xai_ad.types import Image, Mask

Figures: TypeAlias = Mapping[str, float | None]
"""By the names of `MeasuredMethod`; what has no meaning for a method or a picture is None."""


def image_of(sample: Sample, preprocessing: Preprocessing) -> Image:
    """Return a sample as the network sees it, (C, H, W)."""
    return to_float(load_pixels([sample], preprocessing))[0]


def mask_of(sample: Sample, preprocessing: Preprocessing) -> Mask | None:
    """Return a sample's mask, (H, W), or None where it has none or none of it is left at the network's size."""
    masks, _ = load_masks([sample], preprocessing)
    return masks[0] if masks.any() else None


def figures_of(
    picture: Picture, method: Method, mask: Mask | None, *, repeated: bool, randomised: bool
) -> Figures:
    """Return what a method's map of a picture comes to.

    With `repeated` the method is asked again, in full, under another seed and on the picture with imperceptible noise;
    with `randomised` with its weights shuffled.
    """
    drawn = picture.drawn(method)
    found: dict[str, float | None] = {
        **_place(
            drawn.values if drawn.values.ndim == 2 else drawn.values[frame_of(picture.classifier)], mask
        ),
        "faithfulness": faithfulness(picture, drawn.values),
        "seconds": drawn.seconds,
        "evaluations": float(drawn.evaluations),
    }
    if repeated:
        found |= _compared("noise", drawn.values, picture.drawn(method, Repeat.NOISE).values)
        if method.seeded:
            found |= _compared("seed", drawn.values, picture.drawn(method, Repeat.SEED).values)
    if randomised:
        other = picture.drawn(method, Repeat.WEIGHTS).values
        found["randomised"] = rank_correlation(np.abs(drawn.values), np.abs(other))
    return found


def faithfulness(picture: Picture, values: Map) -> float | None:
    """Return where the fall of the score lies between that of random orders, 0, and that of the ideal one, 1."""
    reference = picture.reference
    if not reference.ideal_fall:
        return None
    left = picture.without([taken_away(values, step) for step in STEPS])
    falls = fall(reference.score, reference.empty, left)
    return relative_area(area(falls), area(reference.random_fall), area(reference.ideal_fall))


def _place(values: Map, mask: Mask | None) -> dict[str, float | None]:
    """Return where the evidence lies; nothing without a mask."""
    found = None if mask is None else placed(values, mask)
    if found is None or mask is None:
        return {}
    return {
        "localisation": found.pixel_auc_roc,
        "hits": float(hits(values, mask)),
        "pointing": found.pointing or 0.0,
        "iou": found.iou,
    }


def _compared(name: str, values: Map, other: Map) -> dict[str, float | None]:
    return {name: rank_correlation(values, other), f"{name}_shared": shared_strongest(values, other)}
