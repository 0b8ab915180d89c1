"""A stored model evaluated, and what that decides: which of its scores judges, and which model its dataset opens with."""

from collections.abc import Callable
from pathlib import Path

from xai_ad.data.layouts import Protocol
from xai_ad.errors import InvalidInputError
from xai_ad.evaluation import Evaluation, evaluate
from xai_ad.inspection.scorings import best_calibration, best_model
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import (
    StoredModel,
    default_models,
    has_components,
    list_models,
    record_choice,
    record_default,
    record_evaluation,
    require_unclaimed,
)

CHOOSING = 0.5
"""The share of the progress that the first of two evaluations fills."""


def evaluate_stored(
    stored: StoredModel,
    data: Path,
    layout: str,
    *,
    protocol: Protocol = Protocol.HELD_OUT,
    masks: Path | None = None,
    record: bool = False,
    choose: bool = False,
    levels: int | None = None,
    on_progress: Progress = silent,
    on_measured: Callable[[Evaluation], None] = lambda _: None,
) -> Evaluation:
    """Evaluate a model, and with `record` write that into its folder, once `on_measured` was given it.

    `masks` is a file of annotations, or a folder of masks, in place of the dataset's own. `levels` is the value that is
    white in pictures of more than 8 bits a pixel, where it was given.

    With `choose` the stored calibration that was measured best becomes the active one, and the figures are its own; a
    shipped model's dataset then opens with the shipped model of images that was measured best. Raises
    `InvalidInputError` for `choose` without `record`.
    """
    if choose and not record:
        raise InvalidInputError(
            "What an evaluation chooses is written into the model's folder. Give --record too."
        )
    if record:
        require_unclaimed(stored)
    first = part_of(on_progress, 0.0, CHOOSING) if choose else on_progress
    result, stored = _evaluated(
        stored,
        data,
        layout,
        protocol,
        masks=masks,
        record=record,
        levels=levels,
        on_progress=first,
        on_measured=on_measured,
    )
    best = best_calibration(stored) if choose else None
    if best is not None and best.id != stored.card.calibration:
        rest = part_of(on_progress, CHOOSING, 1.0)
        result, stored = _evaluated(
            record_choice(stored, best.id),
            data,
            layout,
            protocol,
            masks=masks,
            record=True,
            levels=levels,
            on_progress=rest,
            on_measured=on_measured,
        )
    if choose and stored.is_shipped:
        choose_default(stored.card.dataset)
    on_progress(1.0)
    return result


def choose_default(dataset: str) -> None:
    """Let a dataset open with the shipped model of images that was measured best."""
    models = [one for one in list_models() if one.is_shipped and one.card.dataset == dataset]
    best = best_model([one for one in models if one.card.preprocessing.frames is None])
    if best is not None and default_models().get(dataset) != best.card.id:
        record_default(dataset, best.card.id)


def _evaluated(
    stored: StoredModel,
    data: Path,
    layout: str,
    protocol: Protocol,
    *,
    masks: Path | None,
    record: bool,
    levels: int | None,
    on_progress: Progress,
    on_measured: Callable[[Evaluation], None],
) -> tuple[Evaluation, StoredModel]:
    """Evaluate, and return the model as it is stored then; components that are kept for these images are kept on."""
    counted = stored.card.split.counts.get("test", -1)
    wanted = record and not has_components(stored, counted)
    result = evaluate(
        stored,
        data,
        layout,
        protocol=protocol,
        masks=masks,
        levels=levels,
        components=wanted,
        on_progress=on_progress,
    )
    on_measured(result)
    if record:
        stored = record_evaluation(
            stored,
            protocol=protocol,
            metrics=result.metrics,
            images=result.record,
            components=result.components,
        )
    return result, stored
