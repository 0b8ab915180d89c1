"""What a person should know about an explanation: what it came to, how it was made, and what a counterfactual asks."""

from dataclasses import dataclass

from xai_ad.detector.calibration import Calibration
from xai_ad.explain import CounterfactualSearch, Direction, Residual
from xai_ad.explain.base import Explainer
from xai_ad.explain.consensus import Consensus
from xai_ad.explain.results import (
    Agreement,
    Attribution,
    Counterfactual,
    Explanation,
    ShapleyEstimate,
    SurrogateFit,
)
from xai_ad.machine.execution import Precision
from xai_ad.presentation.words import figure, percent

FILLS = {
    "normal": "the most similar normal picture",
    "dataset_mean": "the average normal picture",
    "reconstruction": "the network's own reconstruction",
    "mean": "the picture's mean colour",
    "segment_mean": "each region's mean colour",
    "blur": "a blurred copy",
    "black": "black",
}
"""What each fill shows, in words."""

STEADY = 0.9
"""From this correlation on another seed is said to tell the same."""

AGREEMENT = {0.7: "well", 0.4: "in part", -1.0: "on little"}
"""How well methods agree, by the least rank correlation that earns the words."""

GOOD_FIT = 0.5
"""Under this share a straight line is said to fit badly."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """The words of one direction: its panel's `label` and `sentence`, the `switch` between before and after.

    `offer` is the button that asks this question instead of the other.
    """

    label: str
    sentence: str
    switch: str
    shown: bool
    offer: str
    icon: str


QUESTIONS = {
    Direction.REPAIR: Question(
        label=CounterfactualSearch.title,
        sentence=CounterfactualSearch.sentence,
        switch="Show repaired",
        shown=False,
        offer="Back: repair this picture",
        icon=":material/healing:",
    ),
    Direction.TRANSPLANT: Question(
        label="Transplant",
        sentence=(
            "What of this picture would make a normal one fail? "
            "The smallest rectangle that, pasted into a normal picture, flips its verdict."
        ),
        switch="Show pasted",
        shown=True,
        offer="Paste parts of it into a normal picture",
        icon=":material/content_paste:",
    ),
}

NOTHING_TO_REPAIR = "It passes already: there is nothing to repair."
ASK_INSTEAD = "Below, ask instead what of it would make a normal picture fail."


def question_of(explainer: Explainer) -> Question | None:
    """Return what a counterfactual search asks, or None for any other explainer."""
    return QUESTIONS[explainer.direction] if isinstance(explainer, CounterfactualSearch) else None


def findings(explanation: Explanation, calibration: Calibration) -> list[str]:
    """Return what an explanation came to, the most important first."""
    if isinstance(explanation, Counterfactual):
        return list(filter(None, _changed(explanation, calibration)))
    adds_up = explanation.method != Residual.id or calibration.scoring.adds_up
    return list(
        filter(
            None,
            [
                explanation.warning,
                *_reliability(explanation),
                explanation.note if explanation.method != Consensus.id else None,
                _completeness(explanation) if adds_up else None,
            ],
        )
    )


def provenance(explanation: Explanation, seconds: float) -> str:
    """Return how an explanation was made: what absent regions showed, and what it cost in which arithmetic."""
    made = explanation.provenance
    found = []
    if made.fill is not None:
        found.append(_fill_words(explanation).format(FILLS[made.fill]))
    count = explanation.evaluations
    cost = f"{count:,} evaluation{'' if count == 1 else 's'}"
    if made.precision is not None and count > 1:
        cost += f" in {made.precision}, batches of {made.batch_size}"
    found.append(f"{cost}, {figure(seconds)} s.")
    return " ".join(found)


def _fill_words(explanation: Explanation) -> str:
    if isinstance(explanation, Counterfactual) and explanation.direction is Direction.TRANSPLANT:
        return "The normal picture is {}."
    return "Regions switched to normal show {}."


def _reliability(explanation: Attribution) -> list[str]:
    """Return how far a method's figures can be trusted, as far as it knows."""
    known, found = explanation.findings, []
    if isinstance(known, ShapleyEstimate) and known.exact:
        rounded = explanation.provenance.precision is Precision.BFLOAT16
        exact = "Exact but for bfloat16's rounding" if rounded else "Exact"
        found.append(f"{exact}: every combination of regions was scored.")
    elif explanation.by_segment and explanation.by_segment.low is not None:
        found.append(_unsure(explanation))
    if isinstance(known, SurrogateFit):
        found += [_fit(known.surrogate_r2), _stability(known.stability)]
    if isinstance(known, Agreement):
        found.append(_agreement(len(known.members), known.agreement))
    return found


def _unsure(explanation: Attribution) -> str:
    found = explanation.by_segment
    if found is None or found.unsure is None:
        return ""
    count, unsure = len(found.values), int(found.unsure.sum())
    if not unsure:
        return "Estimated: the sign of every region that counts is sure."
    return f"Estimated: the sign of {unsure} of {count} regions is not sure."


def _fit(share: float) -> str:
    found = f"The straight line accounts for {percent(max(share, 0.0))} of what was seen (R²)"
    return f"{found}." if share >= GOOD_FIT else f"{found}: it fits badly."


def _stability(correlation: float) -> str:
    words = f"(correlation {figure(correlation)})."
    if correlation >= STEADY:
        return f"Another random seed would tell the same {words}"
    return f"Another random seed would tell something else in part {words}"


def _agreement(members: int, correlation: float) -> str:
    words = next(words for least, words in AGREEMENT.items() if correlation >= least)
    return f"The {members} methods agree {words} (rank correlation {figure(correlation)})."


def _completeness(explanation: Attribution) -> str:
    if not explanation.score:
        return "The score is zero: there is nothing to share out."
    share = percent((explanation.score - explanation.residual) / explanation.score)
    if explanation.baseline:
        start = percent(explanation.baseline / explanation.score)
        return f"Starting from {start}, these shares add up to {share} of the score."
    return f"These shares add up to {share} of the score."


def _changed(explanation: Counterfactual, calibration: Calibration) -> list[str | None]:
    """Return what exchanging rectangles came to, and what the search may claim of it."""
    warning, note = explanation.warning, explanation.note
    is_repair = explanation.direction is Direction.REPAIR
    if not explanation.rectangles:
        return [NOTHING_TO_REPAIR, ASK_INSTEAD] if is_repair else [warning]
    before, after = (
        figure(score / calibration.threshold) for score in (explanation.score_before, explanation.score_after)
    )
    count, area = len(explanation.rectangles), percent(explanation.area)
    what = "{} of {}" if count == 1 else f"{count} rectangles, together {{}} of {{}},"
    scores = f"from {before} to {after} of the limit."
    if is_repair:
        outcome = f"Replacing {what.format(area, 'the picture')} brings the score {scores}"
    else:
        outcome = f"Pasting {what.format(area, 'it')} into a normal picture brings that one's score {scores}"
    return [outcome, warning, note] if explanation.flipped else [warning, outcome, note]
