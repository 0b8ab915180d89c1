"""The scores that a model may judge by, its stored calibrations: which is the thesis's own, and which was measured best.

Best is the largest AUC-ROC on evaluated images that set no threshold, for videos that of the frames' regularity (4.9.1).
What is measured no better than by chance is a tie, and a tie goes to the simpler.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import UnknownNameError
from xai_ad.metrics.comparison import advantage
from xai_ad.metrics.detection import Floats, Labels, auc_roc
from xai_ad.metrics.regularity import Normalisation, irregularities
from xai_ad.presentation.variants import model_order
from xai_ad.presentation.words import SCORES
from xai_ad.store import (
    CalibrationProtocol,
    CalibrationRecord,
    EvaluationRecord,
    StoredModel,
    load_calibration,
    load_calibrations,
    load_evaluation_record,
)
from xai_ad.training.recipe import Loss


@dataclass(frozen=True, kw_only=True)
class ScoreChoice:
    """One way for a model to judge: a stored calibration.

    `is_default` is the active one, `is_thesis` the thesis's own score for such a model; `auc_roc` was measured on images
    that set no threshold, and is None where none was.
    """

    id: str
    score: Score
    title: str
    is_default: bool
    is_thesis: bool
    auc_roc: float | None


def score_choices(stored: StoredModel) -> list[ScoreChoice]:
    """Return a model's choices, one for each score that it has a calibration for, the active one first."""
    active, evaluation = load_calibration(stored), load_evaluation_record(stored)
    found = []
    for record in [active, *_others(stored, active)]:
        scoring = record.calibration.scoring
        known = None if evaluation is None else _detection(evaluation, scoring)
        found.append(
            ScoreChoice(
                id=record.id,
                score=scoring.score,
                title=SCORES[scoring.score],
                is_default=record.id == active.id,
                is_thesis=scoring.score is thesis_score(stored),
                auc_roc=None if known is None or evaluation is None else auc_roc(known, _labels(evaluation)),
            )
        )
    return found


def thesis_score(stored: StoredModel) -> Score:
    """Return the score that the thesis judges such a model by: that of the loss which it was trained with."""
    return Loss(stored.card.loss).score if stored.card.loss in set(Loss) else Score.SQUARED_ERROR


def find_calibration(stored: StoredModel, name: str | None) -> CalibrationRecord:
    """Return a model's calibration by its id or by its score; the active one for None.

    Of several by one score it is the active one, or that which was made last. Raises `UnknownNameError` naming the
    valid ones.
    """
    active, every = load_calibration(stored), load_calibrations(stored)
    if name is None:
        return active
    for record in every:
        if name == record.id:
            return record
    for record in (active, *reversed(every)):
        if name == record.calibration.scoring.score:
            return record
    valid = [one for record in every for one in (record.id, str(record.calibration.scoring.score))]
    raise UnknownNameError("calibration", name, list(dict.fromkeys(valid)))


def best_calibration(stored: StoredModel) -> CalibrationRecord | None:
    """Return which of a model's calibrations its evaluation measured best, ties to the simpler; None without one.

    The simplest is the thesis's own score, and then the others as `Score` lists them.
    """
    evaluation = load_evaluation_record(stored)
    if evaluation is None:
        return None
    # Of several by one score it is the active one, which a person may have gone back to, else that which was made last.
    every = [load_calibration(stored), *reversed(load_calibrations(stored))]
    shipped = [one for one in every if one.protocol is not CalibrationProtocol.THESIS]
    known: dict[Score, tuple[CalibrationRecord, Floats]] = {}
    for record in shipped:
        values = _detection(evaluation, record.calibration.scoring)
        if values is not None:
            known.setdefault(record.calibration.scoring.score, (record, values))
    order = [thesis_score(stored), *Score]
    ranked = sorted(known.values(), key=lambda one: order.index(one[0].calibration.scoring.score))
    return ranked[best_of([values for _, values in ranked], evaluation)][0] if ranked else None


def best_model(models: Sequence[StoredModel]) -> StoredModel | None:
    """Return which of one dataset's models its evaluation measured best under its active calibration; None without any.

    Ties go to the first in the pickers' order. Models are compared that were evaluated on the same images.
    """
    ranked = []
    for stored in sorted(models, key=model_order):
        evaluation = load_evaluation_record(stored)
        if evaluation is None:
            continue
        values = _detection(evaluation, load_calibration(stored).calibration.scoring)
        if values is not None:
            ranked.append((stored, evaluation, values))
    if not ranked:
        return None
    evaluation = ranked[0][1]
    same = [one for one in ranked if one[1].sha256 == evaluation.sha256]
    return same[best_of([values for _, _, values in same], evaluation)][0]


def best_of(candidates: Sequence[Floats], evaluation: EvaluationRecord) -> int:
    """Return the index of the first candidate, (N,) scores each, that ties with the best.

    A tie is a difference of no more than one standard error, or of no more than the best of so many candidates is ahead
    by chance (see `ahead_by_chance`), whichever is larger.
    """
    labels = _labels(evaluation)
    best = max(candidates, key=lambda values: auc_roc(values, labels))
    errors = max(1.0, ahead_by_chance(len(candidates) - 1))
    leads = (advantage(best, values, labels, evaluation.groups) for values in candidates)
    ties = (index for index, lead in enumerate(leads) if lead.difference <= errors * lead.standard_error)
    return next(ties)  # there is one: the best leads itself by nothing


def ahead_by_chance(others: int) -> float:
    """Return by how many standard errors the luckiest of so many equals is ahead on average (Blom 1958).

    >>> [round(ahead_by_chance(others), 2) for others in (0, 1, 2, 9)]
    [0.0, 0.0, 0.59, 1.49]
    """
    return NormalDist().inv_cdf((others - 0.375) / (others + 0.25)) if others else 0.0


def _others(stored: StoredModel, active: CalibrationRecord) -> list[CalibrationRecord]:
    """Return the last calibration by each score but the active one's."""
    latest = {one.calibration.scoring.score: one for one in load_calibrations(stored)}
    return [record for score, record in latest.items() if score is not active.calibration.scoring.score]


def _labels(evaluation: EvaluationRecord) -> Labels:
    return np.array(evaluation.label)


def _detection(evaluation: EvaluationRecord, scoring: Scoring) -> Floats | None:
    """Return what detection is measured by, (N,): raw scores, or of videos the frames' irregularity within their clip."""
    values = np.array([image.score for image in evaluation.images(scoring)])
    if not len(values):
        return None
    if evaluation.groups is None:
        return values
    cuts = [
        index for index in range(1, len(values)) if evaluation.groups[index] != evaluation.groups[index - 1]
    ]
    return irregularities(np.split(values, cuts), Normalisation.PER_VIDEO)
