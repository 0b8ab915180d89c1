"""Which of many inspected files to flag, so that on average few of those flagged are normal (Benjamini and Hochberg 1995)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from xai_ad.data.wording import counted
from xai_ad.errors import InvalidInputError
from xai_ad.metrics.conformal import discoveries, fewest_discoveries, require_rate
from xai_ad.presentation.report import InspectedFile
from xai_ad.presentation.words import Wording
from xai_ad.store import CalibrationRecord
from xai_ad.training.conformal import normal_scores


def require_discoverable(rate: float, record: CalibrationRecord, *, frames: int) -> None:
    """Raise `InvalidInputError` for a rate outside (0, 1), and where no score of a model has a p-value."""
    require_rate(rate)
    if frames > 1 or record.clips:
        raise InvalidInputError(
            "--fdr counts single pictures, and frames of one video are no independent evidence. Leave it out, or choose a "
            "model of pictures."
        )
    if not len(normal_scores(record)):
        raise InvalidInputError(
            f"--fdr needs normal images that a limit rests on, and {record.id!r} has none. Calibrate the model anew."
        )


def discovered(rows: Sequence[InspectedFile], rate: float) -> list[InspectedFile]:
    """Return rows that say whether each is flagged, over all of them that have a p-value; a video has none."""
    places = [place for place, row in enumerate(rows) if row.score_p_value is not None]
    flags = discoveries(np.array([rows[place].score_p_value for place in places], dtype=np.float64), rate)
    found = list(rows)
    for place, flag in zip(places, flags.tolist(), strict=True):
        found[place] = replace(found[place], is_discovery=flag)
    return found


def discovery_lines(
    rows: Sequence[InspectedFile], rate: float, record: CalibrationRecord, wording: Wording
) -> Iterator[str]:
    """Say how many files are flagged, what is promised of them and under which condition, and where none can be flagged."""
    judged = sum(row.is_discovery is not None for row in rows)
    flagged = sum(bool(row.is_discovery) for row in rows)
    normals, share = len(normal_scores(record)), f"{100 * rate:.3g} %"
    yield (
        f"{flagged} of {counted(judged, 'picture')} flagged (is_discovery): on average at most {share} of those flagged "
        f"are normal, as long as normal ones are like the {normals} {wording.normal_images} of the limit."
    )
    fewest = fewest_discoveries(judged, normals, rate)
    if judged and fewest > judged:
        needed = int(np.ceil(1 / rate - 1e-9)) - 1
        yield f"Nothing can be flagged at {share}: that takes at least {needed} {wording.normal_images}."
    elif judged and not flagged and fewest > 1:
        yield (
            f"With {normals} {wording.normal_images}, {fewest} of {judged} must score higher than all of them before any "
            "is flagged."
        )
