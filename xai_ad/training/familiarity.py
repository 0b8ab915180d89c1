"""Fitting what tells strangers: from the normal images that a model trained on and was validated with."""

from pathlib import Path

import torch
from torch import Tensor

from xai_ad.data.layouts import NORMAL, Split
from xai_ad.data.loading import load_pixels
from xai_ad.detector.familiarity import LEAST, Familiarity, fit_familiarity
from xai_ad.errors import InvalidInputError
from xai_ad.progress import Progress, silent
from xai_ad.store import ModelCard, StoredModel, load_familiarity, record_familiarity
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
    stored: StoredModel, data: Path, layout: str, *, on_progress: Progress = silent
) -> tuple[StoredModel, Familiarity]:
    """Fit to the images that a model was trained on, and write it into the model's folder, a shipped one's too.

    Raises `InvalidInputError` for other data, and for fewer than four images.
    """
    split = split_as_trained(stored.card, data, layout)
    found = familiarity_from(split, stored.card, on_progress=on_progress)
    if found is None:
        raise InvalidInputError(f"At least {LEAST} normal pictures tell strangers. {str(data)!r} has fewer.")
    return record_familiarity(stored, found), found
