"""What a person should know about an explanation: what it came to, how it was made, and what a counterfactual asks."""

from dataclasses import dataclass

from xai_ad.detector.calibration import Calibration
from xai_ad.explain import EXPLAINERS, CounterfactualSearch, Direction, Residual
from xai_ad.explain.base import Explainer
from xai_ad.explain.choices import Extent
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

AGREEMENT = {0.7: "agree well", 0.4: "agree in part", 0.0: "point at different places"}
"""How well methods agree, by the least share of their strongest places in common that earns the words."""

ADDS_UP = 0.1
"""By what share of the score a sum may miss it and still be told as a sum."""

NO_SINGLE_PLACE = 0.5
"""From this share of the picture on, rectangles are no place."""

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


def title_of(explainer: Explainer) -> str:
    """Return what an explainer's column or panel is called: of a counterfactual search, by what it asks."""
    question = question_of(explainer)
    return question.label if question else explainer.title


def findings(explanation: Explanation, calibration: Calibration) -> list[str]:
    """Return what an explanation came to, the most important first."""
    if isinstance(explanation, Counterfactual):
        return list(filter(None, _changed(explanation, calibration)))
    return list(
        filter(
            None,
            [
                explanation.warning,
                *_reliability(explanation),
                explanation.note if explanation.method != Consensus.id else None,
                _completeness(explanation) if _is_complete(explanation, calibration) else None,
            ],
        )
    )


def _is_complete(explanation: Attribution, calibration: Calibration) -> bool:
    """Whether the method promises that its shares add up: only then is a sum worth telling."""
    if explanation.method == Residual.id and not calibration.scoring.adds_up:
        return False
    return explanation.method in EXPLAINERS and EXPLAINERS[explanation.method].complete


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
        found.append(_agreement(len(known.members), known.shared))
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


def _agreement(members: int, shared: float | None) -> str:
    if shared is None:
        return ""
    words = next(words for least, words in AGREEMENT.items() if shared >= least)
    return f"The {members} methods {words}: they share {percent(shared)} of their strongest evidence."


def _completeness(explanation: Attribution) -> str:
    """Return what the shares add up to, or that they do not where they miss the score by much."""
    if not explanation.score:
        return "The score is zero: there is nothing to share out."
    share = 1 - explanation.residual / explanation.score
    if abs(share - 1) > ADDS_UP:
        return "These shares do not add up to the score: trust the places, not the amounts."
    start = explanation.baseline / explanation.score
    if start > 1:
        return f"Made normal, the picture would score {figure(start)} times as much: from there the shares lead down to the score."
    if start > 0:
        return f"Starting from {percent(start)}, these shares add up to {percent(share)} of the score."
    return f"These shares add up to {percent(share)} of the score."


def _changed(explanation: Counterfactual, calibration: Calibration) -> list[str | None]:
    """Return what exchanging rectangles came to, and what the search may claim of it."""
    warning, note = explanation.warning, explanation.note
    is_repair = explanation.direction is Direction.REPAIR
    if not explanation.rectangles:
        return [NOTHING_TO_REPAIR, ASK_INSTEAD] if is_repair else [warning]
    widely = explanation.area >= NO_SINGLE_PLACE and explanation.extent is Extent.SPACE
    changed = [_widely(explanation), warning] if widely else []
    if explanation.flipped:
        return changed or [_flipped(explanation, calibration), warning, note]
    return [warning, _nearest(explanation, calibration)]


def _widely(explanation: Counterfactual) -> str:
    """Say that what has to be changed is no place: that nothing smaller does it would sound as if it were."""
    if explanation.direction is Direction.TRANSPLANT:
        return f"No single place explains it: only {percent(explanation.area)} of it makes a normal picture fail."
    return f"No single place explains it: it passes only with {percent(explanation.area)} of the picture made normal."


def _flipped(explanation: Counterfactual, calibration: Calibration) -> str:
    before, after = (
        _of_limit(score, calibration) for score in (explanation.score_before, explanation.score_after)
    )
    if explanation.direction is Direction.TRANSPLANT:
        return f"Pasting {_what(explanation, 'it')} into a normal picture brings that one's score from {before} to {after} of the limit."
    return f"Replacing {_what(explanation, 'the picture')} brings the score from {before} to {after} of the limit."


def _nearest(explanation: Counterfactual, calibration: Calibration) -> str:
    """Say how near the verdict came to being flipped."""
    before, after = (
        _of_limit(score, calibration) for score in (explanation.score_before, explanation.score_after)
    )
    if explanation.direction is Direction.TRANSPLANT:
        done, nearer = f"Pasting {_what(explanation, 'it')} into a normal picture", "raises that one's score"
        gained = explanation.score_after > explanation.score_before
    else:
        done, nearer = f"Replacing {_what(explanation, 'the picture')}", "lowers the score"
        gained = explanation.score_after < explanation.score_before
    if not gained or before == after:
        return f"{done} changes next to nothing: it leaves {after} of the limit."
    return f"{done} {nearer}, from {before} to {after} of the limit."


def _what(explanation: Counterfactual, whole: str) -> str:
    if explanation.extent is Extent.TIME:
        (stretch,) = explanation.rectangles
        return f"{stretch.frames} of its {len(explanation.pixels)} frames"
    count, area = len(explanation.rectangles), percent(explanation.area)
    return f"{area} of {whole}" if count == 1 else f"{count} rectangles, together {area} of {whole},"


def _of_limit(score: float, calibration: Calibration) -> str:
    """Return a score in multiples of the limit; one that would be rounded to the limit itself, by its side of it."""
    times = score / calibration.threshold
    text = figure(times)
    if text != figure(1.0):
        return text
    return "just over 1.00" if calibration.is_anomalous(score) else "just under 1.00"
