"""What is remarkable about single ones of somebody's pictures: copies, those unlike the rest, those that cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import torch
from torch import Tensor

from xai_ad.data.layouts import ANOMALOUS, NORMAL, Sample
from xai_ad.detector.familiarity.familiarity import Cause
from xai_ad.detector.familiarity.fitting import LEAST
from xai_ad.detector.familiarity.outliers import causes_among
from xai_ad.inspection.trainings.glances import Glance

_COARSE = 32
"""Cells along a side of what near-duplicates are told by."""
ALIKE = 2.0
"""Of 255: no cell of two copies of one photograph differs by more, saved anew or not; those of two photographs do."""
_BLOCK = 512


class PictureState(StrEnum):
    """What is remarkable about a picture."""

    FINE = "fine"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    """The same picture as an earlier one, to the byte or nearly."""
    DIFFERENT = "different"
    """Taken for normal, and unlike the others."""
    DEFECT = "defect"


@dataclass(frozen=True, kw_only=True)
class SurveyedPicture:
    """One picture; `size` is its (height, width), None where it cannot be read, and `note` says what is remarkable."""

    path: Path
    sha256: str
    state: PictureState
    size: tuple[int, int] | None = None
    note: str = ""
    levels: int | None = None


def remarked(samples: Sequence[Sample], looks: Sequence[Glance]) -> tuple[SurveyedPicture, ...]:
    """Return every picture with what is remarkable about it."""
    of = [place for place, look in enumerate(looks) if look.small is not None]
    copies = {of[one]: of[other] for one, other in _copies([looks[place] for place in of]).items()}
    normal = [place for place in of if samples[place].label == NORMAL]
    causes = dict(zip(normal, _causes([looks[place] for place in normal]), strict=True))
    found = []
    for place, (sample, look) in enumerate(zip(samples, looks, strict=True)):
        state, note = PictureState.FINE, ""
        if look.problem:
            state, note = PictureState.UNREADABLE, look.problem
        elif sample.label == ANOMALOUS:
            state, note = PictureState.DEFECT, sample.kind
        elif cause := causes.get(place):
            state, note = PictureState.DIFFERENT, DIFFERS[cause]
        elif place in copies:
            state, note = PictureState.DUPLICATE, f"the same as {samples[copies[place]].path.name}"
        found.append(
            SurveyedPicture(
                path=sample.path,
                sha256=sample.sha256,
                state=state,
                size=look.size,
                note=note,
                levels=sample.levels,
            )
        )
    return tuple(found)


DIFFERS = {
    Cause.OBJECT: "looks unlike the others",
    Cause.FRAMING: "is framed otherwise",
    Cause.LIGHT: "is lit otherwise",
    Cause.SHARPNESS: "is of another sharpness",
    Cause.SHAPE: "has another shape",
}
"""What sets a picture apart from the rest, in words."""


def _causes(looks: Sequence[Glance]) -> list[Cause | None]:
    if len(looks) < LEAST:
        return [None] * len(looks)
    return causes_among([look.small for look in looks if look.small is not None])


def _copies(looks: Sequence[Glance]) -> dict[int, int]:
    """Return of each picture that is a copy of an earlier one which."""
    small = [look.small for look in looks if look.small is not None]
    if len(small) < 2:
        return {}
    blocks = range(0, len(small), _BLOCK)
    cells = torch.cat([_cells(small[start : start + _BLOCK]) for start in blocks])  # (n, 3 x 32 x 32)
    found: dict[int, int] = {}
    for start in range(0, len(cells), _BLOCK):
        block = cells[start : start + _BLOCK]
        near = torch.cdist(block, cells[: start + len(block)]) <= ALIKE * block.shape[1] ** 0.5
        for one, other in near.nonzero().tolist():
            place = start + one
            if other >= place or place in found or other in found:
                continue
            if float((cells[place] - cells[other]).abs().max()) <= ALIKE:
                found[place] = other
    return found


def _cells(small: Sequence[Tensor]) -> Tensor:
    """Return what near-duplicates are told by; a few pictures at a time, since as floats all of them are large."""
    return torch.nn.functional.adaptive_avg_pool2d(torch.stack(tuple(small)).float(), _COARSE).flatten(1)
