"""One image, explained by several models and several methods: rows of cells, as pages show and files keep them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xai_ad.data.fitting import Fit, Fitting
from xai_ad.detector.placement import Placement
from xai_ad.errors import Cancelled, InvalidInputError, XaiAdError
from xai_ad.explain.base import Explainer
from xai_ad.explain.results import map_of
from xai_ad.explain.trust import Trust
from xai_ad.inspection.cases import Case, Outcome, explain, open_case
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.models import open_model
from xai_ad.inspection.scorings import find_calibration
from xai_ad.inspection.trusting import trust_of
from xai_ad.metrics.agreement import Placed, placed
from xai_ad.progress import Progress, each, part_of, silent
from xai_ad.store import StoredModel
from xai_ad.types import Mask

MaskOn: TypeAlias = Callable[[Placement], Mask | None]
"""Returns where a person marked the defect, (H, W) on a placement's grid, or None where that is not known there."""

JUDGING, TRUSTING = 0.02, 0.8
"""The share of a row's progress that its verdict is, and from where on a cell's is how far it can be trusted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """One explanation by one model, as far as it has come."""

    explainer: Explainer
    outcome: Outcome
    trust: Trust | None = None
    """How far it can be trusted, once that is measured."""
    placed: Placed | None = None
    """How well it lies on the mask, where there is one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """One model. `case` is None while its verdict is awaited, and where an `error` says why there is none.

    A row has a cell for each of the comparison's methods, in their order, or none at all without a case. `mask` is where
    the defect is marked on the case's grid, (H, W), where that is known.
    """

    stored: StoredModel
    case: Case | None = None
    error: str | None = None
    cells: tuple[Cell, ...] = ()
    mask: Mask | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """An image's rows, each with a cell for each method."""

    image_file: ImageFile
    methods: tuple[Explainer, ...]
    rows: tuple[Row, ...]


def judged(
    stored: StoredModel, image_file: ImageFile, *, fit: Fitting = Fit.CROP, score: str | None = None
) -> Case:
    """Judge an image by a stored model, under its active calibration or the one that `score` names.

    Raises `InvalidInputError` for a model of clips, `ImageError` for an image that the model cannot take, and what
    loading a model raises.
    """
    frames = stored.card.preprocessing.frames
    if frames is not None:
        raise InvalidInputError(
            f"The model {stored.card.id!r} scores clips of {frames} frames and no single pictures."
        )
    return open_case(open_model(stored, find_calibration(stored, score).id), image_file, fit)


def compare(
    models: Iterable[StoredModel],
    image_file: ImageFile,
    explainers: Iterable[Explainer],
    *,
    fit: Fitting = Fit.CROP,
    score: str | None = None,
    mask: MaskOn | None = None,
    on_progress: Progress = silent,
) -> Comparison:
    """Judge and explain an image by each model and method, in this thread; what is at hand is not computed again.

    Of every explanation it is measured how far it can be trusted, and with a `mask`, how well it lies on it. A model or
    method that is named twice has one row or column. What a model refuses stands in its row, what a method refuses in its
    cell, and the others go on. Raises what `on_progress` raises.
    """
    methods = tuple(dict.fromkeys(explainers))
    stored = list({one.path.resolve(): one for one in models}.values())
    rows = [
        _row(one, image_file, methods, fit=fit, score=score, mask=mask, on_progress=part)
        for one, part in each(stored, on_progress)
    ]
    on_progress(1.0)
    return Comparison(image_file=image_file, methods=methods, rows=tuple(rows))


def _row(
    stored: StoredModel,
    image_file: ImageFile,
    methods: Sequence[Explainer],
    *,
    fit: Fitting,
    score: str | None,
    mask: MaskOn | None,
    on_progress: Progress,
) -> Row:
    try:
        case = judged(stored, image_file, fit=fit, score=score)
    except Cancelled:
        raise
    except XaiAdError as error:
        return Row(stored=stored, error=str(error))
    marked = None if mask is None else mask(case.placement)
    cells = [
        _cell(case, explainer, marked, part)
        for explainer, part in each(methods, part_of(on_progress, JUDGING, 1.0))
    ]
    return Row(stored=stored, case=case, cells=tuple(cells), mask=marked)


def _cell(case: Case, explainer: Explainer, mask: Mask | None, on_progress: Progress) -> Cell:
    try:
        found = explain(case, explainer, part_of(on_progress, 0.0, TRUSTING))
    except Cancelled:
        raise
    except XaiAdError as error:
        return Cell(explainer=explainer, outcome=Outcome(state=JobState.FAILED, error=str(error)))
    return Cell(
        explainer=explainer,
        outcome=Outcome(state=JobState.DONE, fraction=1.0, result=found),
        trust=_trust(case, explainer, part_of(on_progress, TRUSTING, 1.0)),
        placed=None if mask is None else placed(map_of(found.explanation), mask),
    )


def _trust(case: Case, explainer: Explainer, on_progress: Progress) -> Trust | None:
    """Return how far an explanation can be trusted; None where that cannot be measured, which takes nothing from it."""
    try:
        return trust_of(case, explainer, on_progress)
    except Cancelled:
        raise
    except XaiAdError:
        return None
