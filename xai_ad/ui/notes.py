"""What a person should know about an explanation: what it came to, and how it was made."""

from xai_ad.classifier import Calibration
from xai_ad.explain import Residual
from xai_ad.explain.base import Attribution, Counterfactual, Explanation
from xai_ad.ui.results import TimedExplanation
from xai_ad.ui.words import figure, percent

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


def findings(explanation: Explanation, calibration: Calibration) -> list[str]:
    """Return what an explanation came to, the most important first."""
    if isinstance(explanation, Counterfactual):
        return [_outcome(explanation, calibration)]
    told = [
        str(explanation.diagnostics[name]) for name in ("warning", "note") if name in explanation.diagnostics
    ]
    if explanation.method == Residual.id and not calibration.scoring.adds_up:
        return told  # the map as a whole is no division of the score
    return [*told, _completeness(explanation)]


def provenance(timed: TimedExplanation) -> str:
    """Return how an explanation was made: what absent regions showed, how well it fitted, what it cost."""
    explanation = timed.explanation
    diagnostics = explanation.diagnostics
    found = []
    if "fill" in diagnostics:
        fill = str(diagnostics["fill"])
        found.append(f"Regions switched to normal show {FILLS.get(fill, fill)}.")
    if "surrogate_r2" in diagnostics:
        share = percent(max(float(diagnostics["surrogate_r2"]), 0.0))
        found.append(f"The straight line accounts for {share} of what was seen (R²).")
    pictures = "1 picture" if explanation.evaluations == 1 else f"{explanation.evaluations} pictures"
    found.append(f"{pictures} scored in {figure(timed.seconds)} s.")
    return " ".join(found)


def _completeness(explanation: Attribution) -> str:
    if not explanation.score:
        return "The score is zero: there is nothing to share out."
    share = percent((explanation.score - explanation.residual) / explanation.score)
    if explanation.baseline:
        start = percent(explanation.baseline / explanation.score)
        return f"Starting from {start}, these shares add up to {share} of the score."
    return f"These shares add up to {share} of the score."


def _outcome(explanation: Counterfactual, calibration: Calibration) -> str:
    if not explanation.rectangles:
        return "Already below the limit: there is nothing to repair."
    before, after = (
        figure(score / calibration.threshold) for score in (explanation.score_before, explanation.score_after)
    )
    area = percent(explanation.area)
    if explanation.flipped:
        return f"Replacing {area} of the picture brings the score from {before} to {after} of the limit."
    return (
        f"No single rectangle flips it. The best one, {area} of the picture, "
        f"brings the score from {before} to {after} of the limit."
    )
