"""How far an explanation that is at hand can be trusted: asked as work of its own, after the explanation, and kept with it."""

from dataclasses import dataclass
from typing import TypeAlias

from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.errors import Cancelled, ImageError, XaiAdError
from xai_ad.explain.base import Explainer
from xai_ad.explain.trust import Reference, Trust, measure_trust, reference_of
from xai_ad.inspection.cases import Case, CaseKey, case_of, known
from xai_ad.inspection.engines.base import AnyEngine, JobState, JobStatus, Lane
from xai_ad.inspection.request import Request
from xai_ad.inspection.results import BoundedCache
from xai_ad.progress import Progress, silent

Trusted: TypeAlias = JobStatus[Trust]
"""How far the measurement is."""

TRUSTS: BoundedCache[Request, Trust] = BoundedCache(512)
"""What is known of the explanations in `RESULTS`, about a kilobyte each."""
_REFERENCES: BoundedCache[CaseKey, Reference] = BoundedCache(64)
"""What a case's explanations are measured against; all of them share it."""


@dataclass(frozen=True, kw_only=True)
class TrustOf:
    """The question how far the answer to a request can be trusted."""

    request: Request

    def answer(self, progress: Progress) -> Trust:
        """Measure it; raises `ImageError` where the picture was opened, or explained, too long ago."""
        case = case_of(self.request)
        return trust_of(case, self.request.explainer, progress)


def known_trust(case: Case, explainer: Explainer) -> Trust | None:
    """Return what is at hand, or None."""
    return TRUSTS.get(case.request(explainer))


def ask_trust(case: Case, explainer: Explainer, *, engine: AnyEngine, owner: str) -> Trusted:
    """Return how far the measurement is, and get it under way once the explanation is at hand; safe at every poll."""
    if case.is_window:  # what trust is measured by knows single pictures
        return Trusted(state=JobState.IDLE)
    request = case.request(explainer)
    found = TRUSTS.get(request)
    if found is not None:
        return Trusted(state=JobState.DONE, fraction=1.0, result=found)
    if known(case, explainer) is None:
        return Trusted(state=JobState.IDLE)
    try:
        return engine.submit(TrustOf(request=request), owner=owner, lane=Lane.CHECKS)
    except Cancelled:
        return Trusted(state=JobState.STOPPED)
    except XaiAdError as error:
        return Trusted(state=JobState.FAILED, error=str(error))


def trust_of(case: Case, explainer: Explainer, progress: Progress = silent) -> Trust:
    """Measure how far an explanation that is at hand can be trusted, and keep it; what is known is not measured again.

    Raises `ImageError` where the explanation is not at hand, and whatever `progress` raises between two steps.
    """
    request = case.request(explainer)
    found = TRUSTS.get(request)
    if found is not None:
        return found
    timed = known(case, explainer)
    if timed is None:
        raise ImageError(
            "The explanation is no longer at hand: too many others were made since. Run it again."
        )
    progress(0.0)
    classifier, image = case.model.classifier, case.image
    reference = _REFERENCES.get_or(case.key, lambda: reference_of(classifier, image, fastest_execution()))
    progress(0.5)
    return TRUSTS.put(
        request, measure_trust(request.explainer, timed.explanation, classifier, image, reference)
    )
