"""How far an explanation can be trusted, at the picture that shows it."""

from xai_ad.explain.base import Explainer
from xai_ad.inspection.cases import Case, known
from xai_ad.inspection.trusting import Trusted, TrustOf, ask_trust, known_trust
from xai_ad.presentation.trust import TrustWords, trust_line
from xai_ad.ui import state
from xai_ad.ui.engine import ENGINE


def ask_for_trust(case: Case, explainer: Explainer) -> Trusted:
    """Return how far the measurement is, and get it under way once the explanation is at hand."""
    return ask_trust(case, explainer, engine=ENGINE, owner=state.owner())


def trust_question(case: Case, explainer: Explainer) -> TrustOf:
    """Return the question that this session keeps asking."""
    return TrustOf(request=case.request(explainer))


def trust_words(case: Case, explainer: Explainer) -> TrustWords | None:
    """Return what is known of an explanation, in words, or None."""
    timed, trust = known(case, explainer), known_trust(case, explainer)
    return None if timed is None or trust is None else trust_line(trust, timed.explanation)
