"""Short notes beside an explanation: what it adds up to, what it assumed, what it cost."""

from xai_ad.classifier import Calibration
from xai_ad.explain.base import Attribution, Counterfactual
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


def notes_on(timed: TimedExplanation, calibration: Calibration) -> list[str]:
    """Return what a person should know about an explanation, the most important first."""
    explanation = timed.explanation
    if isinstance(explanation, Counterfactual):
        found = [_outcome(explanation, calibration)]
    else:
        found = _completeness(explanation)
    diagnostics = explanation.diagnostics
    warning = str(diagnostics.get("warning", ""))
    if warning and warning not in found:
        found.append(warning)
    if "surrogate_r2" in diagnostics:
        found.append(
            f"The straight line explains {percent(float(diagnostics['surrogate_r2']))} of what was seen (R²)."
        )
    if "fill" in diagnostics:
        fill = str(diagnostics["fill"])
        found.append(f"Regions switched to normal show {FILLS.get(fill, fill)}.")
    found.append(_cost(explanation.evaluations, timed.seconds))
    return found


def _completeness(explanation: Attribution) -> list[str]:
    if explanation.method == "residual":
        return ["Adds up to the score exactly: it is the score, pixel by pixel."]
    accounted = 1 - abs(explanation.residual) / explanation.score if explanation.score else 1.0
    share = percent(max(accounted, 0.0))
    if explanation.baseline:
        start = percent(explanation.baseline / explanation.score) if explanation.score else "0 %"
        return [
            f"Everything normal would still score {start}; with that, the shares add up to {share} of the score."
        ]
    return [f"These shares add up to {share} of the score."]


def _outcome(explanation: Counterfactual, calibration: Calibration) -> str:
    before, after = (
        explanation.score_before / calibration.threshold,
        explanation.score_after / calibration.threshold,
    )
    if not explanation.rectangles:
        return "Already below the limit: there is nothing to repair."
    if not explanation.flipped:
        return (
            f"No single rectangle flips it. The best one, {percent(explanation.area)} of the picture, "
            f"brings the score from {figure(before)} to {figure(after)} of the limit."
        )
    return (
        f"Replacing {percent(explanation.area)} of the picture brings the score "
        f"from {figure(before)} to {figure(after)} of the limit."
    )


def _cost(evaluations: int, seconds: float) -> str:
    pictures = "1 picture" if evaluations == 1 else f"{evaluations} pictures"
    return f"{pictures} scored in {figure(seconds)} s."
