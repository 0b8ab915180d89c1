"""The explainer: relevance of the input's pixels for the score."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.explain.base import Explainer, raw_score
from xai_ad.explain.lrp.propagation import relevance_of
from xai_ad.explain.lrp.rules import GAMMA, LrpRule
from xai_ad.explain.lrp.windows import in_window, question
from xai_ad.explain.results import Attribution, Propagation
from xai_ad.fields import member, number
from xai_ad.progress import Progress
from xai_ad.types import Image

MOSTLY = 0.5
"""The share of the score that may reach no pixel before the map comes with a warning."""

CANCELLING = 10.0
"""How many times the score the sizes of all shares may add up to before the map comes with a warning."""

NOT_SEEN = "The network predicted this frame without seeing it: the relevance lies in the frames that it predicted from."


@dataclass(frozen=True, kw_only=True)
class Lrp(Explainer):
    """LRP through encoder and decoder, by the epsilon rule of Eq. 3.18 or by others (see `LrpRule`).

    Each output value starts with its share of the score (`Scoring.shares`). What is followed is how the
    *reconstruction* came about: the error also depends on the image directly, as what the reconstruction is compared
    with, and no layer stands between them to propagate that part through.

    So the sign says whether a pixel led to what was reconstructed there (positive) or spoke against it (negative), not
    whether it raises the score: where a bright defect lies in a dark part that is reconstructed dark, the defect's own
    pixels are negative by the epsilon rule, for they argue for the brightness that the reconstruction lacks.

    The rules differ in how far they listen. With rectifiers and a small epsilon the epsilon rule is gradient x input
    (Shrikumar et al. 2016), and the gradient of a deep, strided network changes from pixel to pixel: on the shipped
    models positive and negative shares cancel to a thirtieth of their sizes or less, at any epsilon that leaves a map
    at all. `cancellation`, the sum of the sizes over the score, measures it.

    Rules that count positive contributions alone are smooth, and hardly know what the network learnt (Sixt et al.
    2020): shuffle the weights of the shipped models, and z-plus's maps still correlate with the true ones by 0.8 to
    0.9, gamma's by 0.3 to 0.65, epsilon's by 0.02. The composite rule listens to both signs where the reconstruction
    is decided, in the decoder, and is smooth in the encoder. It cancels little, finds defects better than epsilon on
    the bottles and about as well on the washers; but much of its shape is smoothing, and owes nothing to training
    (correlations of 0.5 to 0.75 in size).

    The relevance of one frame's score in a clip goes back through time to all frames that the network saw for it.
    Recurrent layers take part by the same rule, what their gates let through takes all relevance, and the gates none
    (Arras et al. 2017; see `recurrent`).

    The relevance starts from nothing (`baseline` 0); what `residual` shows went to the biases (`bias_share`) and to
    epsilon (`epsilon_share`): score = relevance.sum() + bias_share + epsilon_share.

    >>> from xai_ad import Lrp, load, read_image
    >>> classifier, card = load("washer-bcae1")
    >>> image = read_image("sample_data/washer/test/contamination/006.jpg", card)
    >>> explanation = Lrp().explain(classifier, image)
    >>> round(explanation.residual / explanation.score, 2)  # what the biases took
    -0.43
    """

    rule: LrpRule = member(LrpRule.COMPOSITE)
    epsilon: float = number(1e-4, above=0)
    gamma: float = number(GAMMA, above=0)

    id: ClassVar[str] = "lrp"
    complete: ClassVar[bool] = True
    quick: ClassVar[bool] = True
    title: ClassVar[str] = "LRP"
    sentence: ClassVar[str] = (
        "Which pixels did the network rebuild the wrong places from? "
        "Orange ones led to what it painted there; blue ones, if any, spoke against it."
    )

    def _explain(self, classifier: AnomalyClassifier, image: Image, on_progress: Progress) -> Attribution:
        score = raw_score(classifier, image)
        asked = question(classifier, image)
        found = relevance_of(
            classifier.graph,
            asked.shown,
            classifier.calibration.scoring,
            rule=self.rule,
            epsilon=self.epsilon,
            gamma=self.gamma,
            answer=asked.answer,
            frame=asked.frame,
            on_progress=on_progress,
        )
        relevance = in_window(classifier, found.relevance)[0].sum(dim=-3).cpu().numpy()
        sizes = float(np.abs(relevance).sum(dtype=np.float64))
        findings = Propagation(
            bias_share=float(found.to_bias[0]),
            epsilon_share=float(found.to_epsilon[0]),
            cancellation=sizes / score if score else None,
        )
        return Attribution(
            method=self.id,
            relevance=relevance,
            score=score,
            baseline=0.0,
            evaluations=2,
            findings=findings,
            note=NOT_SEEN if classifier.network.seeds else None,
            warning=_warning(findings, score),
        )


def _warning(findings: Propagation, score: float) -> str | None:
    """Return what to warn of in words, where much of the score reached no pixel or the shares cancel far."""
    if findings.cancellation is None:
        return None
    lost = (findings.bias_share + findings.epsilon_share) / score
    warnings = []
    if findings.cancellation > CANCELLING:
        warnings.append(
            f"Mostly noise: shares for and against, {findings.cancellation:.0f} times the score in all, cancel each "
            "other. Trust the other methods more."
        )
    if abs(lost) > MOSTLY:
        warnings.append(_loss(lost, by_biases=abs(findings.bias_share) >= abs(findings.epsilon_share)))
    return " ".join(warnings) or None


def _loss(lost: float, *, by_biases: bool) -> str:
    """Return in words what kept a share of the score, `lost`, from the map, or added so much to it."""
    taker = "The network's biases" if by_biases else "The rule's stabiliser, epsilon,"
    if lost >= 1:
        return f"{taker} took up the whole score or more: what the map shows does not explain it."
    if lost > 0:
        return f"{taker} took up {lost:.0%} of the score, which the map does not show."
    return f"{taker} spoke against the score: the map's shares come to {1 - lost:.2g} times as much."
