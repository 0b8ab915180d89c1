"""What `train` takes where no network is named."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_ad.cli.parsing import terminal_progress

if TYPE_CHECKING:
    from xai_ad.training.pipeline import TrainingTask
    from xai_ad.training.recommended import Recommendation

_OWN = frozenset({"precision", "seed"})
"""What of a recipe no number of pictures decides."""


def recommendation(data: Path, layout: str, *, minutes: float | None) -> "Recommendation":
    """Return what is recommended for a dataset; raises `DatasetError` for one that cannot be read."""
    from xai_ad.data.layouts import find_layout
    from xai_ad.training.recommended import MINUTES, count_training, recommended

    of_videos = find_layout(layout).of_videos
    return recommended(
        count_training(data, layout), of_videos=of_videos, minutes=MINUTES if minutes is None else minutes
    )


def recipe_flags(wanted: "Recommendation | None", flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return flags, with what is recommended in place of those that were not given."""
    given = {name: value for name, value in flags.items() if value is not None}
    if wanted is None:
        return given
    recipe = wanted.recipe
    return {each.name: getattr(recipe, each.name) for each in fields(recipe) if each.name not in _OWN} | given


def judge_as_recommended(model: Path, task: "TrainingTask", wanted: "Recommendation") -> None:
    """Calibrate a trained model by the score and the protocol that are recommended; `thesis` stays what was asked for."""
    from xai_ad.data.layouts import Protocol
    from xai_ad.inspection.calibrating import recalibrate
    from xai_ad.store import CalibrationProtocol

    is_thesis = task.protocol is Protocol.THESIS

    recalibrate(
        model,
        task.data,
        task.layout,
        protocol=CalibrationProtocol.THESIS if is_thesis else wanted.protocol,
        score=wanted.score,
        levels=task.levels,
        on_progress=terminal_progress("Scoring"),
    )
