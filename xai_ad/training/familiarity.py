"""Fitting what tells strangers: from the normal images that a model trained on and was validated with."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import NORMAL, Split
from xai_ad.data.loading import load_pixels
from xai_ad.detector.familiarity import LEAST, Familiarity, fit_familiarity
from xai_ad.errors import InvalidInputError
from xai_ad.progress import Progress, silent
from xai_ad.store import ModelCard, StoredModel, load_familiarity, record_familiarity, require_unclaimed
from xai_ad.training.provenance import split_as_trained


def familiarity_of(training: Tensor, validation: Tensor) -> Familiarity | None:
    """Fit to normal images, (N, C, H, W) uint8 each; None where they are fewer than four."""
    pixels = torch.cat([training, validation])
    return fit_familiarity(pixels) if len(pixels) >= LEAST else None


def familiarity_from(split: Split, card: ModelCard, *, on_progress: Progress = silent) -> Familiarity | None:
    """Fit to a split's training and validation images, as a model sees them; None where they are fewer than four.

    No image of the test set takes part, so that its figures stay honest.
    """
    normal = [sample for sample in (*split.train, *split.validation) if sample.label == NORMAL]
    if len(normal) < LEAST:
        return None
    return fit_familiarity(load_pixels(normal, card.preprocessing, on_progress=on_progress))


def kept_or_fitted(stored: StoredModel, split: Split) -> Familiarity | None:
    """Return what a model has, or what is fitted to its own split."""
    kept = load_familiarity(stored)
    return familiarity_from(split, stored.card) if kept is None else kept


def familiarise(
    models: Sequence[StoredModel],
    data: Path,
    layout: str,
    *,
    levels: int | None = None,
    on_progress: Progress = silent,
) -> tuple[StoredModel, ...]:
    """Fit to the images that models were trained on, and write it into their folders, those of shipped ones too.

    Models that see their images alike share one fit; `levels` is what `split_as_trained` says. Raises
    `InvalidInputError` for other data, and for fewer than four images, before anything is written.
    """
    for stored in models:
        require_unclaimed(stored)
    splits = [split_as_trained(stored.card, data, layout, levels=levels) for stored in models]
    fits: dict[Preprocessing, Familiarity | None] = {}
    for stored, split in zip(models, splits, strict=True):
        look = replace(stored.card.preprocessing, frames=None)
        if look not in fits:
            fits[look] = familiarity_from(split, stored.card, on_progress=on_progress)
    found = [fits[replace(stored.card.preprocessing, frames=None)] for stored in models]
    if None in found:
        raise InvalidInputError(f"At least {LEAST} normal pictures tell strangers. {str(data)!r} has fewer.")
    return tuple(
        record_familiarity(stored, fitted)
        for stored, fitted in zip(models, found, strict=True)
        if fitted is not None
    )
