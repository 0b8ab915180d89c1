"""Which of some normal pictures are unlike the rest: they would be learnt as normal without anybody's wanting it."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.detector.familiarity.familiarity import Cause, distances_of, likely_cause
from xai_ad.detector.familiarity.features import measure
from xai_ad.detector.familiarity.fitting import FOLDS, LEAST, fitted_groups, rows
from xai_ad.detector.familiarity.reference import GROUPS
from xai_ad.errors import InvalidInputError

FENCE = 3.0
"""How many quartile distances beyond the third quartile a picture is far out (Tukey, 1977, 2D)."""
_TIMES = 1.6
"""How many times the middle picture's distance it is at least: among pictures that are all alike a little stands out."""
_BATCH = 64


@torch.inference_mode()
def causes_among(pixels: Tensor | Sequence[Tensor]) -> list[Cause | None]:
    """Return of each of n normal pictures, (C, H, W) uint8, what sets it apart from the others; None of most.

    Each is compared with the others alone: a fit without it, and without its neighbours in the order given. How far the
    pictures lie apart says itself what is far: nothing has to be known of them. Raises `InvalidInputError` for fewer than
    four.
    """
    count = len(pixels)
    if count < LEAST:
        raise InvalidInputError(f"At least {LEAST} pictures show what is unlike the rest. Got {count}.")
    parts = (tuple(pixels[start : start + _BATCH]) for start in range(0, count, _BATCH))
    batches = [measure(to_float(torch.stack(part))) for part in parts]
    measured = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
    folds = torch.arange(count) * min(FOLDS, count) // count
    apart = torch.empty(count, len(GROUPS))
    for fold in range(min(FOLDS, count)):
        unseen = folds == fold
        reference, groups = fitted_groups(rows(measured, ~unseen))
        apart[unseen] = distances_of(groups, reference.compare(rows(measured, unseen)))
    far = apart / _fences(apart)
    return [
        likely_cause(dict(zip(GROUPS, row.tolist(), strict=True))) if float(row.max()) > 1 else None
        for row in far
    ]


def _fences(apart: Tensor) -> Tensor:
    """Return how far out each group's distances, (n, G), may lie, (G,): on a scale where they are near symmetric."""
    logs = apart.clamp(min=1e-9).log()
    lower, middle, upper = (logs.quantile(share, dim=0) for share in (0.25, 0.5, 0.75))
    return torch.maximum(upper + FENCE * (upper - lower), middle + math.log(_TIMES)).exp()
